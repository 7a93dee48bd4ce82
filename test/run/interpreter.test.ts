import { describe, expect, test } from 'vitest';
import { CordonError, NotYet } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import type { RunOrder, RunResult } from '../../shared/model/run.ts';
import { shareOf } from '../../shared/model/share.ts';
import type { Records } from '../../shared/ports/records.ts';
import { LostTurn, readJournal } from '../../shared/records/journal.ts';
import { both, effectsOf, type Program, sleep } from '../../shared/run/effect.ts';
import { createRun, orderFor } from '../../shared/run/open.ts';
import { type Engine, readRun, turn, type WorkTable } from '../../shared/run/turn.ts';
import { northwindSettings } from '../support/company.ts';
import { disableKey, leakedKey } from '../support/road.ts';
import { beforeWrite, memory } from '../support/store.ts';

type Toy = {
  readonly add: { readonly input: { readonly name: string }; readonly answer: number };
  readonly ready: { readonly input: null; readonly answer: string | null };
};
const { perform, waitFor } = effectsOf<Toy>();
const resultOf = (detail: Json): RunResult => ({
  outcome: 'contained',
  reason: 'allowed',
  detail: JSON.stringify(detail),
  steps: [],
});
const { signal } = new AbortController();

type World = { readonly done: string[]; answer: string | null };
/** Works over things that stay: adding the same name twice is found out, as real works look before they act. */
const worksOver = (world: World): WorkTable => ({
  async add(input) {
    const name = String(Object(input).name);
    if (!world.done.includes(name)) world.done.push(name);
    return name.length;
  },
  ready: async () => world.answer,
});

async function toy(program: (order: RunOrder) => Program<RunResult>, works?: WorkTable) {
  const store = memory();
  const world: World = { done: [], answer: null };
  const { finding, event } = leakedKey();
  const [target] = finding.resources;
  if (!target) throw new Error('no target');
  const deps = { ...store, settings: northwindSettings() };
  const occasion = {
    finding,
    event,
    envelope: { time: undefined, replayed: false },
    requester: { kind: 'event', id: 'e' },
    wants: 'enforce',
  } as const;
  const order = await orderFor(deps, disableKey(), occasion, target);
  await createRun(store, order);
  const engine: Engine = { records: store.records, clock: store.clock, works: works ?? worksOver(world), program };
  return { store, world, engine, runId: order.id };
}

const instant = (seconds: number) => new Date(Date.parse('2026-11-20T09:05:00.000Z') + seconds * 1_000).toISOString();

function* sideBySide(names: readonly string[], wait: string): Program<number[]> {
  const got: number[] = [];
  for (const name of names) {
    const reply = yield* perform(name, 'add', { name });
    got.push(reply.ok ? reply.value : -1);
    yield* sleep(`${name}/sleep`, wait);
  }
  return got;
}

/** All effects: work, sleep, two branches side by side, and waiting for a person. */
function* everything(): Program<RunResult> {
  const first = yield* perform('first', 'add', { name: 'first' });
  yield* sleep('nap', instant(60));
  const pair = yield* both('pair', sideBySide(['a', 'b'], instant(120)), sideBySide(['c'], instant(90)));
  const answer = yield* waitFor('answer', 'ready', null, instant(600), 'a person');
  const last = yield* perform('last', 'add', { name: 'last' });
  return resultOf([first.ok && first.value, pair, answer.ok && answer.value, last.ok && last.value]);
}

async function toTheEnd({ engine, runId, store, world }: Awaited<ReturnType<typeof toy>>): Promise<RunResult | null> {
  for (let round = 0; round < 50; round += 1) {
    const standing = await turn(engine, runId, signal);
    if (standing.status === 'ended') return standing.result;
    if (standing.waitsFor !== null) world.answer = 'yes';
    else if (standing.dueAt !== null) store.clock.moveTo(standing.dueAt);
  }
  throw new Error('stuck');
}

