import { afterEach, describe, expect, test } from 'vitest';
import { later } from '../../shared/model/duration.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { RunState } from '../../shared/model/run.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { farOff } from '../../shared/run/carry-on.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { readRun } from '../../shared/run/turn.ts';
import { northwind } from './company.ts';
import { heard } from './console.ts';
import type { Host, HostOptions, OpenHost, Version } from './host.ts';
import { type Lasting, lasting, processOn } from './killing.ts';
import { disableKey, leakedKey, openOne, operations, type Road } from './road.ts';

const estate = northwind();
const update = 'iam:UpdateAccessKey';
const atOnce = disableKey();
const asked = (within: string): Playbook => disableKey(`approve: { by: [on-call], within: ${within} }`);

/** The second question is for half an hour, the first for four. */
const askedTwice = disableKey(`approve: { by: [on-call], within: 4h }
  - id: quarantine
    action: aws.iam.quarantine-user
    with: { userName: "\${target.userName}" }
    approve: { by: [on-call], within: 30m }`);

/** A run on a host, and those around it who do not die: who opened it, and who answers. */
type Scene = { readonly on: Lasting; readonly around: Road; readonly host: Host; readonly runId: string };

const stateOf = async ({ on, runId }: Pick<Scene, 'on' | 'runId'>): Promise<RunState> => {
  const run = await readRun(on.store.records, runId);
  if (run) return run;
  throw new Error(`no run ${runId}`);
};

/** Somebody who may says yes to what waits, and the host is told. */
async function agree({ around }: Pick<Scene, 'around'>): Promise<void> {
  for (const { id, digest } of await openApprovals(around.deps))
    await answer(around.deps, id, digest, { verdict: 'approved', person: 'jonas', note: '', channel: 'http' });
}

const sweeps = ({ on, host }: Pick<Scene, 'on' | 'host'>) =>
  sweep({ records: on.store.records, clock: on.sandbox.clock, starter: host.starter });

/** The host goes on by itself, its timers too, until the run has ended; throws where it never does. */
async function toTheEnd(scene: Scene): Promise<RunState> {
  for (let round = 0; round < 200; round += 1) {
    await scene.host.settle();
    const run = await stateOf(scene);
    if (run.status === 'ended') return run;
    if (!(await scene.host.pass(farOff))) throw new Error(`nobody comes back to the run: ${JSON.stringify(run)}`);
  }
  throw new Error('the run does not end');
}

/** The host goes on by itself for a minute. */
async function forAMinute(scene: Scene): Promise<RunState> {
  const { clock } = scene.on.sandbox;
  const until = later(clock.now(), 60);
  for (let round = 0; round < 50; round += 1) {
    await scene.host.settle();
    const run = await stateOf(scene);
    if (run.status === 'ended' || !(await scene.host.pass(until))) return run;
  }
  throw new Error('the host goes round and round');
}

/** What one person says between the reading of the answers and the wait for them. */
const meanwhile =
  (say: () => Promise<void>): Version =>
  (engine) => {
    let said = false;
    return {
      ...engine,
      works: {
        ...engine.works,
        async answer(input, context) {
          const reply = await (engine.works['answer'] ?? (async () => null))(input, context);
          if (!said) {
            said = true;
            await say();
          }
          return reply;
        },
      },
    };
  };

/** A store that does not answer the first few times that a turn writes down where the run stands. */
const storeDown =
  (times: number): Version =>
  (engine) => {
    let left = times;
    return {
      ...engine,
      records: {
        ...engine.records,
        replace: async (draft, version) => {
          if (draft.kind === 'run' && left > 0) {
            left -= 1;
            throw new Error('the store is down');
          }
          return engine.records.replace(draft, version);
        },
      },
    };
  };

