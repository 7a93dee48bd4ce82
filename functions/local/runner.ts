import type { Starter } from '../../shared/ports/starter.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { sweep } from '../../shared/run/sweep.ts';
import type { Engine } from '../../shared/run/turn.ts';

type Options = {
  readonly engine: Engine;
  /** Hears of every run that could not be carried on; the sweep comes back to it. */
  readonly report: (fault: unknown, runId: string) => void;
  readonly sweepSeconds?: number;
};

/** Carries started runs on in this process, and looks for those that are due. */
export type Runner = {
  readonly starter: Starter;
  /** Resolves when nothing is at work. */
  idle(): Promise<void>;
  /** Stops what is at work at its next wait or call, and waits until it has. */
  close(): Promise<void>;
};

export function createRunner({ engine, report, sweepSeconds = 15 }: Options): Runner {
  const stop = new AbortController();
  const atWork = new Map<string, Promise<void>>();

  const carry = async (runId: string): Promise<void> => {
    try {
      await carryOn(engine, runId, { signal: stop.signal, until: farOff });
    } catch (thrown) {
      if (!stop.signal.aborted) report(thrown, runId);
    }
  };
  const starter: Starter = {
    async start(runId) {
      if (stop.signal.aborted) return;
      const before = atWork.get(runId) ?? Promise.resolve(); // an answer that came meanwhile needs a turn of its own
      const work = before.then(() => carry(runId));
      atWork.set(runId, work);
      void work.then(() => {
        if (atWork.get(runId) === work) atWork.delete(runId);
      });
    },
  };
  const idle = async (): Promise<void> => {
    while (atWork.size > 0) await Promise.all(atWork.values());
  };
  const timer = setInterval(() => {
    const { records, clock } = engine;
    const known = { start: async (runId: string) => void (atWork.has(runId) || (await starter.start(runId))) };
    void sweep({ records, clock, starter: known }).catch((thrown: unknown) => report(thrown, ''));
  }, sweepSeconds * 1_000);
  timer.unref();
  return {
    starter,
    idle,
    async close() {
      clearInterval(timer);
      stop.abort();
      await idle();
    },
  };
}
