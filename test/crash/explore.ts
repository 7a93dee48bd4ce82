import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { type Allowance, checkOnTheWay, checkWorld, type Witness } from './check-world.ts';
import { type Boundary, processOn, Stuck, work } from './process.ts';
import { type Fault, noFault } from './faults.ts';
import { peopleAgree, type Story } from './stories.ts';
import { entriesOf, forked, isChange, nameOf, type World } from './world.ts';

/** Where a process could have died: the world as it would have left it, and the call that came to nothing. */
export type Death = { readonly at: string; readonly world: World };

/** A process that came to rest, or to where it is known how it ends. */
type Life = {
  readonly world: World;
  readonly witness: Witness;
  /** How many calls it made: it could have died before and after each. */
  readonly calls: number;
  /** Where it could have died, but for places that leave the same world as the one before. */
  readonly deaths: readonly Death[];
  /** The worlds it went through between two rounds, by name, and how many calls it had made then. */
  readonly passed: readonly { readonly name: string; readonly calls: number; readonly world: World | undefined }[];
  /** The known world that it came to, if it did not go on to the end. */
  readonly known: string | undefined;
};

/** Says what must not be as it happens: a change that no durable intent covers. */
export function watchIntents(world: World, seen: string[]): void {
  const isOpen = (runId: string): boolean => {
    const last = new Map<string, boolean>();
    for (const entry of entriesOf(world, runId))
      if (entry.type === 'intent' || entry.type === 'applied') last.set(entry.step, entry.type === 'intent');
    return [...last.values()].some(Boolean);
  };
  world.sandbox.recorder.onCall((call) => {
    if (isChange(call) && !world.store.all('run').some(({ id }) => isOpen(id)))
      seen.push(`I4: ${call.operation} ${call.resource} without a durable intent`);
  });
}

/** What of a world changes with whatever a process does to it; the calls that only read leave it as it is. */
const stampOf = ({ sandbox, store, inbox }: World): string =>
  [store.writes, sandbox.clock.milliseconds, inbox.length, sandbox.recorder.calls.filter(isChange).length].join(' ');

type Wishes = {
  readonly fault: Fault;
  /** Which process it is: the first one's is 0. */
  readonly nth: number;
  /** Whether to note where it could have died. */
  readonly deaths?: boolean;
  /** Whether it is known how a world of that name goes on. */
  readonly isKnown?: (name: string) => boolean;
};

/** A world under a fault, by name. */
export const nameUnder = (fault: Fault, world: World): string => `${fault.mark(world)} ${nameOf(world)}`;

/** One process over a world, to its rest. */
export async function live(story: Story, world: World, wishes: Wishes): Promise<Life> {
  const { fault, nth, deaths = false, isKnown = () => false } = wishes;
  const found: Death[] = [];
  const passed: { name: string; calls: number; world: World | undefined }[] = [];
  const seen: string[] = [];
  const before = world.sandbox.recorder.calls.length;
  let [calls, stamp] = [0, stampOf(world)];
  let known: string | undefined;
  const notice = (at: string): void => {
    if (!deaths) return;
    const now = stampOf(world);
    if (now === stamp) return;
    stamp = now;
    found.push({ at, world: forked(world) });
  };
  const boundary: Boundary = async (call, effect) => {
    calls += 1;
    const which = `call ${calls} (${call})`;
    notice(`before ${which}`);
    const answer = await effect();
    notice(`after ${which}`);
    return answer;
  };
  watchIntents(world, seen);
  const process = processOn(world, story.playbook, boundary, fault.clock(world, nth));
  const enough = (): boolean => {
    const name = nameUnder(fault, world);
    if (isKnown(name)) known = name;
    passed.push({ name, calls, world: deaths ? forked(world) : undefined });
    return known !== undefined;
  };
  try {
    do await work(process, enough);
    while (known === undefined && (await peopleAgree(world)));
  } catch (thrown) {
    if (!(thrown instanceof Stuck)) throw thrown;
    seen.push(thrown.message);
  }
  const made: readonly RecordedCall[] = world.sandbox.recorder.calls.slice(before);
  return { world, calls, deaths: found, passed, known, witness: { survived: made.filter(isChange), seen } };
}

