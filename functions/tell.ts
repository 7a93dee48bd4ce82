import { deliverNotices, type Senders } from '../shared/report/deliver.ts';
import { sendOutcome } from '../shared/report/publish-outcome.ts';
import { sendWriteBack } from '../shared/report/write-back.ts';
import type { RunDeps } from '../shared/run/deps.ts';
import { log } from './log.ts';

/** What an invocation has for telling; whatever is left goes out with the next one. */
const deadlineMilliseconds = 45_000;

/** Sends what waits in the outbox and is due; what did not go out is logged, without a word of what it says. */
export async function tellPeople(
  deps: Pick<RunDeps, 'records' | 'clock' | 'notifier'>,
  others: Omit<Senders, 'channel'> = {},
  stop?: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMilliseconds);
  const signal = stop ? AbortSignal.any([deadline, stop]) : deadline;
  const { sent, failed, putOff } = await deliverNotices({ ...deps, signal }, others);
  for (const { id, to, state, attempts, problem } of failed)
    log(state === 'given-up' ? 'error' : 'warn', 'a message did not go out', { id, to, state, attempts, problem });
  if (sent + putOff.length > 0) log('info', 'told', { sent, putOff: putOff.length });
}

/** Tells people, the findings' own systems and programs what waits in the outbox. */
export const tellAll = (deps: RunDeps, stop?: AbortSignal): Promise<void> => {
  const deadline = AbortSignal.timeout(deadlineMilliseconds);
  const signal = stop ? AbortSignal.any([deadline, stop]) : deadline;
  const outcome = sendOutcome({ ...deps, publishers: deps.publishers ?? [], signal });
  return tellPeople(deps, { finding: sendWriteBack({ ...deps, signal }), outcome }, stop);
};
