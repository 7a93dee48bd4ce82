import type { Starter } from '../../shared/ports/starter.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { sweep } from '../../shared/run/sweep.ts';
import type { Engine } from '../../shared/run/turn.ts';

type Options = {
  readonly engine: Engine;
  /** Hears of every run that could not be carried on; the sweep comes back to it. */
  readonly report: (fault: unknown, runId: string) => void;
  readonly sweepSeconds?: number;
  /** What else is done with every look, beside starting what is due. */
  readonly round?: (starter: Starter, signal: AbortSignal) => Promise<unknown>;
};

/** Carries started runs on in this process, and looks for those that are due. */
export type Runner = {
  readonly starter: Starter;
  /** Starts the runs that are due and not at work, as the runner does by itself every few seconds. */
  look(): Promise<void>;
  /** Resolves when nothing is at work. */
  idle(): Promise<void>;
  /** Stops what is at work at its next wait or call, and waits until it has. */
  close(): Promise<void>;
};

/** A run at work: what wakes it from a wait, and when it is done. */
type Work = { readonly woken: AbortController; readonly done: Promise<void> };

export function createRunner({ engine, report, sweepSeconds = 15, round }: Options): Runner {
  const stop = new AbortController();
  const atWork = new Map<string, Work>();

  const carry = async (runId: string, woken: AbortSignal): Promise<void> => {
    try {
      await carryOn(led, runId, { signal: stop.signal, until: farOff, woken });
    } catch (thrown) {
      if (!stop.signal.aborted) report(thrown, runId);
    }
  };
  const starter: Starter = {
    async start(runId) {
      if (stop.signal.aborted) return;
      const before = atWork.get(runId); // an answer that came meanwhile needs a turn of its own
      before?.woken.abort();
      const woken = new AbortController();
      const done = (before?.done ?? Promise.resolve()).then(() => carry(runId, woken.signal));
      const work = { woken, done };
      atWork.set(runId, work);
      void done.then(() => {
        if (atWork.get(runId) === work) atWork.delete(runId);
      });
    },
  };
  const led: Engine = engine.admission ? { ...engine, admission: { ...engine.admission, starter } } : engine;
  const idle = async (): Promise<void> => {
    while (atWork.size > 0) await Promise.all([...atWork.values()].map(({ done }) => done));
  };
  const look = async (): Promise<void> => {
    const { records, clock, admission } = engine;
    const settings = admission && { running: admission.bound };
    const known = { start: async (runId: string) => void (atWork.has(runId) || (await starter.start(runId))) };
    const sweeps = () => sweep({ records, clock, starter: known, ...(settings && { settings }) });
    try {
      await (round ? round(known, stop.signal) : sweeps());
    } catch (thrown) {
      if (!stop.signal.aborted) report(thrown, '');
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = look();
  }, sweepSeconds * 1_000);
  timer.unref();
  return {
    starter,
    look,
    idle,
    async close() {
      clearInterval(timer);
      stop.abort();
      await Promise.all([looking, idle()]);
    },
  };
}