/** What every host of runs does, whatever it keeps its waits with. */
export function hostContract(name: string, open: OpenHost): void {
  const opened: Host[] = [];
  heard();
  afterEach(async () => {
    for (const host of opened.splice(0)) await host.close();
  });

  async function scene(how: Playbook, options: HostOptions = {}, started = true): Promise<Scene> {
    const on = lasting(estate);
    const around = processOn(on, (effect) => effect());
    const host = await open(on, options);
    opened.push(host);
    const runId = await openOne(around, how, leakedKey());
    if (started) await host.starter.start(runId);
    return { on, around, host, runId };
  }
  const contained = async ({ on, runId }: Scene, run: RunState): Promise<void> => {
    expect(run.result).toMatchObject({ outcome: 'contained', reason: 'allowed' });
    expect(operations(on)).toEqual([update]);
    await readJournal(on.store.records, runId);
  };

  describe(`a run on ${name}`, () => {
    test('goes from its start to its end, through the wait for the change to settle', async () => {
      const one = await scene(atOnce);
      await contained(one, await toTheEnd(one));
    });

    test('is woken by a person, long before the time is over', async () => {
      const one = await scene(asked('4h'));
      expect(await forAMinute(one)).toMatchObject({ status: 'waiting', waitsFor: expect.stringMatching(/^approval/) });
      await agree(one);
      await one.host.starter.start(one.runId);
      await contained(one, await forAMinute(one));
    });

    test('hears an answer that comes before its wait is known to anybody', async () => {
      const on = lasting(estate);
      const around = processOn(on, (effect) => effect());
      const version = meanwhile(async () => {
        await agree({ around });
        await host.starter.start(runId);
      });
      const host = await open(on, { version });
      opened.push(host);
      const runId = await openOne(around, asked('4h'), leakedKey());
      await host.starter.start(runId);
      const one = { on, around, host, runId };
      await contained(one, await forAMinute(one));
    });

    test.each(['30m', '10d'])('lapses when nobody has answered for %s, not sooner', async (within) => {
      const one = await scene(asked(within));
      const { dueAt } = await forAMinute(one);
      expect(await toTheEnd(one)).toMatchObject({ result: { outcome: 'lapsed' } });
      expect(operations(one.on)).toEqual([]);
      expect(Date.parse(one.on.sandbox.clock.now()) - Date.parse(dueAt ?? '')).toBeGreaterThanOrEqual(0);
    });

    test('that is started many times is one run, and every start after its end does nothing', async () => {
      const one = await scene(asked('4h'));
      await Promise.all(Array.from({ length: 5 }, () => one.host.starter.start(one.runId)));
      await forAMinute(one);
      await Promise.all(Array.from({ length: 5 }, () => one.host.starter.start(one.runId)));
      await agree(one);
      await Promise.all(Array.from({ length: 5 }, () => one.host.starter.start(one.runId)));
      await contained(one, await forAMinute(one));
      const before = await stateOf(one);
      await one.host.starter.start(one.runId);
      await one.host.settle();
      expect(await stateOf(one)).toEqual(before);
    });

    test('that was opened and never started is found by the sweep', async () => {
      const one = await scene(atOnce, {}, false);
      await one.host.settle();
      expect(await stateOf(one)).toMatchObject({ status: 'open' });
      await sweeps(one);
      await contained(one, await toTheEnd(one));
    });

    test('that waits is carried on by the code of a later deployment', async () => {
      const one = await scene(asked('4h'));
      await forAMinute(one);
      let turns = 0;
      one.host.deploy((engine) => {
        turns += 1;
        return engine;
      });
      await agree(one);
      await one.host.starter.start(one.runId);
      await contained(one, await forAMinute(one));
      expect(turns).toBeGreaterThan(0);
    });

    test('whose store is away for a while is tried again', async () => {
      const one = await scene(atOnce, { version: storeDown(2) });
      for (let minute = 0; minute < 5; minute += 1) {
        await forAMinute(one);
        one.on.sandbox.clock.advance(60);
        await sweeps(one);
      }
      await contained(one, await toTheEnd(one));
    });

    test('whose store is away when its time has come is tried again, without anybody who looks', async () => {
      const one = await scene(asked('30m'));
      await forAMinute(one);
      one.host.deploy(storeDown(2));
      expect(await toTheEnd(one)).toMatchObject({ result: { outcome: 'lapsed' } });
      expect(operations(one.on)).toEqual([]);
    });

    test('that is woken into a shorter wait is come back to when that one is over', async () => {
      const one = await scene(askedTwice);
      const { order } = await forAMinute(one);
      await agree(one);
      await one.host.starter.start(one.runId);
      expect(await forAMinute(one)).toMatchObject({ status: 'waiting' });
      expect(await toTheEnd(one)).toMatchObject({ result: { outcome: 'partly-contained' } });
      expect(operations(one.on)).toEqual([update]);
      expect(one.on.sandbox.clock.now() < later(order.openedAt, 3_600)).toBe(true);
    });

    test('of which the host has forgotten everything is found by the sweep, once its time has come', async () => {
      const one = await scene(asked('30m'));
      const { dueAt } = await forAMinute(one);
      one.host.forget();
      await agree(one);
      one.on.sandbox.clock.moveTo(dueAt ?? '');
      one.on.sandbox.clock.advance(600);
      await sweeps(one);
      await contained(one, await toTheEnd(one));
    });
  });

  describe(`a process of ${name} that dies`, () => {
    /** What happens around a run minute by minute, while on-schedule looks: somebody answers, or the time passes. */
    const around = {
      answered: async (one: Scene) => {
        await agree(one);
        await one.host.starter.start(one.runId);
      },
      unanswered: async ({ host }: Scene) => void (await host.pass(farOff)),
    };
    async function life(happens: (one: Scene) => Promise<void>, options: HostOptions): Promise<Scene> {
      const one = await scene(asked('30m'), options);
      for (let minute = 0; minute < 25; minute += 1) {
        if ((await forAMinute(one)).status === 'ended') return one;
        await happens(one);
        one.on.sandbox.clock.advance(60);
        await sweeps(one);
      }
      throw new Error(`not over: ${JSON.stringify(await stateOf(one))}`);
    }
    const end = async (one: Scene) => {
      const { result } = await stateOf(one);
      await readJournal(one.on.store.records, one.runId);
      return { outcome: result?.outcome, reason: result?.reason, changes: operations(one.on) };
    };

    test.each([
      ['before it is written', 'answered', false],
      ['after it is written', 'answered', true],
      ['before it is written', 'unanswered', false],
      ['after it is written', 'unanswered', true],
    ] as const)('at any checkpoint, %s, leaves the run as it would have been: %s', async (_, happens, after) => {
      const alive = await life(around[happens], {});
      const wanted = await end(alive);
      expect(wanted.outcome).toBe(happens === 'answered' ? 'contained' : 'lapsed');
      const { checkpoints } = alive.host;
      expect(checkpoints).toBeGreaterThanOrEqual(6);
      for (let at = 1; at <= checkpoints; at += 1)
        expect(await end(await life(around[happens], { death: { at, after } })), `death at ${at}`).toEqual(wanted);
    });
  });
}