/** A schedule after which something was not as it must be. */
export type Failure = {
  readonly story: string;
  readonly fault: string;
  readonly killed: readonly string[];
  readonly problems: readonly string[];
};

export type Found = {
  readonly story: string;
  readonly fault: string;
  /** Calls of the first process: it could have died before and after each. */
  readonly boundaries: number;
  /** Pairs of boundaries of the first process and the one that takes over. */
  readonly pairs: number;
  /** How many different worlds they leave, each carried on by a process of its own. */
  readonly schedules: number;
  readonly failures: readonly Failure[];
};

/** What is known of a story so far. */
export type Knowledge = {
  /** How it goes without faults. */
  readonly fine: World;
  /** Worlds that end well. */
  readonly proven: Set<string>;
  /** Those of which every death further on has been tried too, and how many calls a process makes from there. */
  readonly explored: Map<string, number>;
};

/** Nothing but how the story goes. */
export const beginning = async (story: Story): Promise<Knowledge> => ({
  fine: await fineOf(story),
  proven: new Set(),
  explored: new Map(),
});

/** Lives a story without faults. */
const fineOf = async (story: Story): Promise<World> =>
  (await live(story, await story.begin(), { fault: noFault, nth: 0 })).world;

const verdict = (fine: World, { world, witness, known }: Life, allowance: Allowance): Promise<readonly string[]> =>
  known !== undefined ? checkOnTheWay(fine, world, witness, allowance) : checkWorld(fine, world, witness, allowance);

/**
 * Kills a story's process at every boundary and, where pairs are wanted, the process that takes over at every one of its
 * own, under one fault. A world that is known to end well is not carried to its end again.
 */
export async function explore(
  story: Story,
  { fine, proven, explored }: Knowledge,
  fault: Fault,
  pairs: boolean,
): Promise<Found> {
  const failures: Failure[] = [];
  let [schedules, both] = [0, 0];
  const tried = async (killed: readonly string[], world: World, wishes: Omit<Wishes, 'fault'>): Promise<Life> => {
    schedules += 1;
    const done = await live(story, world, { fault, ...wishes });
    const problems = await verdict(fine, done, fault.allowance);
    if (problems.length > 0) failures.push({ story: story.name, fault: fault.name, killed, problems });
    else for (const { name } of done.passed) proven.add(name);
    return done;
  };
  /** All calls that a process made, and those that it would have made on the way that is known. */
  const callsOf = ({ calls, known }: Life): number => calls + (explored.get(known ?? '') ?? 0);
  const note = (life: Life): void => {
    for (const { name, calls } of life.passed) if (!explored.has(name)) explored.set(name, callsOf(life) - calls);
  };
  const start = await story.begin();
  fault.plant(start);
  const first = await tried([], start, { nth: 0, deaths: true });
  const seen = new Set<string>();
  const isKnown = (name: string): boolean => (pairs ? explored : proven).has(name);
  if (pairs) note(first);
  for (const one of first.deaths) {
    const name = nameUnder(fault, one.world);
    if (seen.has(name)) continue;
    seen.add(name);
    // where it comes to a world that is explored, its further deaths are those of an earlier schedule
    const second = await tried([one.at], one.world, { nth: 1, isKnown, deaths: pairs });
    both += callsOf(second) * 2;
    if (!pairs) continue;
    for (const two of second.deaths)
      if (!proven.has(nameUnder(fault, two.world)))
        await tried([one.at, two.at], two.world, { nth: 2, isKnown: (world) => proven.has(world) });
    note(second);
  }
  return {
    story: story.name,
    fault: fault.name,
    boundaries: first.calls,
    pairs: pairs ? both : 0,
    schedules,
    failures,
  };
}
