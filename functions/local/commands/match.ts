import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bold, columns, cyan, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { screen } from '../../../shared/ingest/screen.ts';
import { CordonError, messageOf } from '../../../shared/model/error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { reasons } from '../../../shared/model/reason.ts';
import { asJson } from '../../../shared/model/json.ts';
import { type PlaybookSet, playbookSet } from '../../../shared/playbook/playbook-set.ts';
import { targetsOf } from '../../../shared/run/open.ts';
import { type ReadEvent, readEvents } from '../events.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks, usable } from '../playbooks.ts';
import { type Why, whyLines, whyOf } from './match-why.ts';

export type MatchOptions = { readonly playbooks: readonly string[]; readonly json: boolean; readonly explain: boolean };

type Matched = { readonly playbook: string; readonly targets: readonly string[] };
type Answer = {
  readonly file: string;
  readonly source: string | null;
  readonly finding?: Finding;
  /** Why there is no finding, or why it would only be planned. */
  readonly reason?: string;
  readonly invalid: boolean;
  readonly matched: readonly Matched[];
  readonly why?: readonly Why[];
};

function answersTo(
  { file, event, envelope, source, reading }: ReadEvent,
  playbooks: PlaybookSet,
  wantsWhy: boolean,
): readonly Answer[] {
  if (reading.kind === 'malformed')
    return [{ file, source, reason: `${reading.problem} ${reading.remedy}`, invalid: true, matched: [] }];
  if (reading.kind === 'ignored') return [{ file, source, reason: reading.reason, invalid: false, matched: [] }];
  return reading.findings.map((finding) => {
    const screened = screen(finding, envelope, envelope.time ?? finding.updatedAt, 24);
    const matched = playbooks.matching(finding, event).map((playbook) => ({
      playbook: playbook.id,
      targets: targetsOf(playbook, finding).map(({ id }) => id),
    }));
    return {
      file,
      source,
      finding,
      invalid: false,
      matched,
      ...(screened.act !== 'enforce' && { reason: reasons[screened.reason] }),
      ...(wantsWhy && { why: whyOf(playbooks.all, asJson({ finding, event })) }),
    };
  });
}

function linesOf({ file, source, finding, reason, invalid, matched, why = [] }: Answer): string[] {
  if (!finding) return [`${invalid ? red('✗') : yellow('·')} ${file}`, `    ${inert(reason ?? '')}`];
  const rows = finding.resources.map(({ type, role, name }) => [dim(role), type, inert(name)]);
  return [
    `${green('✓')} ${file}  ${dim(source ?? '')}`,
    `    ${bold(inert(finding.type))}  ${finding.severity}  ${inert(finding.title)}`,
    ...columns(rows, '    '),
    ...(reason ? [`    ${yellow(reason)}`] : []),
    ...(matched.length === 0 ? [`    ${dim('no playbook matches')}`] : []),
    ...matched.map(
      ({ playbook, targets }) =>
        `    ${green('→')} ${cyan(playbook)}  ${dim(targets.map(inert).join(', ') || 'no target it acts on')}`,
    ),
    ...whyLines(why),
  ];
}

/** The event files that a path names: itself, or every JSON file below a folder, in their order. */
export async function filesBelow(path: string): Promise<readonly string[]> {
  if (path === '-' || !(await stat(path).catch(() => undefined))?.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What each event is, and which playbooks it would start; nothing is planned or changed. */
export async function match(paths: readonly string[], options: MatchOptions): Promise<ExitCode> {
  const playbooks = playbookSet(usable(await loadPlaybooks(options.playbooks)));
  const answers: Answer[] = [];
  for (const file of (await Promise.all(paths.map(filesBelow))).flat()) {
    try {
      for (const read of await readEvents(file)) answers.push(...answersTo(read, playbooks, options.explain));
    } catch (thrown) {
      const reason = thrown instanceof CordonError ? thrown.describe() : messageOf(thrown);
      answers.push({ file, source: null, reason, invalid: true, matched: [] });
    }
  }
  print(options.json, answers, () => answers.flatMap(linesOf));
  return answers.some(({ invalid }) => invalid) ? exit.invalid : exit.done;
}