describe('a turn', () => {
  test('does what can be done now, and says what it waits for', async () => {
    const run = await toy(everything);
    const { engine, runId, store, world } = run;
    expect(await turn(engine, runId, signal)).toEqual({
      status: 'waiting',
      dueAt: instant(60),
      waitsFor: null,
      result: null,
    });
    expect(world.done).toEqual(['first']);
    store.clock.moveTo(instant(60));
    expect(await turn(engine, runId, signal)).toMatchObject({ dueAt: instant(90), waitsFor: null });
    expect(world.done).toEqual(['first', 'a', 'c']);
    store.clock.moveTo(instant(120));
    expect(await turn(engine, runId, signal)).toEqual({
      status: 'waiting',
      dueAt: instant(600),
      waitsFor: 'a person',
      result: null,
    });
    expect((await readRun(store.records, runId))?.waitsFor).toBe('a person');
    expect((await store.records.listDue('run', instant(600), 10)).map(({ id }) => id)).toEqual([runId]);
    world.answer = 'yes';
    expect(await turn(engine, runId, signal)).toMatchObject({
      status: 'ended',
      result: resultOf([5, [[1, 1], [1]], 'yes', 4]),
    });
    expect(await readRun(store.records, runId)).toMatchObject({ status: 'ended', endedAt: instant(120), dueAt: null });
    expect(await store.records.listDue('run', instant(99_999), 10)).toEqual([]);
  });

  test('called again too early, or after the end, does nothing', async () => {
    const run = await toy(everything);
    for (let again = 0; again < 5; again += 1) await turn(run.engine, run.runId, signal);
    expect(run.world.done).toEqual(['first']);
    const result = await toTheEnd(run);
    const rows = await readJournal(run.store.records, run.runId);
    expect(await turn(run.engine, run.runId, signal)).toMatchObject({ status: 'ended', result });
    expect(await readJournal(run.store.records, run.runId)).toEqual(rows);
  });

  test('waiting for a person ends with nothing when the instant has passed', async () => {
    const run = await toy(everything);
    for (const at of [0, 60, 90, 120, 600]) {
      run.store.clock.moveTo(instant(at));
      await turn(run.engine, run.runId, signal);
    }
    expect((await readRun(run.store.records, run.runId))?.result).toEqual(resultOf([5, [[1, 1], [1]], null, 4]));
  });

  test('of a run that nobody opened is refused', async () => {
    const { engine } = await toy(everything);
    await expect(turn(engine, 'zzzzzzzzzzzzzzzzzzzzzzzzzz', signal)).rejects.toMatchObject({ code: 'no-such-run' });
  });

  test('does not go on once its signal has ended it', async () => {
    const stop = new AbortController();
    const stopping: WorkTable = {
      async add() {
        stop.abort(new Error('time is up'));
        throw new Error('aborted call');
      },
    };
    const { engine, runId, store } = await toy(everything, stopping);
    await expect(turn(engine, runId, stop.signal)).rejects.toThrow('aborted call');
    expect(await readJournal(store.records, runId)).toEqual([]);
  });
});

describe('replies', () => {
  test('are remembered: a work that has answered is not asked again', async () => {
    const asked: string[] = [];
    const counting: WorkTable = {
      add: async (input) => asked.push(String(Object(input).name)),
      ready: async () => 'yes',
    };
    const run = await toy(everything, counting);
    await toTheEnd(run);
    expect(asked.toSorted()).toEqual(['a', 'b', 'c', 'first', 'last']);
  });

  test('may be faults, which the program sees as values', async () => {
    const failing: WorkTable = {
      add: async () => {
        throw new CordonError({ code: 'refused', message: 'no', remedy: 'ask' });
      },
    };
    function* program(): Program<RunResult> {
      const reply = yield* perform('first', 'add', { name: 'a' });
      return resultOf(reply.ok ? null : { ...reply.fault });
    }
    const run = await toy(program, failing);
    const { result } = await turn(run.engine, run.runId, signal);
    expect(JSON.parse(result?.detail ?? '')).toEqual({
      code: 'refused',
      message: 'no. ask',
      retryable: false,
      indeterminate: false,
    });
  });
});

