/** Chooses among so many; the same seed makes the same choices (mulberry32). */
export type Choice = (among: number) => number;

export function seeded(seed: number): Choice {
  let state = seed >>> 0;
  return (among) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % among;
  };
}

type Waiting = { readonly who: string; readonly what: string; go(): void };
type Sleeping = { readonly until: number; go(): void };

/** Decides at every call to the outside which of several goes on. Time passes only when nobody else can. */
export type Scheduler = {
  readonly milliseconds: number;
  /** Waits until it is this one's turn. */
  gate(who: string, what: string): Promise<void>;
  sleepUntil(milliseconds: number): Promise<void>;
  /** Goes on until all are done; answers with the order in which they went. */
  run(tasks: readonly Promise<unknown>[]): Promise<readonly string[]>;
};

/** Everything that can go on without the outside has gone on: ticks come after all promises that are settled. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * One half of the seeds lets anybody go at any time; the other prefers one until it changes its mind, which finds
 * what needs one to overtake another by far (Burckhardt et al., "A randomized scheduler with probabilistic guarantees
 * of finding bugs").
 */
function picker(choose: Choice): (waiting: readonly Waiting[]) => number {
  if (choose(2) === 0) return ({ length }) => choose(length);
  const ranks = new Map<string, number>();
  const rankOf = (who: string): number => {
    if (!ranks.has(who)) ranks.set(who, choose(1_000));
    return ranks.get(who) ?? 0;
  };
  return (waiting) => {
    let first = 0;
    for (const [at, { who }] of waiting.entries()) if (rankOf(who) > rankOf(waiting[first]?.who ?? '')) first = at;
    if (choose(12) === 0) ranks.set(waiting[first]?.who ?? '', -choose(1_000));
    return first;
  };
}

export function createScheduler(start: string, choose: Choice): Scheduler {
  let now = Date.parse(start);
  let waiting: Waiting[] = [];
  let sleeping: Sleeping[] = [];
  const pick = picker(choose);
  const wake = (): void => {
    now = Math.max(now, Math.min(...sleeping.map(({ until }) => until)));
    const awake = sleeping.filter(({ until }) => until <= now);
    sleeping = sleeping.filter(({ until }) => until > now);
    for (const { go } of awake) go();
  };
  return {
    get milliseconds() {
      return now;
    },
    gate: (who, what) => new Promise((go) => void waiting.push({ who, what, go })),
    sleepUntil: (until) => new Promise((go) => void sleeping.push({ until, go })),
    async run(tasks) {
      const path: string[] = [];
      let left = tasks.length;
      const count = (): void => {
        left -= 1;
      };
      for (const task of tasks) task.then(count, count);
      for (await settled(); left > 0; await settled()) {
        const next = waiting.length > 0 ? waiting[pick(waiting)] : undefined;
        if (next) {
          waiting = waiting.filter((one) => one !== next);
          path.push(`${next.who} ${next.what}`);
          next.go();
        } else if (sleeping.length > 0) wake();
        else throw new Error(`nobody can go on after ${path.slice(-20).join(', ')}`);
      }
      return path;
    },
  };
}
