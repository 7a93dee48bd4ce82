import { LostTurn } from '../records/journal.ts';
import { type Engine, readRun, type Standing, turn } from './turn.ts';

/** How long one invocation stays with a run. */
export type Patience = {
  readonly signal: AbortSignal;
  /** A wait that ends later than this instant is left to the sweep. */
  readonly until: string;
};

/** For those who wait as long as it takes. */
export const farOff = '9999-12-31T00:00:00.000Z';

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

/** Carries a run on through its short waits; answers when it has ended, waits for a person, or waits longer than patience. */
export async function carryOn(engine: Engine, runId: string, { signal, until }: Patience): Promise<Standing> {
  for (;;) {
    const { lost, status, dueAt, waitsFor, result } = await oneTurn(engine, runId, signal);
    const standing: Standing = { status, dueAt, waitsFor, result };
    if (lost || dueAt === null || waitsFor !== null || dueAt > until) return standing;
    const seconds = (Date.parse(dueAt) - Date.parse(engine.clock.now())) / 1_000;
    if (seconds > 0) await engine.clock.sleep(seconds, signal);
  }
}
