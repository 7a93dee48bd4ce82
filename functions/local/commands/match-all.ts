import { bold, columns, cyan, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { screen } from '../../../shared/ingest/screen.ts';
import type { Reading, Unread } from '../../../shared/ingest/source.ts';
import { CordonError, messageOf } from '../../../shared/model/error.ts';
import { reasons } from '../../../shared/model/reason.ts';
import { type PlaybookSet, playbookSet } from '../../../shared/playbook/playbook-set.ts';
import { type ReadEvent, readEvents } from '../events.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks, usable } from '../playbooks.ts';
import { filesBelow } from './match.ts';

/** What one message, or one finding in it, comes to. `kind` is a finding's type, or why there is none. */
type Row = {
  readonly file: string;
  readonly source: string | null;
  readonly kind: 'finding' | 'ignored' | 'malformed' | 'unreadable';
  readonly type?: string;
  readonly severity?: string;
  readonly targets?: readonly string[];
  readonly playbooks?: readonly string[];
  readonly reason?: string;
};

const unread = (part: Unread): Pick<Row, 'kind' | 'reason'> =>
  part.kind === 'ignored'
    ? { kind: 'ignored', reason: part.reason }
    : { kind: 'malformed', reason: `${part.problem} ${part.remedy}` };

const restOf = (reading: Reading): readonly Unread[] =>
  reading.kind === 'findings' ? (reading.rest ?? []) : [reading];

function rowsOf({ file, source, event, envelope, reading }: ReadEvent, playbooks: PlaybookSet): readonly Row[] {
  const findings = reading.kind === 'findings' ? reading.findings : [];
  const rows = findings.map((finding): Row => {
    const screened = screen(finding, envelope, envelope.time ?? finding.updatedAt, 24);
    return {
      file,
      source,
      kind: 'finding',
      type: finding.type,
      severity: finding.severity,
      targets: finding.resources.filter(({ role }) => role === 'affected').map(({ type }) => type),
      playbooks: playbooks.matching(finding, event).map(({ id }) => id),
      ...(screened.act !== 'enforce' && { reason: reasons[screened.reason] }),
    };
  });
  return [...rows, ...restOf(reading).map((part): Row => ({ file, source, ...unread(part) }))];
}

/** Every message of a file; a file that is no event is a row too. */
async function rowsIn(file: string, playbooks: PlaybookSet): Promise<readonly Row[]> {
  try {
    return (await readEvents(file)).flatMap((read) => rowsOf(read, playbooks));
  } catch (thrown) {
    const reason = thrown instanceof CordonError ? thrown.describe() : messageOf(thrown);
    return [{ file, source: null, kind: 'unreadable', reason }];
  }
}

const marks = { finding: green('✓'), ignored: dim('·'), malformed: yellow('!'), unreadable: red('✗') } as const;

const longest = 110;
const longestName = 64;
const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
/** The end of a path tells more than its beginning. */
const cutPath = (path: string): string => (path.length > longestName ? `…${path.slice(1 - longestName)}` : path);

function lineOf({ file, source, kind, type = '', severity = '', playbooks = [], reason = '' }: Row): string[] {
  const said = kind === 'finding' ? `${inert(type)} ${dim(severity)}` : dim(inert(cut(reason)));
  const will = playbooks.length > 0 ? cyan(playbooks.join(', ')) : '';
  const held = kind === 'finding' && reason !== '' ? yellow(reason) : '';
  return [
    `${marks[kind]} ${inert(cutPath(file))}`,
    source ?? dim('none'),
    [said, will, held].filter(Boolean).join('  '),
  ];
}

/** How many there are of each word, most first. */
function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([word, count]) => `${count} ${word}`).join(', ');
}

/**
 * Every event below some folders in one table: file, source, and the finding it makes or the reason why none. What is
 * no event is said and is no failure; nothing is planned or changed.
 */
export async function matchAll(
  paths: readonly string[],
  options: { readonly playbooks: readonly string[]; readonly json: boolean },
): Promise<ExitCode> {
  const playbooks = playbookSet(usable(await loadPlaybooks(options.playbooks)));
  const rows: Row[] = [];
  for (const file of (await Promise.all(paths.map(filesBelow))).flat()) rows.push(...(await rowsIn(file, playbooks)));
  const found = rows.filter(({ kind }) => kind === 'finding');
  print(options.json, rows, () => [
    ...columns([[bold('  file'), bold('source'), bold('finding or reason')], ...rows.map(lineOf)]),
    '',
    `${bold(`${rows.length} messages`)}: ${tally(rows.map(({ kind }) => kind))}`,
    dim(`findings by source: ${tally(found.map(({ source }) => source ?? '')) || 'none'}`),
  ]);
  return exit.done;
}
