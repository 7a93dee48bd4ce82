import { describe, expect, test } from 'vitest';
import type { StepPlan } from '../../shared/model/plan.ts';
import {
  containmentId,
  held,
  hold,
  type Holder,
  join,
  leave,
  leaveToOthers,
  readContainment,
} from '../../shared/records/containments.ts';
import { Leased, lease } from '../../shared/records/leases.ts';
import { killed, setKillSwitch } from '../../shared/records/switches.ts';
import { beforeWrite, memory, start } from '../support/store.ts';

describe('a lease', () => {
  test('is of one owner until it is let go', async () => {
    const deps = memory();
    const { free } = await lease(deps, 'key', 'one');
    await expect(lease(deps, 'key', 'two')).rejects.toBeInstanceOf(Leased);
    await expect(lease(deps, 'key', 'two')).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('one'),
    });
    await lease(deps, 'other-key', 'two');
    await free();
    await lease(deps, 'key', 'two');
  });

  test('lapses after a minute, and whoever slept through it frees nothing', async () => {
    const deps = memory();
    const { free } = await lease(deps, 'key', 'one');
    deps.clock.advance(59);
    await expect(lease(deps, 'key', 'two')).rejects.toBeInstanceOf(Leased);
    deps.clock.advance(1);
    await lease(deps, 'key', 'two');
    await free();
    await expect(lease(deps, 'key', 'three')).rejects.toMatchObject({ message: expect.stringContaining('two') });
  });

  test('may be taken again by its owner, and the first hold frees nothing any more', async () => {
    const deps = memory();
    const first = await lease(deps, 'key', 'one');
    deps.clock.advance(50);
    const second = await lease(deps, 'key', 'one');
    await first.free();
    deps.clock.advance(20);
    await expect(lease(deps, 'key', 'two')).rejects.toBeInstanceOf(Leased);
    await second.free();
    await lease(deps, 'key', 'two');
  });

  test('goes to one of many who want it, free or lapsed', async () => {
    const deps = memory();
    const race = async () =>
      (await Promise.allSettled(['a', 'b', 'c', 'd'].map((owner) => lease(deps, 'key', owner)))).filter(
        ({ status }) => status === 'fulfilled',
      );
    expect(await race()).toHaveLength(1);
    deps.clock.advance(61);
    expect(await race()).toHaveLength(1);
  });
});

const step: StepPlan = {
  id: 'disable',
  action: 'aws.iam.disable-access-key',
  actionHash: 'h',
  title: 'T',
  input: { userName: 'ci', accessKeyId: 'AKIA' },
  account: '111122223333',
  region: 'eu-west-1',
  changes: [{ resource: 'ci/AKIA', from: 'Active', to: 'Inactive' }],
  decision: 'allow',
  reason: 'allowed',
  cautions: [],
};
const holder = (run: string): Holder => ({ run, playbook: 'p', target: { id: 'AKIA', name: 'ci' }, review: '24h' });
const id = containmentId(step);