describe('a fault that may pass', () => {
  const throttled = () => new CordonError({ code: 'throttled', message: 'slow down', retryable: true });
  function* program(): Program<RunResult> {
    const reply = yield* perform('first', 'add', { name: 'a' });
    return resultOf(reply.ok ? reply.value : reply.fault.code);
  }

  test('is tried again in later turns, with longer and longer waits', async () => {
    let calls = 0;
    const recovering: WorkTable = {
      async add() {
        calls += 1;
        if (calls < 4) throw throttled();
        return calls;
      },
    };
    const { engine, runId, store } = await toy(program, recovering);
    const waits: number[] = [];
    for (
      let standing = await turn(engine, runId, signal);
      standing.dueAt;
      standing = await turn(engine, runId, signal)
    ) {
      waits.push((Date.parse(standing.dueAt) - store.clock.milliseconds) / 1_000);
      await turn(engine, runId, signal);
      store.clock.moveTo(standing.dueAt);
    }
    for (const [at, least] of [1, 5, 15].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(least);
      expect(waits[at]).toBeLessThan(1.5 * least);
    }
    expect(waits).toHaveLength(3);
    expect((await readRun(store.records, runId))?.result).toEqual(resultOf(4));
  });

  test('waits at least as long as the other side asks, and not all runs equally long', async () => {
    const asking: WorkTable = {
      async add() {
        throw new CordonError({ code: 'throttled', message: 'slow down', retryable: true, retryAfterSeconds: 30 });
      },
    };
    const { engine, runId, store } = await toy(program, asking);
    const { dueAt } = await turn(engine, runId, signal);
    const seconds = (Date.parse(dueAt ?? '') - store.clock.milliseconds) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThan(45);
    const shares = ['a', 'b', 'c', 'd'].map((run) => shareOf([run, 0]));
    expect(new Set(shares).size).toBe(4);
  });

  test('is no fault when it is only not time yet: the run comes back at the instant, as often as it takes', async () => {
    let calls = 0;
    const early: WorkTable = {
      async add() {
        calls += 1;
        if (calls < 9) throw new NotYet('paced', 'not yet', instant(calls * 10));
        return calls;
      },
    };
    const { engine, runId, store } = await toy(program, early);
    for (let at = 1; at < 9; at += 1) {
      expect(await turn(engine, runId, signal)).toMatchObject({ dueAt: instant(at * 10), waitsFor: null });
      store.clock.moveTo(instant(at * 10));
    }
    expect((await turn(engine, runId, signal)).result).toEqual(resultOf(9));
  });

  test('that does not pass stands after five attempts, longer than a lease can be held', async () => {
    let calls = 0;
    const down: WorkTable = {
      async add() {
        calls += 1;
        throw throttled();
      },
    };
    const run = await toy(program, down);
    expect(await toTheEnd(run)).toEqual(resultOf('throttled'));
    expect(calls).toBe(5);
    expect(Date.parse(run.store.clock.now()) - Date.parse(instant(0))).toBeGreaterThan(60_000);
  });

  test('while asking for an answer is not taken for silence', async () => {
    let calls = 0;
    const flaky: WorkTable = {
      async ready() {
        calls += 1;
        if (calls === 1) throw throttled();
        return 'yes';
      },
    };
    function* asks(): Program<RunResult> {
      const reply = yield* waitFor('answer', 'ready', null, instant(600), 'a person');
      return resultOf(reply.ok ? reply.value : reply.fault.code);
    }
    expect(await toTheEnd(await toy(asks, flaky))).toEqual(resultOf('yes'));
  });

  test('in one of two branches does not hold the other up, nor repeat it', async () => {
    const calls: string[] = [];
    const half: WorkTable = {
      async add(input) {
        const name = String(Object(input).name);
        calls.push(name);
        if (name === 'a' && calls.filter((one) => one === 'a').length === 1) throw throttled();
        return 1;
      },
    };
    function* pair(): Program<RunResult> {
      return resultOf(yield* both('pair', sideBySide(['a'], instant(0)), sideBySide(['c'], instant(0))));
    }
    expect(await toTheEnd(await toy(pair, half))).toEqual(resultOf([[1], [1]]));
    expect(calls).toEqual(['a', 'c', 'a']);
  });
});

