import { containedLines, holdLines } from '../../../shared/cli/show-contained.ts';
import { dim, green } from '../../../shared/cli/style.ts';
import { holds as onHold, liftHolds } from '../../../shared/records/holds.ts';
import { containedNow } from '../../../shared/run/contained-now.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type Common, personAt } from '../person.ts';
import { runNamed } from '../run-named.ts';

/** What is cut off now: why, by whom, until when. */
export async function contained(desk: Desk, { json }: Common): Promise<ExitCode> {
  const all = await containedNow(desk.deps);
  print(json, all, () => containedLines(all));
  return exit.done;
}

/** What was released and is not contained again by the same finding. */
export async function holds(desk: Desk, { json }: Common): Promise<ExitCode> {
  const all = await onHold(desk.deps.records);
  print(json, all, () => holdLines(all));
  return exit.done;
}

/** Lets the finding of a released run count again. */
export async function unhold(
  desk: Desk,
  runId: string,
  { json, as }: Common & { readonly as?: string },
): Promise<ExitCode> {
  const { caller, id } = personAt(desk, as);
  const { order } = await runNamed(desk, caller, 'run', runId);
  const lifted = await liftHolds(desk.deps.records, order.id, id, desk.clock.now());
  print(json, { run: order.id, lifted }, () => [
    lifted === 0
      ? dim('nothing was on hold for this run')
      : `${green('lifted')} ${lifted} of run ${order.id}: its finding counts again`,
  ]);
  return exit.done;
}
