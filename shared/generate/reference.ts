import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import { sources } from '../ingest/recognise.ts';
import { ocsfMapping, ocsfVersion } from '../model/finding.ts';
import { outcomes } from '../model/outcome.ts';
import { reasons } from '../model/reason.ts';
import type { Generated } from './generated.ts';

const made = '<!-- Made by `npm run generate`; do not edit. -->';
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
];
const page = (path: string, lines: readonly string[]): Generated => ({
  path: `shared/reference/${path}`,
  text: `${[made, '', ...lines].join('\n')}\n`,
});

function actionLines(action: Action): string[] {
  const {
    id,
    title,
    target,
    d3fend,
    permissions,
    settles,
    irreversible,
    keeps,
    restores,
    cautions = [],
    examples,
  } = action;
  const grants = (list: Action['permissions']['read']) => list.map(({ allow, on }) => `- \`${allow}\` on \`${on}\``);
  const back =
    irreversible ??
    keeps ??
    (restores ? 'Only on purpose and with a second person: it hands credentials out again.' : 'The changes exchanged.');
  return [
    `## ${id}`,
    '',
    `${title}. Target: \`${target}\`. D3FEND: ${d3fend}. Settles in ${settles.seconds} s.`,
    '',
    `Way back: ${back}`,
    '',
    ...(cautions.length > 0 ? [...cautions.map((caution) => `- ${caution}`), ''] : []),
    'Inputs, as an example:',
    '',
    '```json',
    JSON.stringify(examples[0], null, 2),
    '```',
    '',
    'Reader:',
    '',
    ...grants(permissions.read),
    '',
    'Writer:',
    '',
    ...grants(permissions.write),
    '',
  ];
}

/** Every action: what it changes, what it needs, how it is taken back. */
export async function actionReference(catalogue: Catalogue): Promise<Generated> {
  const actions = await Promise.all(Object.values(catalogue).map(({ load }) => load()));
  const rows = actions.map(({ id, title, target, d3fend }) => [
    `[${id}](#${id.replaceAll('.', '')})`,
    title,
    `\`${target}\``,
    d3fend,
  ]);
  return page('actions.md', [
    '# Actions',
    '',
    ...table(['id', 'what it does', 'target', 'D3FEND'], rows),
    '',
    ...actions.flatMap(actionLines),
  ]);
}

/** Every source of alerts: how it arrives, what identifies it, what an attacker can forge. */
export const sourceReference = (): Generated =>
  page('sources.md', [
    '# Sources',
    '',
    `A message becomes a \`Finding\`, mapped to OCSF ${ocsfVersion} Detection Finding (class 2004).`,
    '',
    ...table(
      [
        'source',
        'delivery',
        'same finding when',
        'read again before acting',
        'sample marker',
        'an attacker can choose',
        'vendor page',
      ],
      sources.map(({ title, delivery, identity, confirm, sampleMarker, forgeable, reference }) => [
        title,
        delivery,
        identity,
        confirm,
        sampleMarker,
        forgeable.join(', '),
        reference,
      ]),
    ),
    '',
    '## Finding and OCSF',
    '',
    ...table(
      ['Finding', 'OCSF'],
      Object.entries(ocsfMapping).map(([field, path]) => [`\`${field}\``, `\`${path}\``]),
    ),
  ]);

/** Outcomes of runs and the reasons for which Cordon does less than it could. */
export const wordReference = (): Generated =>
  page('outcomes-and-reasons.md', [
    '# Outcomes and reasons',
    '',
    ...table(
      ['outcome', 'meaning'],
      Object.entries(outcomes).map(([word, meaning]) => [`\`${word}\``, meaning]),
    ),
    '',
    ...table(
      ['reason', 'meaning'],
      Object.entries(reasons).map(([word, meaning]) => [`\`${word}\``, meaning]),
    ),
  ]);
