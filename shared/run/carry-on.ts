import { later } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';
import { LostTurn } from '../records/journal.ts';
import { type Engine, readRun, type Standing, turn } from './turn.ts';

/** How long one invocation stays with a run. */
export type Patience = {
  readonly signal: AbortSignal;
  /** A wait that ends later than this instant is left to the host. */
  readonly until: string;
  /** Ends it at the next wait: somebody else comes, who has heard of something that the run may wait for. */
  readonly woken?: AbortSignal;
};

/** For those who wait as long as it takes. */
export const farOff = '9999-12-31T00:00:00.000Z';

/** After this long a run is looked at again, whatever it waits for: the timers of every host reach as far. */
const longestSeconds = 86_400;
/** Another turn is at work: when it is looked at again. */
const busySeconds = 15;

/** When a host looks at a run again: in the future, and never later than a day; null when the run is over. */
export function comeAgainAt(clock: Clock, { status, dueAt }: Pick<Standing, 'status' | 'dueAt'>): string | null {
  if (status === 'ended') return null;
  const now = clock.now();
  const latest = later(now, longestSeconds);
  if (dueAt === null || dueAt > latest) return latest;
  return dueAt > now ? dueAt : later(now, busySeconds);
}

/** One turn; where another turn is at work, the run as it stands. */
async function oneTurn(engine: Engine, runId: string, signal: AbortSignal): Promise<Standing & { lost: boolean }> {
  try {
    return { ...(await turn(engine, runId, signal)), lost: false };
  } catch (thrown) {
    const run = thrown instanceof LostTurn ? await readRun(engine.records, runId) : undefined;
    if (!run) throw thrown;
    return { ...run, lost: true };
  }
}

/** Waits until an instant, and never longer than a timer reaches; false when woken. */
async function waitUntil({ clock }: Engine, dueAt: string, { signal, woken }: Patience): Promise<boolean> {
  const seconds = (Date.parse(dueAt) - Date.parse(clock.now())) / 1_000;
  try {
    const either = woken ? AbortSignal.any([signal, woken]) : signal;
    if (seconds > 0) await clock.sleep(Math.min(seconds, longestSeconds), either);
  } catch (thrown) {
    if (signal.aborted || !woken?.aborted) throw thrown;
  }
  return !woken?.aborted;
}

/** Carries a run on through its short waits; answers when it has ended, waits for a person, or waits longer than patience. */
export async function carryOn(engine: Engine, runId: string, patience: Patience): Promise<Standing> {
  for (;;) {
    const { lost, status, dueAt, waitsFor, result } = await oneTurn(engine, runId, patience.signal);
    const standing: Standing = { status, dueAt, waitsFor, result };
    if (lost || dueAt === null || waitsFor !== null || dueAt > patience.until) return standing;
    if (!(await waitUntil(engine, dueAt, patience))) return standing;
  }
}
