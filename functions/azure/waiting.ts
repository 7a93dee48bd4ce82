import * as z from 'zod';
import { Json } from '../../shared/model/json.ts';
import type { PutMessage } from '../../shared/adapters/azure/queues.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { faultFields, log } from '../log.ts';

/** Where messages wait that could not be taken now. */
export type Waiting = { readonly clock: Pick<Clock, 'now'>; readonly put: PutMessage };

/** A message that has waited: since when, and as it came. */
const Waited = z.strictObject({ 'cordon-waiting-since': z.iso.datetime(), entry: Json });

/** A message waits as long again as it has waited, within these. */
const leastSeconds = 30;
const mostSeconds = 900;

/**
 * Takes a message of a queue, or puts it back to come again later: the host itself tries `maxDequeueCount` times, which
 * is half an hour, and what it then leaves in a poison queue it forgets (learn.microsoft.com/azure/azure-functions,
 * "Poison messages"). A message that waits does not expire. Throws only where it cannot be put back; then the host's
 * own tries are what is left.
 */
export async function orLater(
  { clock, put }: Waiting,
  queue: string,
  message: Json,
  take: (entry: Json, waitedSeconds: number) => Promise<void>,
): Promise<void> {
  const now = clock.now();
  const { data: waited } = Waited.safeParse(message);
  const since = waited?.['cordon-waiting-since'] ?? now;
  const entry = waited ? waited.entry : message;
  const waitedSeconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(since)) / 1_000));
  try {
    await take(entry, waitedSeconds);
  } catch (thrown) {
    log('error', 'a message waits', { queue, waitedSeconds, ...faultFields(thrown) });
    const afterSeconds = Math.min(Math.max(waitedSeconds, leastSeconds), mostSeconds);
    await put(queue, { 'cordon-waiting-since': since, entry }, afterSeconds);
  }
}
