import { randomUUID } from 'node:crypto';
import { allActions } from '../../functions/wire.ts';
import { makeKnown } from '../../functions/local/known.ts';
import { sandboxClouds } from '../../functions/local/wire.ts';
import { openSqlite } from '../../shared/adapters/sqlite/records.ts';
import { passingSigner } from '../../shared/adapters/system/signer.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { severities, type Severity } from '../../shared/model/finding.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { RunState } from '../../shared/model/run.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { silentNotifier } from '../../shared/ports/notifier.ts';
import type { Records } from '../../shared/ports/records.ts';
import { LostTurn } from '../../shared/records/journal.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { openRuns } from '../../shared/run/open.ts';
import { readRun, turn } from '../../shared/run/turn.ts';
import { requestHandler } from '../../shared/sandbox/aws/protocol/request-handler.ts';
import type { Estate } from '../../shared/sandbox/estate.ts';
import { azureHttpClient, clusterTransport } from '../../shared/sandbox/mount.ts';
import { publishedLimits } from '../../shared/sandbox/quotas.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import { identities, northwindSettings } from './company.ts';
import type { Told } from './road.ts';

/** Numbers that look like chance and are the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Timer = { readonly at: number; readonly wake: () => void };

/** A clock on which many wait at once: time moves when nobody has anything left to do. */
export type SharedClock = Clock & { drive(until: Promise<unknown>): Promise<void> };

