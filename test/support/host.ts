import { setImmediate } from 'node:timers/promises';
import type { Starter } from '../../shared/ports/starter.ts';
import type { Engine } from '../../shared/run/turn.ts';
import { type Death, type Lasting, processOn } from './killing.ts';

/** One version of the code: what it makes of the engine that every version has. */
export type Version = (engine: Engine) => Engine;

/** A host of runs as the contract sees it: what starts it, what it waits for by itself, and what may befall it. */
export type Host = {
  readonly starter: Starter;
  /** Does everything that can be done now. */
  settle(): Promise<void>;
  /** Moves the clock to the next instant at which the host itself comes back; false where there is none until then. */
  pass(until: string): Promise<boolean>;
  /** From now on another version of the code serves. */
  deploy(version: Version): void;
  /** Loses all that the host remembers beside the records. */
  forget(): void;
  /** How often the host has written something down, for itself or for a run. */
  readonly checkpoints: number;
  close(): Promise<void>;
};

export type HostOptions = {
  readonly version?: Version;
  /** Where the process dies, counted in checkpoints. */
  readonly death?: Death;
};
export type OpenHost = (on: Lasting, options?: HostOptions) => Promise<Host>;

/** A process that can be killed: nothing that it called before comes back, and nothing that it calls reaches anybody. */
export type Process = {
  readonly engine: Engine;
  /** Never resolves while the process lives. */
  readonly dead: Promise<'dead'>;
  readonly alive: boolean;
  kill(): void;
};

/** A process that serves with one version of the code; its writes and calls go through `write`. */
export function startProcess(
  on: Lasting,
  version: Version = (engine) => engine,
  write: <T>(effect: () => Promise<T>) => Promise<T> = (effect) => effect(),
): Process {
  const dead = Promise.withResolvers<'dead'>();
  let alive = true;
  const never = () => new Promise<never>(() => {});
  const one = processOn(on, async (effect) => {
    await setImmediate(); // no call is answered in the turn of the event loop that makes it
    if (!alive) return never();
    const answer = await write(effect);
    return alive ? answer : never();
  });
  return {
    engine: version(one.engine),
    dead: dead.promise,
    get alive() {
      return alive;
    },
    kill() {
      alive = false;
      dead.resolve('dead');
    },
  };
}

/** Whether the process that writes lives on, or dies before or after it has written. */
export type Fate = 'lives' | 'dies-before' | 'dies-after';

/** Counts what is written down, and says at which one the process dies. */
export type Mortality = { readonly count: number; next(): Fate };

export function mortality(death: Death | undefined): Mortality {
  let count = 0;
  return {
    get count() {
      return count;
    },
    next() {
      count += 1;
      if (count !== death?.at) return 'lives';
      return death.after ? 'dies-after' : 'dies-before';
    },
  };
}
