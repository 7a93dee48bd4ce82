import { CordonError, messageOf } from '../model/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import type { Starter } from '../ports/starter.ts';

type Deps = { readonly records: Records; readonly clock: Clock; readonly starter: Starter };

const atOnce = 100;

/**
 * Starts every run that is due, or that was opened and whose start was lost. One that is at work already is not
 * disturbed: its other turn stops at its first write. Throws, after all were tried, when one could not be started.
 */
export async function sweep({ records, clock, starter }: Deps): Promise<{ readonly started: readonly string[] }> {
  const due = await records.listDue('run', clock.now(), atOnce);
  const starts = await Promise.allSettled(due.map(({ id }) => starter.start(id)));
  const failed = starts.flatMap((start) => (start.status === 'rejected' ? [messageOf(start.reason)] : []));
  if (failed.length > 0)
    throw new CordonError({
      code: 'not-started',
      message: `${failed.length} of ${due.length} runs could not be started: ${failed[0]}`,
      remedy: 'The next sweep tries again.',
      retryable: true,
    });
  return { started: due.map(({ id }) => id) };
}
