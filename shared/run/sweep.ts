import type { Settings } from '../config/settings.ts';
import { later } from '../model/duration.ts';
import { CordonError, messageOf } from '../model/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import type { Starter } from '../ports/starter.ts';
import { freedRuns } from './halt.ts';
import { clearQueue, firstInQueue, heldBack } from '../records/admission.ts';

type Deps = {
  readonly records: Records;
  readonly clock: Clock;
  readonly starter: Starter;
  readonly settings?: Pick<Settings, 'running'>;
};

const atOnce = 100;
/** A run that has gone on for so long without an end or a question stands in the way of others. */
const stuckSeconds = 86_400;

/** The runs that were held back and may go on now: whoever made room for them could not start them. */
async function letIn({ records, clock, settings }: Deps): Promise<readonly string[]> {
  if (!settings) return [];
  const first = await firstInQueue(records, settings.running);
  await clearQueue(records, first, later(clock.now(), -stuckSeconds));
  return heldBack(first);
}

/**
 * Starts every run that is due, that was opened and whose start was lost, that was held back and has room now, or that
 * no kill switch holds back any more. One that is at work already is not
 * disturbed: its other turn stops at its first write. Throws, after all were tried, when one could not be started.
 */
export async function sweep(deps: Deps): Promise<{ readonly started: readonly string[] }> {
  const { records, clock, starter } = deps;
  const [listed, held, freed] = await Promise.all([
    records.listDue('run', clock.now(), atOnce),
    letIn(deps),
    freedRuns(deps),
  ]);
  const due = [...new Set([...listed.map(({ id }) => id), ...held, ...freed])];
  const starts = await Promise.allSettled(due.map((id) => starter.start(id)));
  const failed = starts.flatMap((start) => (start.status === 'rejected' ? [messageOf(start.reason)] : []));
  if (failed.length > 0)
    throw new CordonError({
      code: 'not-started',
      message: `${failed.length} of ${due.length} runs could not be started: ${failed[0]}`,
      remedy: 'The next sweep tries again.',
      retryable: true,
    });
  return { started: due };
}
