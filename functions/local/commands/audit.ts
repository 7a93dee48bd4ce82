import { bold, dim, green, inert, red } from '../../../shared/cli/style.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { auditRecords } from '../../../shared/report/audit-records.ts';
import { anchorHeads } from '../../../shared/records/anchors.ts';
import { type AuditReport, verifyAudit } from '../../../shared/records/verify-audit.ts';
import { storyOf } from '../../../shared/run/story.ts';
import { readRun } from '../../../shared/run/turn.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import type { Common } from '../person.ts';

function reportLines({ runs, records, anchors, anchoredUntil, unanchored, problems }: AuditReport): string[] {
  const read = `${records} records of ${runs} runs, ${anchors} anchors`;
  const open = unanchored > 0 ? dim(`${unanchored} records are not anchored yet`) : '';
  const until = dim(anchoredUntil === null ? 'nothing is anchored' : `anchored until ${anchoredUntil}`);
  return [
    ...problems.map(
      ({ code, run, seq, anchor, message }) =>
        `${red('✗')} ${bold(run === undefined ? `anchor ${inert(anchor ?? '')}` : `run ${inert(run)}${seq === undefined ? '' : ` record ${seq}`}`)}  ${inert(message)} ${dim(code)}`,
    ),
    problems.length === 0
      ? `${green('✓')} ${read}: everything is as it was written`
      : `${read}: ${problems.length} problems`,
    [until, open].filter(Boolean).join(', '),
  ];
}

/** Holds the journal against its hashes and its anchors; 1 when anything does not hold. */
export async function verify({ deps, anchor }: Desk, run: string | undefined, { json }: Common): Promise<ExitCode> {
  const report = await verifyAudit({ ...deps, anchor }, run);
  const unknown = run !== undefined && report.records === 0 && report.problems.every((problem) => problem.run !== run);
  if (unknown && !(await readRun(deps.records, run)))
    throw new InvalidInput({
      code: 'no-such-run',
      message: `there is no run ${run}, and no anchor knows of one`,
      remedy: 'List them with `cordon runs`.',
    });
  print(json, report, () => reportLines(report));
  return report.problems.length === 0 ? exit.done : exit.failed;
}

/** Prints the audit records of a run as JSON Lines. */
export async function exportRun({ deps }: Desk, run: string): Promise<ExitCode> {
  for (const record of auditRecords(await storyOf(deps, run))) console.log(JSON.stringify(record));
  return exit.done;
}

/** Puts the heads of journals that have grown into the anchor store now. */
export async function anchorNow({ deps, anchor }: Desk, { json }: Common): Promise<ExitCode> {
  const heads = await anchorHeads({ ...deps, anchor });
  print(json, { heads }, () => [`${heads} journals anchored`]);
  return exit.done;
}
