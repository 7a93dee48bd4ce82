import { readRun, type Standing, turn } from '../../shared/run/turn.ts';
import type { Engine } from '../../shared/run/turn.ts';

type Passing = { readonly now: () => string; readonly moveTo: (instant: string, signal: AbortSignal) => Promise<void> };

/** Calls `turn` until the run ends or only a person can move it. `time` lets the waits pass. */
export async function drive(engine: Engine, runId: string, time: Passing, signal: AbortSignal): Promise<Standing> {
  for (;;) {
    const standing = await turn(engine, runId, signal);
    if (standing.status === 'ended' || standing.waitsFor !== null || standing.dueAt === null) return standing;
    await time.moveTo(standing.dueAt, signal);
  }
}

/** The state of a run after driving it. */
export async function driven(engine: Engine, runId: string, time: Passing, signal: AbortSignal) {
  await drive(engine, runId, time, signal);
  return readRun(engine.records, runId);
}
