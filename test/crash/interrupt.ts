import { CordonError } from '../../shared/model/error.ts';
import type { Kind } from '../../shared/ports/records.ts';
import { checkOnTheWay, checkWorld } from './check-world.ts';
import { type Failure, type Found, type Knowledge, live, watchIntents } from './explore.ts';
import { noFault } from './faults.ts';
import { type Boundary, processOn, work } from './process.ts';
import { peopleAgree, type Story } from './stories.ts';
import { forked, isChange, nameOf, type World } from './world.ts';

/** A call of a story's process, and the world at the beginning of the round of its host that it is made in. */
type Place = { readonly world: World; readonly nth: number; readonly round: number };

async function placesIn(story: Story): Promise<{ readonly places: readonly Place[]; readonly boundaries: number }> {
  const { passed, calls } = await live(story, await story.begin(), { fault: noFault, nth: 0, deaths: true });
  const places = passed.flatMap(({ world, calls: before }, round) => {
    const length = (passed[round + 1]?.calls ?? calls) - before;
    return world ? Array.from({ length }, (_, at) => ({ world, nth: at + 1, round })) : [];
  });
  return { places, boundaries: calls };
}

const isStoreCall = (call: string): boolean => /^(create|read|replace|list|put|get) /.test(call);
const down = (): CordonError =>
  new CordonError({ code: 'store-down', message: 'the store does not answer', retryable: true });

type Outage = { readonly boundary: Boundary; hasBegun(): boolean };

/** From its nth call on the store answers nothing for a while; that call may have been carried out all the same. */
function outage(world: World, nth: number, seconds: number, carriedOut: boolean): Outage {
  let [calls, until] = [0, Number.NaN];
  const boundary: Boundary = async (call, effect) => {
    calls += 1;
    if (!isStoreCall(call)) return effect();
    const now = world.sandbox.clock.milliseconds;
    if (now < until) throw down();
    if (calls !== nth) return effect();
    until = now + seconds * 1_000;
    if (carriedOut) await effect();
    throw down();
  };
  return { boundary, hasBegun: () => !Number.isNaN(until) };
}

/** What is wrong after an outage; undefined where the call was none on the store. */
async function afterOutage(story: Story, { fine, proven }: Knowledge, world: World, { boundary, hasBegun }: Outage) {
  const seen: string[] = [];
  watchIntents(world, seen);
  const process = processOn(world, story.playbook, boundary);
  let known = false;
  const enough = (): boolean => {
    known = hasBegun() && proven.has(` ${nameOf(world)}`);
    return known;
  };
  do await work(process, enough);
  while (!known && (await peopleAgree(world)));
  if (!hasBegun()) return undefined;
  // what the store did not take is told by the intents, which it took before
  return (known ? checkOnTheWay : checkWorld)(fine, world, { seen, survived: [] });
}

/** Takes the store away at every call on it; the process lives, and all that it was told to do must be done. */
export async function storeDown(story: Story, knowledge: Knowledge, seconds: number): Promise<Found> {
  const failures: Failure[] = [];
  const fault = `the store is down for ${seconds} s`;
  const { places, boundaries } = await placesIn(story);
  let schedules = 0;
  for (const { world: start, nth, round } of places)
    for (const carriedOut of [false, true]) {
      const world = forked(start);
      const problems = await afterOutage(story, knowledge, world, outage(world, nth, seconds, carriedOut));
      if (problems) schedules += 1;
      const at = `round ${round}, call ${nth}${carriedOut ? ', which was carried out' : ''}`;
      if (problems && problems.length > 0) failures.push({ story: story.name, fault, killed: [at], problems });
    }
  return { story: story.name, fault, boundaries, pairs: 0, schedules, failures };
}

const isWrite = (call: string): boolean => /^(create|replace|put|POST|PUT|PATCH|DELETE) /.test(call);

