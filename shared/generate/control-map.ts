import { readdir, readFile } from 'node:fs/promises';
import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import { isPortable } from '../action/portable.ts';
import { InvalidInput } from '../model/error.ts';
import { type Playbook, placedSteps } from '../model/playbook.ts';
import { readPlaybook } from '../playbook/parse.ts';
import { d3fendVersion, techniqueOf } from '../report/d3fend.ts';
import { attackNames } from './attack.ts';
import { type Applies, type Control, controls } from './controls.ts';
import type { Generated } from './generated.ts';
import { page, table } from './reference.ts';

/** One playbook in the words of ATT&CK, D3FEND and those who audit. */
export type Mapped = {
  readonly playbook: string;
  readonly title: string;
  readonly attack: readonly string[];
  readonly d3fend: readonly string[];
  readonly controls: readonly string[];
};

/** Kinds of targets behind which personal data may lie. */
const holdsData = /^(aws\.s3\.|azure\.storage\.|aws\.iam\.|azure\.entra\.)/;

const applies: Readonly<Record<Applies, (actions: readonly Action[]) => boolean>> = {
  every: () => true,
  reversible: (actions) => actions.some(({ irreversible, keeps }) => !irreversible && !keeps),
  evidence: () => true, // the journal is evidence of every run
  data: (actions) => actions.some(({ target }) => holdsData.test(target)),
};

/** The actions that a playbook may come to; a verb may come to any action behind it. */
const actionsOf = (playbook: Playbook, all: readonly Action[]): readonly Action[] => {
  const asked = placedSteps(playbook).map(({ step }) => step.action);
  return all.filter(({ id, portable }) =>
    asked.some((name) => name === id || (isPortable(name) && portable?.verb === name)),
  );
};

const nameOf = ({ standard, id }: Control): string => `${standard} ${id}`;

/** What one playbook maps to. */
export function mapped(playbook: Playbook, all: readonly Action[]): Mapped {
  const actions = actionsOf(playbook, all);
  return {
    playbook: playbook.id,
    title: playbook.title,
    attack: playbook.maps?.attack ?? [],
    d3fend: [...new Set(actions.map(({ d3fend }) => d3fend))].sort(),
    controls: controls.filter((control) => applies[control.applies](actions)).map(nameOf),
  };
}

/** The playbooks of a folder, in order. Throws `InvalidInput` where one cannot be read. */
async function playbooksIn(folder: URL): Promise<readonly Playbook[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return texts.map((text, at) => {
    const { read, problems } = readPlaybook(text, names[at] ?? '');
    if (read) return read.playbook;
    throw problems[0] ?? new InvalidInput({ code: 'bad-playbook', message: `${names[at]} cannot be read` });
  });
}

/** How many playbooks a control counts on. */
const countOf = (control: Control, all: readonly Mapped[]): string => {
  const count = all.filter((one) => one.controls.includes(nameOf(control))).length;
  return count === all.length ? 'all' : String(count);
};

const attackLink = (id: string): string =>
  `[${id}](https://attack.mitre.org/techniques/${id.replace('.', '/')}/) ${attackNames[id] ?? ''}`.trim();

const lines = (all: readonly Mapped[]): readonly string[] => [
  '# Control map',
  '',
  'What Cordon has to show for controls that auditors ask about, and the command that shows it. Whether a control is met is',
  'for them to say: Cordon covers the part of it that is containment in the cloud.',
  '',
  ...table(
    ['control', 'asks', 'evidence that Cordon gives', 'command', 'playbooks'],
    controls.map((one) => [nameOf(one), one.asks, one.evidence, `\`${one.command}\``, countOf(one, all)]),
  ),
  '',
  'A control counts for a playbook as follows: CC7.5 where something can be taken back, Art. 33 where identities or stored data',
  'are the target, all others always.',
  '',
  '## Playbooks',
  '',
  `Techniques of ATT&CK as each playbook names them, techniques of D3FEND (${d3fendVersion}) as its actions declare them.`,
  '',
  ...table(
    ['playbook', 'answers (ATT&CK)', 'by (D3FEND)'],
    all.map(({ playbook, attack, d3fend }) => [
      `\`${playbook}\``,
      attack.map(attackLink).join(', '),
      d3fend.map((id) => `${id} ${techniqueOf(id).name}`).join(', ') || 'a person decides',
    ]),
  ),
];

/** The control map as a page, and for machines. */
export async function controlMap(root: URL, catalogue: Catalogue): Promise<readonly Generated[]> {
  const actions = await Promise.all(Object.values(catalogue).map(({ load }) => load()));
  const all = (await playbooksIn(new URL('playbooks/', root))).map((playbook) => mapped(playbook, actions));
  const json = { d3fend: d3fendVersion, controls, playbooks: all };
  return [
    page('controls.md', lines(all)),
    { path: 'shared/reference/controls.json', text: `${JSON.stringify(json, null, 2)}\n` },
  ];
}
