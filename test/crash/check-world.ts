import { readJournal } from '../../shared/records/journal.ts';
import { canonical } from '../../shared/model/json.ts';
import { networkInterfaces, securityGroups } from '../../shared/sandbox/aws/ec2-rows.ts';
import { RunState } from '../../shared/model/run.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { changedRows, changesIn, entriesOf, wasMade, type World } from './world.ts';

/** What was seen while processes were at work and cannot be read off the world they left. */
export type Witness = {
  /** Calls that a process made which lived to write them down. */
  readonly survived: readonly RecordedCall[];
  /** What must never be, seen as it happened. */
  readonly seen: readonly string[];
};

/** How much a fault allows to differ. */
export type Allowance = {
  /** What did not happen, or does not show, may be made once more, with what was built on it. */
  readonly oneMore?: boolean;
  /** The run may give up, as long as it says so. */
  readonly mayFail?: boolean;
  /** Why another end is as good. */
  readonly otherEnd?: string;
};

const changing = ({ operation, resource }: RecordedCall): string => `${operation} ${resource}`;

function tally(world: World): Map<string, number> {
  const counts = new Map<string, number>();
  for (const call of changesIn(world).filter(wasMade))
    counts.set(changing(call), (counts.get(changing(call)) ?? 0) + 1);
  return counts;
}

const timeless = (text: string): string => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'then');

const runsOf = ({ store }: World): readonly RunState[] => store.all('run').map(({ body }) => RunState.parse(body));

/** Numbers that go on, what is signed, and instants that are gone once they have passed. */
const counted = ['revision', 'version', 'etag', 'eTag', 'seal', 'due', 'inServiceAt'];

/** What is left in the end, but for instants, counters and signatures. */
export function endState(world: World): string {
  const rows = changedRows(world);
  const records = (['containment', 'hold', 'outbox'] as const).flatMap((kind) =>
    world.store
      .all(kind)
      .map(({ id, group, body }) => ({ kind, id, group, body }))
      .sort((a, b) => a.id.localeCompare(b.id)),
  );
  const runs = runsOf(world).map(({ order, status, result }) => ({ id: order.id, kind: order.kind, status, result }));
  const text = JSON.stringify({ rows, records, runs }, (key, value: unknown) =>
    counted.includes(key) ? undefined : value,
  );
  return timeless(canonical(JSON.parse(text)));
}

/** The first place where two texts part, with what is around it. */
function parting(fine: string, found: string): string {
  let at = 0;
  while (at < fine.length && fine[at] === found[at]) at += 1;
  const around = (text: string): string => text.slice(Math.max(0, at - 120), at + 200);
  return `expected …${around(fine)}…\n   found …${around(found)}…`;
}

/** I2 and I7: no call that the story without faults does not make, and none more often than there. */
function callsBeyond(fine: World, world: World, { oneMore = false }: Allowance): string[] {
  const most = tally(fine);
  return [...tally(world)].flatMap(([call, times]) => {
    const allowed = (most.get(call) ?? 0) + (oneMore ? 1 : 0);
    if (most.get(call) === undefined) return [`I7: ${call} is not of the plan`];
    return times > allowed ? [`I2: ${call} was made ${times} times, not ${most.get(call)}`] : [];
  });
}

/** I3: what was captured first is what was there before the story. */
function capturesOtherwise(fine: World, world: World): string[] {
  const first = (of: World) => {
    const captured = new Map<string, string>();
    for (const { order } of runsOf(of))
      for (const entry of entriesOf(of, order.id))
        if (entry.type === 'intent' && !captured.has(`${order.id} ${entry.step}`))
          captured.set(`${order.id} ${entry.step}`, timeless(canonical([entry.changes, entry.captured])));
    return captured;
  };
  const wanted = first(fine);
  return [...first(world)].flatMap(([step, captured]) =>
    wanted.get(step) === captured ? [] : [`I3: ${step} captured ${captured}, not ${wanted.get(step)}`],
  );
}

/** I4: every call of a process that lived to tell it stands in a journal under the provider's own name for it. */
function untold(world: World, { survived }: Witness): string[] {
  const told = runsOf(world).flatMap(({ order }) =>
    entriesOf(world, order.id).flatMap((entry) => (entry.type === 'call' ? [entry] : [])),
  );
  const names = new Set(told.map(({ requestId }) => requestId));
  const lost = told.filter(({ status }) => status === 0).length;
  const unnamed = survived.filter(({ status }) => status === 0).length;
  return [
    ...survived
      .filter(({ status, requestId }) => status !== 0 && !names.has(requestId))
      .map((call) => `I4: ${changing(call)} ${call.requestId} stands in no journal`),
    ...(unnamed > lost ? [`I4: ${unnamed - lost} calls without an answer stand in no journal`] : []),
  ];
}

/** I5: every journal holds together. */
async function brokenChains({ store }: World): Promise<string[]> {
  const broken: string[] = [];
  for (const { id } of store.all('run'))
    await readJournal(store.records, id).catch((thrown: unknown) => broken.push(`I5: ${String(thrown)}`));
  return broken;
}

/** What holds of any world, however far its runs have come. */
export async function checkOnTheWay(
  fine: World,
  world: World,
  witness: Witness,
  allowance: Allowance = {},
): Promise<readonly string[]> {
  return [
    ...witness.seen,
    ...callsBeyond(fine, world, allowance),
    // what did not happen is not there to be captured by the steps after it
    ...(allowance.oneMore ? [] : capturesOtherwise(fine, world)),
    ...untold(world, witness),
    ...(await brokenChains(world)),
  ];
}

/** How a run or a step says that it is not done. */
const honest = ['not-contained', 'unverified', 'partly-contained', 'failed', 'rolled-back'];

/** What is worse half done than not begun: an interface between its own groups and the quarantine is open to anybody. */
const leftOpen = ({ sandbox: { rows } }: World): string[] =>
  rows.all(networkInterfaces).flatMap(([id, { groups }]) => {
    const open = groups.filter((group) => rows.get(securityGroups, group)?.name.startsWith('cordon-open-'));
    return open.length > 0 ? [`an indivisible group was left: ${id} stands in ${open.join(' ')}`] : [];
  });

/** I1 and I4: all runs are over, and what is left is what is left without faults, or the run says that it is not. */
function endsOtherwise(fine: World, world: World, { mayFail = false, otherEnd }: Allowance): string[] {
  const open = runsOf(world).filter(({ status }) => status !== 'ended');
  if (open.length > 0) return open.map(({ order, waitsFor }) => `I4: run ${order.id} is not over: ${waitsFor}`);
  if (world.inbox.length > 0) return ['I4: a message was never acknowledged'];
  if (world.store.all('admission').some(({ group }) => group !== undefined)) return ['I4: a run keeps its place'];
  const [wanted, found] = [endState(fine), endState(world)];
  if (wanted === found || otherEnd !== undefined) return [];
  const says = runsOf(world).some(({ result }) =>
    [result, ...(result?.steps ?? [])].some((one) => honest.includes(one?.outcome ?? '')),
  );
  if (leftOpen(world).length > 0) return leftOpen(world);
  return mayFail && says ? [] : [`I1: another end: ${parting(wanted, found)}`];
}

/** Holds a world whose processes have come to rest against the one that had no faults. Empty when all is well. */
export async function checkWorld(
  fine: World,
  world: World,
  witness: Witness,
  allowance: Allowance = {},
): Promise<readonly string[]> {
  return [...(await checkOnTheWay(fine, world, witness, allowance)), ...endsOtherwise(fine, world, allowance)];
}