export function sharedClock(sandbox: Pick<Sandbox, 'clock'>): SharedClock {
  const { clock } = sandbox;
  const waiting = new Map<number, Timer[]>();
  /** The latest first. */
  const instants: number[] = [];
  let moves = 0;
  const nextOf = (): number | undefined => instants.pop();
  const add = (at: number): void => {
    let [low, high] = [0, instants.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((instants[middle] ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    instants.splice(low, 0, at);
  };
  const quiet = async (): Promise<void> => {
    for (let still = 0; still < 3; still += 1) {
      const before = moves;
      await new Promise((resolve) => setImmediate(resolve));
      if (moves !== before) still = -1;
    }
  };
  return {
    now: clock.now,
    sleep(seconds, signal) {
      signal.throwIfAborted();
      moves += 1;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const at = clock.milliseconds + Math.max(0, Math.ceil(seconds * 1_000));
      const timers = waiting.get(at) ?? [];
      if (timers.length === 0) {
        waiting.set(at, timers);
        add(at);
      }
      const abort = () => {
        moves += 1;
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      timers.push({ at, wake });
      signal.addEventListener('abort', abort, { once: true });
      return promise;
    },
    async drive(until) {
      let over = false;
      const end = until.finally(() => {
        over = true;
      });
      while (!over) {
        await quiet();
        if (over) break;
        const next = nextOf();
        if (next === undefined) continue; // a module is being loaded
        clock.moveTo(new Date(next).toISOString());
        for (const { wake } of waiting.get(next) ?? []) wake();
        waiting.delete(next);
      }
      await end;
    },
  };
}

const { signal } = new AbortController();

/** A store that takes its time, as one over a network does. */
function slowly(records: Records, pause: () => Promise<void>): Records {
  const after =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await pause();
      return call(...args);
    };
  return {
    create: after(records.create),
    read: after(records.read),
    replace: after(records.replace),
    list: after(records.list),
    listDue: after(records.listDue),
  };
}

export type Storm = {
  readonly sandbox: Sandbox;
  readonly clock: SharedClock;
  /** Opens the runs of a finding and starts them. */
  arrive(how: Playbook, told: Told): Promise<readonly string[]>;
  /** Resolves when no run is at work. */
  over(): Promise<void>;
  stateOf(runId: string): Promise<RunState>;
};

type Options = { readonly estate: Estate; readonly settings?: Partial<Settings>; readonly seed: number };

/** Cordon in a storm: real limits, calls that take 50 to 100 ms and a store that takes 5 to 10, all in virtual time. */
export function storm({ estate, settings: changed = {}, seed }: Options): Storm {
  const sandbox = createSandbox(estate);
  const clock = sharedClock(sandbox);
  const random = chance(seed);
  const pause = (least: number) => clock.sleep((Math.round((least * (1 + random())) / 5) * 5) / 1_000, signal);
  const settings = northwindSettings({ accountPerHour: 10_000, ...changed });
  const handle: Sandbox['handle'] = async (request) => {
    await pause(50);
    return sandbox.handle(request);
  };
  const ways = {
    requestHandler: requestHandler(handle),
    httpClient: azureHttpClient(handle),
    clusters: clusterTransport(handle),
  };
  const far = { ...sandbox, ...ways };
  const clouds = sandboxClouds(far, settings, identities);
  const store = openSqlite(':memory:', { token: randomUUID });
  const deps = {
    records: slowly(store.records, () => pause(5)),
    evidence: store.evidence,
    clock,
    clouds,
    actions: allActions,
    settings,
    signer: passingSigner(),
    notifier: silentNotifier,
  };
  const working = new Map<string, { woken: AbortController; again: boolean; done: Promise<void> }>();
  const starter = {
    start: async (runId: string): Promise<void> => {
      const at = working.get(runId);
      if (!at) return begin(runId);
      at.again = true;
      at.woken.abort();
    },
  };
  const engine = engineOf({ ...deps, starter });

  const once = async (runId: string) => {
    try {
      return await turn(engine, runId, signal);
    } catch (thrown) {
      if (!(thrown instanceof LostTurn)) throw thrown;
      return { status: 'waiting', dueAt: new Date(sandbox.clock.milliseconds + 1_000).toISOString() } as const;
    }
  };
  const carry = async (runId: string): Promise<void> => {
    for (;;) {
      const at = working.get(runId);
      if (!at) throw new Error(`${runId} is not at work`);
      at.again = false;
      at.woken = new AbortController();
      const { status, dueAt } = await once(runId);
      if (status === 'ended' || dueAt === null) return;
      const seconds = (Date.parse(dueAt) - sandbox.clock.milliseconds) / 1_000;
      if (seconds > 0 && !at.again)
        await clock.sleep(seconds, at.woken.signal).catch((thrown: unknown) => {
          if (!at.again) throw thrown;
        });
    }
  };
  const begin = (runId: string): void => {
    const entry = { woken: new AbortController(), again: false, done: Promise.resolve() };
    working.set(runId, entry);
    entry.done = carry(runId).finally(() => working.delete(runId));
  };
  return {
    sandbox,
    clock,
    async arrive(how, { finding, event }) {
      makeKnown(sandbox, finding, event);
      const envelope = { time: sandbox.clock.now(), replayed: false };
      const requester = { kind: 'event', id: finding.id } as const;
      const openings = await openRuns({ ...deps, records: store.records }, playbookSet([how]), {
        finding,
        event,
        envelope,
        requester,
        wants: 'enforce',
      });
      return openings.map((opening) => {
        if (!opening.opened) throw new Error(`not opened: ${opening.reason}`);
        begin(opening.runId);
        return opening.runId;
      });
    },
    over: () =>
      clock.drive(
        (async () => {
          while (working.size > 0) await Promise.all([...working.values()].map(({ done }) => done));
        })(),
      ),
    async stateOf(runId) {
      const state = await readRun(store.records, runId);
      if (state) return state;
      throw new Error(`no run ${runId}`);
    },
  };
}

export const isThrottled = ({ error }: RecordedCall): boolean =>
  ['RequestLimitExceeded', 'SubscriptionRequestsThrottled'].includes(error);

/** The bucket a call was counted in, and how long it takes that bucket at best to let so many calls through. */
function bucketOf({ cloud, operation, mutating, caller }: RecordedCall): string | undefined {
  if (cloud === 'azure') return `arm ${mutating ? 'writes' : 'reads'} of ${caller.slice(-4)}`;
  return operation.startsWith('ec2:') ? operation : undefined;
}

const bestSeconds = (calls: readonly RecordedCall[], kind: 'reads' | 'writes'): number => {
  const service = calls[0]?.cloud === 'azure' ? publishedLimits.arm : publishedLimits.ec2;
  return (calls.length - service[kind].burst) / service[kind].perSecond;
};

/** What the providers' own limits cost at least: for the calls that were let through, and for their writes alone. */
export function boundsOf(calls: readonly RecordedCall[]): {
  readonly all: number;
  readonly writes: number;
  readonly by: string;
} {
  const through = calls.filter((call) => !isThrottled(call));
  const buckets = Map.groupBy(through, bucketOf);
  buckets.delete(undefined);
  const bounds = [...buckets].map(([name, made]) => ({
    name: name ?? '',
    mutating: made[0]?.mutating === true,
    seconds: bestSeconds(made, made[0]?.mutating ? 'writes' : 'reads'),
  }));
  const most = (of: typeof bounds) =>
    of.reduce((a, b) => (b.seconds > a.seconds ? b : a), { name: '', mutating: false, seconds: 0 });
  const all = most(bounds);
  return { all: all.seconds, writes: most(bounds.filter(({ mutating }) => mutating)).seconds, by: all.name };
}

/** The severities that a storm brings, in an order that the seed decides. */
export function shuffled(count: number, random: () => number): readonly Severity[] {
  const kinds = severities.filter((one) => ['Low', 'Medium', 'High', 'Critical'].includes(one));
  const all = Array.from({ length: count }, (_, at) => kinds[at % kinds.length] ?? 'Low');
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other] ?? 'Low', all[at] ?? 'Low'];
  }
  return all;
}
