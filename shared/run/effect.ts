import type { Json } from '../model/json.ts';

/** Why a piece of work failed, whether trying again makes sense, and whether it may have had an effect all the same. */
export type Fault = {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly indeterminate: boolean;
};
/** What the program gets back: works never throw into it. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** The works a program may ask for: name, input and answer, all JSON. */
export type Signatures = { readonly [work: string]: { readonly input: Json; readonly answer: Json } };

/** Do a piece of work once; its reply is remembered under the key. */
export type Perform = { readonly do: 'perform'; readonly key: string; readonly work: string; readonly input: Json };
/** Do several side by side. */
export type All = { readonly do: 'all'; readonly key: string; readonly of: readonly Effect[] };
/** Go on at an instant. */
export type Sleep = { readonly do: 'sleep'; readonly key: string; readonly until: string };
/** Ask a piece of work again whenever woken, until it answers other than null or the instant has passed. */
export type Await = {
  readonly do: 'await';
  readonly key: string;
  readonly work: string;
  readonly input: Json;
  readonly until: string;
  /** What is waited for, in words. */
  readonly what: string;
};
export type Effect = Perform | All | Sleep | Await;
/** A run as a generator of effects: deterministic, without clock, chance or I/O. */
export type Program<R> = Generator<Effect, R, unknown>;

/** Typed makers of effects over one table of works. */
export const effectsOf = <S extends Signatures>() => ({
  *perform<W extends keyof S & string>(key: string, work: W, input: S[W]['input']): Program<Reply<S[W]['answer']>> {
    const effect: Perform = { do: 'perform', key, work, input };
    return (yield effect) as Reply<S[W]['answer']>; // the interpreter answers with what the work of that name gave
  },
  *waitFor<W extends keyof S & string>(
    key: string,
    work: W,
    input: S[W]['input'],
    until: string,
    what: string,
  ): Program<Reply<S[W]['answer'] | null>> {
    const effect: Await = { do: 'await', key, work, input, until, what };
    return (yield effect) as Reply<S[W]['answer'] | null>; // as above, or null when the instant passed
  },
});

/** Waits until an instant. */
export function* sleep(key: string, until: string): Program<void> {
  yield { do: 'sleep', key, until } satisfies Sleep;
}

/** Runs programs side by side, one round of their effects at a time, so that replay sees the same order. */
export function* together<R>(key: string, programs: readonly Program<R>[]): Program<R[]> {
  const steps: IteratorResult<Effect, R>[] = programs.map((program) => program.next());
  for (let round = 0; steps.some((step) => !step.done); round += 1) {
    const open = steps.flatMap((step, at) => (step.done ? [] : [{ at, effect: step.value }]));
    const effect: All = { do: 'all', key: `${key}#${round}`, of: open.map((one) => one.effect) };
    const replies = (yield effect) as readonly unknown[]; // the interpreter answers `all` with one reply for each
    open.forEach(({ at }, index) => {
      const program = programs[at];
      if (program) steps[at] = program.next(replies[index]);
    });
  }
  return steps.map((step) => step.value as R); // all are done: their values are the results
}

/** Two programs side by side. */
export function* both<A, B>(key: string, first: Program<A>, second: Program<B>): Program<[A, B]> {
  const [a, b] = yield* together<A | B>(key, [first, second]);
  return [a as A, b as B]; // in the order they were given
}