describe('a containment', () => {
  test('holds from the first owner to the last', async () => {
    const deps = memory();
    await hold(deps, step, holder('one'));
    deps.clock.advance(60);
    await hold(deps, step, holder('two'));
    await join(deps, id, 'three');
    expect(await held(deps)).toMatchObject([
      { id, owners: ['one', 'two', 'three'], since: start, reviewAt: '2026-11-21T09:05:00.000Z' },
    ]);
    await leave(deps, id, 'one');
    await leave(deps, id, 'two');
    await leave(deps, id, 'two');
    await leave(deps, id, 'nobody');
    expect(await held(deps)).toMatchObject([{ owners: ['three'], status: 'held' }]);
    await leave(deps, id, 'three');
    expect(await held(deps)).toEqual([]);
    expect(await readContainment(deps, id)).toMatchObject({
      status: 'released',
      releasedAt: '2026-11-20T09:06:00.000Z',
      owners: ['three'],
    });
  });

  test('is for one action on one thing in one place', () => {
    const others = [
      { ...step, action: 'x' },
      { ...step, input: {} },
      { ...step, account: '4' },
      { ...step, region: '' },
    ];
    expect(new Set([step, ...others].map(containmentId)).size).toBe(5);
    expect(containmentId({ ...step, changes: [], id: 'other' } as StepPlan)).toBe(id);
  });

  test('is joined, not captured again: its "before" is the true one, its "after" what was set last', async () => {
    const deps = memory();
    const rule = (priority: number) => ({ priority });
    const first = {
      ...step,
      changes: [
        { resource: 'a', from: 'original', to: rule(100) },
        { resource: 'b', from: null, to: rule(101) },
      ],
    };
    const again = {
      ...step,
      changes: [
        { resource: 'a', from: 'edited', to: rule(102) },
        { resource: 'c', from: 'c', to: null },
      ],
    };
    await hold(deps, first, holder('one'));
    await hold(deps, again, holder('two'));
    expect((await readContainment(deps, id))?.changes).toEqual([
      { resource: 'a', from: 'original', to: rule(102) },
      { resource: 'b', from: null, to: rule(101) },
      { resource: 'c', from: 'c', to: null },
    ]);
  });

  test('that was released begins anew', async () => {
    const deps = memory();
    await hold(deps, step, holder('one'));
    await leave(deps, id, 'one');
    expect(await join(deps, id, 'two')).toBeUndefined();
    deps.clock.advance(60);
    await hold(deps, step, holder('two'));
    expect(await readContainment(deps, id)).toMatchObject({
      status: 'held',
      owners: ['two'],
      since: '2026-11-20T09:06:00.000Z',
      releasedAt: null,
    });
  });

  test('counts everybody who joins at the same time', async () => {
    const deps = memory();
    await hold(deps, step, holder('first'));
    const runs = Array.from({ length: 10 }, (_, at) => `run-${at}`);
    await Promise.all(runs.map((run) => join(deps, id, run)));
    expect((await readContainment(deps, id))?.owners.toSorted()).toEqual(['first', ...runs].toSorted());
    await Promise.all(runs.map((run) => leave(deps, id, run)));
    expect((await readContainment(deps, id))?.owners).toEqual(['first']);
  });

  test('is never ended by those who leave it to others: of two who leave at once, one has to take it back', async () => {
    const deps = memory();
    await hold(deps, step, holder('one'));
    await hold(deps, step, holder('two'));
    expect(await leaveToOthers(deps, id, 'one')).toBe(true);
    expect(await leaveToOthers(deps, id, 'one')).toBe(true);
    expect(await leaveToOthers(deps, id, 'two')).toBe(false);
    expect(await readContainment(deps, id)).toMatchObject({ status: 'held', owners: ['two'] });
    await join(deps, id, 'three');
    const racing = { ...deps, records: beforeWrite(deps.records, 'containment', () => leave(deps, id, 'three')) };
    expect(await leaveToOthers(racing, id, 'two')).toBe(false);
    expect(await readContainment(deps, id)).toMatchObject({ status: 'held', owners: ['two'] });
  });

  test('nobody holds is nothing to join or leave', async () => {
    const deps = memory();
    expect(await join(deps, id, 'one')).toBeUndefined();
    expect(await leave(deps, id, 'one')).toBeUndefined();
    expect(await leaveToOthers(deps, id, 'one')).toBe(true);
    expect(await held(deps)).toEqual([]);
  });
});

describe('the kill switch', () => {
  test('is off until somebody turns it on, for all or for one playbook', async () => {
    const deps = memory();
    const flip = (on: boolean, playbook?: string) =>
      setKillSwitch(deps, { on, by: 'maria', why: 'because', ...(playbook !== undefined && { playbook }) });
    const states = () => Promise.all(['p', 'q'].map((playbook) => killed(deps.records, playbook)));
    expect(await states()).toEqual([false, false]);
    await flip(true, 'p');
    expect(await states()).toEqual([true, false]);
    await flip(true);
    expect(await states()).toEqual([true, true]);
    await flip(false);
    expect(await states()).toEqual([true, false]);
    await flip(false, 'p');
    expect(await states()).toEqual([false, false]);
  });

  test('says who, when and why, and holds against a racing flip', async () => {
    const deps = memory();
    await setKillSwitch(deps, { on: true, by: 'maria', why: 'odd' });
    const racing = {
      ...deps,
      records: beforeWrite(deps.records, 'switch', () => setKillSwitch(deps, { on: false, by: 'jonas', why: 'fine' })),
    };
    await setKillSwitch(racing, { on: true, by: 'maria', why: 'still odd' });
    expect((await deps.records.read('switch', 'all'))?.body).toEqual({
      on: true,
      by: 'maria',
      why: 'still odd',
      scope: 'all',
      at: start,
    });
  });

  test('for a playbook that is called like the switch for everything is not it', async () => {
    const deps = memory();
    await setKillSwitch(deps, { on: true, by: 'maria', why: 'odd', playbook: 'all' });
    expect(await killed(deps.records, 'p')).toBe(false);
    expect(await killed(deps.records, 'all')).toBe(true);
  });
});