/** Resolves when a process makes no call any more. */
async function quiet(moves: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 5; still += 1) {
    if (moves() !== last) still = 0;
    last = moves();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The worlds that a process could leave whose nth call is lost on its way, while those in flight beside it arrive. */
async function withoutCall(story: Story, world: World, nth: number): Promise<readonly World[]> {
  const left: World[] = [];
  let [calls, moves, writes] = [0, 0, false];
  const boundary: Boundary = async (call, effect) => {
    calls += 1;
    moves += 1;
    const mine = calls;
    if (mine === nth) writes = isWrite(call);
    if (mine === nth && writes) return new Promise(() => {});
    const answer = await effect();
    moves += 1;
    if (calls >= nth && isWrite(call)) left.push(forked(world));
    return answer;
  };
  const end = work(processOn(world, story.playbook, boundary));
  await Promise.race([end, quiet(() => moves)]);
  return writes ? left : [];
}

/** Loses each write on its way while those beside it arrive, and kills the process then. */
export async function lostInFlight(story: Story, { fine, proven }: Knowledge): Promise<Found> {
  const failures: Failure[] = [];
  const fault = 'one of several calls in flight is lost';
  const { places, boundaries } = await placesIn(story);
  let schedules = 0;
  for (const { world, nth, round } of places)
    for (const left of await withoutCall(story, forked(world), nth)) {
      const isKnown = (name: string): boolean => proven.has(name);
      const life = await live(story, left, { fault: noFault, nth: 1, isKnown });
      const problems = await (life.known === undefined ? checkWorld : checkOnTheWay)(fine, life.world, life.witness);
      schedules += 1;
      const killed = [`round ${round}, without call ${nth}`];
      if (problems.length > 0) failures.push({ story: story.name, fault, killed, problems });
      else for (const { name } of life.passed) proven.add(name);
    }
  return { story: story.name, fault, boundaries, pairs: 0, schedules, failures };
}

/** Two leases. */
const stallSeconds = 120;
/** After so long the sweep clears away whatever still keeps a place in the queue. */
const laterSeconds = 90_000;

/** The process stops after its nth call: what is on its way to a cloud arrives, and no answer comes back until it wakes. */
function stalling(nth: number) {
  const stalled = Promise.withResolvers<string>();
  const woken = Promise.withResolvers<void>();
  let calls = 0;
  const boundary: Boundary = async (call, effect) => {
    calls += 1;
    const mine = calls;
    if (mine > nth && isStoreCall(call)) await woken.promise;
    const answer = await effect();
    if (mine < nth) return answer;
    if (mine === nth) stalled.resolve(call);
    await woken.promise;
    return answer;
  };
  const still = async (): Promise<string> => {
    const at = await stalled.promise;
    await quiet(() => calls);
    return at;
  };
  return { boundary, still, wake: () => woken.resolve() };
}

/** What only the one who carries a run on may write; leases, budgets and evidence say the same however often they are written. */
const fenced: readonly Kind[] = ['run', 'journal', 'containment', 'approval', 'hold', 'outbox'];
const fencedIn = ({ store }: World): string =>
  fenced.flatMap((kind) => store.all(kind).map(({ id, version }) => `${kind} ${id} ${version}`)).join('\n');

const undisturbed: Boundary = (_, effect) => effect();

/** Holds a process up after one call, lets another carry everything to its end, and wakes the first: what it did wrong. */
async function overtaken(story: Story, fine: World, world: World, nth: number) {
  const { recorder, clock } = world.sandbox;
  const seen: string[] = [];
  watchIntents(world, seen);
  const { boundary, still, wake } = stalling(nth);
  const first = work(processOn(world, story.playbook, boundary));
  const at = await still();
  clock.advance(stallSeconds);
  const before = recorder.calls.length;
  const second = processOn(world, story.playbook, undisturbed);
  do await work(second);
  while (await peopleAgree(world));
  const [after, written] = [recorder.calls.length, fencedIn(world)];
  wake();
  await first;
  const late = recorder.calls.slice(after).filter(isChange);
  const rewritten = fencedIn(world) !== written;
  clock.advance(laterSeconds);
  await work(second);
  const survived = recorder.calls.slice(before, after).filter(isChange);
  const problems = [
    ...(await checkWorld(fine, world, { seen, survived })),
    ...late.map(({ operation, resource, error }) => `I6: ${operation} ${resource} ${error} by one that was overtaken`),
    ...(rewritten ? ['I6: a record was written by one that was overtaken'] : []),
  ];
  return { at, problems };
}

/** Stalls a process after each of its calls for two leases while another takes over: it must change nothing any more. */
export async function stalls(story: Story, { fine }: Knowledge): Promise<Found> {
  const failures: Failure[] = [];
  const fault = 'a process stalls, another takes over';
  const { places, boundaries } = await placesIn(story);
  for (const { world, nth, round } of places) {
    const { at, problems } = await overtaken(story, fine, forked(world), nth);
    const killed = [`round ${round}, after call ${nth} (${at})`];
    if (problems.length > 0) failures.push({ story: story.name, fault, killed, problems });
  }
  return { story: story.name, fault, boundaries, pairs: 0, schedules: places.length, failures };
}
