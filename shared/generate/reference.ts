import * as z from 'zod';
import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import { sources } from '../ingest/sources.ts';
import { ocsfMapping, ocsfVersion } from '../model/finding.ts';
import { asJson, canonical } from '../model/json.ts';
import { outcomes } from '../model/outcome.ts';
import type { Generated } from './generated.ts';

const made = '<!-- Made by `npm run generate`; do not edit. -->';
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
/** A table in Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
];
/** One generated page of the reference. */
export const page = (path: string, lines: readonly string[]): Generated => ({
  path: `shared/reference/${path}`,
  text: `${[made, '', ...lines].join('\n')}\n`,
});

const inputText = (schema: unknown): string => (schema instanceof z.ZodType ? (schema.description ?? '') : '');

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
    input,
    portable,
  } = action;
  const grants = (list: Action['permissions']['read']) =>
    list.map(
      ({ allow, on, when }) => `- \`${allow}\` on \`${on}\`${when ? ` where \`${canonical(asJson(when))}\`` : ''}`,
    );
  const back =
    irreversible ??
    keeps ??
    (restores ? 'Only on purpose and with a second person: it hands credentials out again.' : 'The changes exchanged.');
  return [
    `## ${id}`,
    '',
    `${title}. Target: \`${target}\`. D3FEND: ${d3fend}. Settles in ${settles.seconds} s.`,
    ...(portable
      ? ['', `Portable: \`${portable.verb}\`${portable.where ? ` where \`${canonical(portable.where)}\`` : ''}.`]
      : []),
    '',
    `Way back: ${back}`,
    '',
    ...(cautions.length > 0 ? [...cautions.map((caution) => `- ${caution}`), ''] : []),
    ...Object.entries(input.shape).map(([name, schema]) => `- \`${name}\`: ${inputText(schema)}`),
    '',
    'As an example:',
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

/** Outcomes of runs. */
export const outcomeReference = (): Generated =>
  page('outcomes.md', [
    '# Outcomes',
    '',
    ...table(
      ['outcome', 'meaning'],
      Object.entries(outcomes).map(([word, meaning]) => [`\`${word}\``, meaning]),
    ),
  ]);
