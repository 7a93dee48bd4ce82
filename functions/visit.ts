import * as z from 'zod';
import { later } from '../shared/model/duration.ts';
import { InvalidInput } from '../shared/model/error.ts';
import type { Metrics } from '../shared/ports/metrics.ts';
import { readJournal } from '../shared/records/journal.ts';
import { runMetrics } from '../shared/report/run-metrics.ts';
import { carryOn, comeAgainAt } from '../shared/run/carry-on.ts';
import { type Engine, readRun } from '../shared/run/turn.ts';
import { faultFields, forHost, log } from './log.ts';

/** What starts and wakes a run: its id, and nothing that could be believed in place of the records. */
const RunMessage = z.object({ runId: z.string().regex(/^[a-z2-7]{26}$/) });

/** The run that a message names. Throws `InvalidInput`. */
export function runIdIn(message: unknown): string {
  const parsed = RunMessage.safeParse(message);
  if (parsed.success) return parsed.data.runId;
  throw new InvalidInput({ code: 'bad-run-event', message: 'the message is not { runId }' });
}

/** An invocation stays for waits that end within this time: staying is cheaper than being called again, and sooner. */
const patienceSeconds = 20;
/** Kept back of an invocation's time: enough for one more step and its record. */
const reserveSeconds = 60;
/** Kept back to say where the run stands. */
const endSeconds = 5;

/** Where a run stands after a visit: no more than a host needs to wait for it. */
export const Visit = z.object({
  status: z.enum(['open', 'waiting', 'ended']),
  dueAt: z.string().nullable(),
  waitsFor: z.string().nullable(),
  outcome: z.string().nullable(),
  /** When the host is to come again; null when the run is over. */
  againAt: z.string().nullable(),
});
export type Visit = z.infer<typeof Visit>;

/** An engine, how people are told at once what its runs have put into the outbox, and where runs are measured. */
export type VisitEngine = Engine & { readonly tell?: () => Promise<void>; readonly metrics?: Metrics };

/** What cannot be told now waits in the outbox for the next round: it must not hold the run up. */
async function tellNow({ tell }: VisitEngine): Promise<void> {
  try {
    await tell?.();
  } catch (thrown) {
    log('warn', 'people will be told later', faultFields(thrown));
  }
}

/**
 * Measures a run that has ended in this visit. Two visits that are there at its end may both measure it; one whose
 * journal cannot be read now is not measured.
 */
async function measureEnd({ metrics, records }: VisitEngine, runId: string, since: string): Promise<void> {
  if (!metrics) return;
  try {
    const run = await readRun(records, runId);
    if (!run?.endedAt || run.endedAt < since) return;
    await metrics.put(runMetrics(run, await readJournal(records, runId)), { runId });
  } catch (thrown) {
    log('warn', 'the end of a run was not measured', { runId, ...faultFields(thrown) });
  }
}

/** Carries a run on within an invocation that has so many seconds left: stays for short waits, leaves long ones. */
export const visit = async (...of: Parameters<typeof oneVisit>): Promise<Visit> => {
  try {
    return await oneVisit(...of);
  } catch (thrown) {
    throw forHost(thrown);
  }
};

async function oneVisit(engine: VisitEngine, runId: string, secondsLeft: number): Promise<Visit> {
  const patience = Math.max(0, Math.min(patienceSeconds, secondsLeft - reserveSeconds));
  const signal = AbortSignal.timeout(Math.max(1, secondsLeft - endSeconds) * 1_000);
  const since = engine.clock.now();
  const until = later(since, patience);
  const { status, dueAt, waitsFor, result } = await carryOn(engine, runId, { signal, until });
  if (waitsFor !== null || status === 'ended') await tellNow(engine);
  if (status === 'ended') await measureEnd(engine, runId, since);
  const againAt = comeAgainAt(engine.clock, { status, dueAt });
  return { status, dueAt, waitsFor, outcome: result?.outcome ?? null, againAt };
}