describe('a crash', () => {
  /** Records that die, for good, at the nth write; `after` lets that write through. */
  function dying(records: Records, at: number, after: boolean): { records: Records; writes: () => number } {
    let writes = 0;
    const passing = async <T>(write: () => Promise<T>): Promise<T> => {
      writes += 1;
      if (writes < at) return write();
      if (writes === at && after) await write();
      return new Promise<T>(() => {});
    };
    return {
      writes: () => writes,
      records: {
        ...records,
        create: (draft) => passing(() => records.create(draft)),
        replace: (draft, version) => passing(() => records.replace(draft, version)),
      },
    };
  }

  /** Works that die, for good, at the nth one; `after` lets its effect happen. */
  function dyingWorks(works: WorkTable, at: number, after: boolean): WorkTable {
    let begun = 0;
    return Object.fromEntries(
      Object.entries(works).map(([name, work]) => [
        name,
        async (input, context) => {
          begun += 1;
          if (begun !== at) return work(input, context);
          if (after) await work(input, context);
          return new Promise<Json>(() => {});
        },
      ]),
    );
  }

  const stalled = Symbol('stalled');
  /** A turn, or the sign that it will never end: all that is left of it is what it has stored. */
  const orStalled = async (running: Promise<unknown>): Promise<unknown> => {
    const idle = async () => {
      for (let ticks = 0; ticks < 200; ticks += 1) await Promise.resolve();
      return stalled;
    };
    return Promise.race([running, idle()]);
  };

  const wanted = async () => {
    const run = await toy(everything);
    return { result: await toTheEnd(run), done: run.world.done };
  };

  test.each([false, true])('at any write of any turn, after it %s, ends as if nothing had happened', async (after) => {
    const fine = await wanted();
    let crashes = 0;
    for (let at = 1; at <= 30; at += 1) {
      const run = await toy(everything);
      const doomed = dying(run.store.records, at, after);
      const first = { ...run, engine: { ...run.engine, records: doomed.records } };
      if ((await orStalled(toTheEnd(first))) === stalled) crashes += 1;
      expect(await toTheEnd(run)).toEqual(fine.result);
      expect(run.world.done).toEqual(fine.done);
    }
    expect(crashes).toBeGreaterThanOrEqual(9);
    expect(crashes).toBeLessThan(30);
  });

  test.each([false, true])('in any work, after its effect %s, ends as if nothing had happened', async (after) => {
    const fine = await wanted();
    for (let at = 1; at <= 6; at += 1) {
      const run = await toy(everything);
      const first = { ...run, engine: { ...run.engine, works: dyingWorks(run.engine.works, at, after) } };
      expect(await orStalled(toTheEnd(first))).toBe(stalled);
      expect(await toTheEnd(run)).toEqual(fine.result);
      expect(run.world.done.toSorted()).toEqual(fine.done.toSorted());
    }
  });
});

describe('a second turn at the same time', () => {
  test('loses its first write and stops; the first goes on', async () => {
    const run = await toy(everything);
    const { engine, runId, store } = run;
    const records = beforeWrite(store.records, 'journal', () => turn(engine, runId, signal));
    await expect(turn({ ...engine, records }, runId, signal)).rejects.toBeInstanceOf(LostTurn);
    expect(await toTheEnd(run)).toEqual(resultOf([5, [[1, 1], [1]], 'yes', 4]));
    expect(await readJournal(store.records, runId)).not.toHaveLength(0);
  });

  test('of many started together, one carries the run on and the journal holds', async () => {
    const run = await toy(everything);
    const { engine, runId, store } = run;
    const turns = await Promise.allSettled(Array.from({ length: 10 }, () => turn(engine, runId, signal)));
    const lost = turns.filter((one) => one.status === 'rejected');
    expect(lost.every(({ reason }) => reason instanceof LostTurn)).toBe(true);
    expect(turns.length - lost.length).toBe(1);
    expect(await readJournal(store.records, runId)).toHaveLength(1);
    expect(await toTheEnd(run)).toEqual(resultOf([5, [[1, 1], [1]], 'yes', 4]));
  });
});
