import { describe, expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { held } from '../../shared/records/containments.ts';
import { liftHolds } from '../../shared/records/holds.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { receive } from '../../shared/run/receive.ts';
import { makeKnown } from '../../functions/local/known.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import {
  carryOn,
  disableKey,
  keyId,
  lived,
  leakedKey,
  openOne,
  operations,
  type Road,
  road,
  stateOf,
  takenBack,
} from '../support/road.ts';
import { accessKeys, type KeyRow } from '../../shared/sandbox/aws/iam-rows.ts';
import { attend } from '../../shared/run/attend.ts';

const how = disableKey();
const requester = { kind: 'event', id: 'queue' } as const;
type Company = Road & { readonly started: string[] };

function company(): Company {
  return { ...road(), started: [] };
}
const starterOf = ({ started }: Company) => ({
  start: async (runId: string) => {
    started.push(runId);
  },
});

/** The finding at some minute, seen so many times. */
const version = (minute: number, count: number, more: Readonly<Record<string, Json>> = {}) =>
  withMembers(readEvent('guardduty/leaked-access-key'), {
    'detail.updatedAt': `2026-11-20T09:${String(minute).padStart(2, '0')}:00.000Z`,
    'detail.service.count': count,
    ...more,
  });
const archived = { 'detail.service.archived': true };

/** Delivers an event as a host does and carries on what it started. */
async function delivered(one: Company, event: Json) {
  makeKnown(one.sandbox, findingIn(event), event);
  const before = one.started.length;
  const received = await receive({ ...one.deps, starter: starterOf(one) }, playbookSet([how]), event, requester);
  for (const runId of one.started.slice(before)) await carryOn(one, runId);
  return received.map((got) =>
    got.kind === 'opened' ? `${got.fresh ? 'opened' : 'known'}` : got.kind === 'skipped' ? got.reason : got.kind,
  );
}
/** Writes a key as somebody else would, after the leaked one's pattern. */
function setKey({ sandbox: { rows } }: Road, id: string, more: Partial<KeyRow>): void {
  const key = rows.get(accessKeys, keyId);
  if (key) rows.put(accessKeys, id, { ...key, ...more });
}
const runs = async ({ deps }: Road) => deps.records.list('run', '2026-11-20');
const watchNow = async (one: Company) => {
  const before = one.started.length;
  await attend({ ...one.deps, starter: starterOf(one) }, one.signal);
  for (const runId of one.started.slice(before)) await carryOn(one, runId);
};

describe('a finding over its deliveries', () => {
  test('a hundred times the same event makes one run and one change', async () => {
    const one = company();
    for (let time = 0; time < 100; time += 1) await delivered(one, version(5, 1));
    expect(await runs(one)).toHaveLength(1);
    expect(operations(one)).toEqual(['iam:UpdateAccessKey']);
  });

  test('delivered a hundred times at once makes one run', async () => {
    const one = company();
    const event = version(5, 1);
    makeKnown(one.sandbox, findingIn(event), event);
    const deps = { ...one.deps, starter: starterOf(one) };
    await Promise.all(Array.from({ length: 100 }, () => receive(deps, playbookSet([how]), event, requester)));
    expect(await runs(one)).toHaveLength(1);
    await carryOn(one, one.started[0] ?? '');
    expect(operations(one)).toEqual(['iam:UpdateAccessKey']);
  });

  test('forty-eight hours of six-hourly updates make one run', async () => {
    const one = company();
    for (let update = 0; update < 8; update += 1) {
      const updatedAt = one.sandbox.clock.now();
      await delivered(one, version(5, update + 1, { 'detail.updatedAt': updatedAt, time: updatedAt }));
      one.sandbox.clock.advance(6 * 3_600);
      await watchNow(one);
    }
    const days = await Promise.all(['20', '21', '22'].map((day) => one.deps.records.list('run', `2026-11-${day}`)));
    expect(days.flat()).toHaveLength(1);
    expect(operations(one)).toEqual(['iam:UpdateAccessKey']);
  });

  test('an update after somebody has opened it again contains it once more', async () => {
    const one = company();
    await delivered(one, version(5, 1));
    await watchNow(one);
    setKey(one, keyId, { status: 'Active' });
    one.sandbox.clock.advance(2);
    expect(await delivered(one, version(30, 2))).toEqual(['known']);
    await watchNow(one);
    expect(operations(one)).toEqual(['iam:UpdateAccessKey', 'iam:UpdateAccessKey']);
    const all = await runs(one);
    expect(all).toHaveLength(2);
    expect((await held(one.deps)).map(({ owners, recontained }) => [owners.length, recontained])).toEqual([[1, 1]]);
  });

  test('a version that is out of date opens nothing', async () => {
    const one = company();
    expect(await delivered(one, version(10, 3))).toEqual(['opened']);
    expect(await delivered(one, version(5, 1))).toEqual(['known-version']);
    expect(await delivered(one, version(10, 2))).toEqual(['known-version']);
    expect(await delivered(one, version(10, 3))).toEqual(['known']);
  });

  test('one that was archived and is active again is a new episode', async () => {
    const one = company();
    await delivered(one, version(5, 1));
    expect(await delivered(one, version(10, 1, archived))).toEqual(['archived-finding']);
    expect(await delivered(one, version(5, 1))).toEqual(['known-version']);
    expect(await delivered(one, version(20, 2))).toEqual(['opened']);
    expect(await runs(one)).toHaveLength(2);
    expect(operations(one)).toEqual(['iam:UpdateAccessKey']);
  });

  test('any order of five deliveries ends in the same state', async () => {
    const history = [version(5, 1), version(10, 2), version(15, 2, archived), version(20, 3), version(25, 4)];
    const orders = (left: readonly Json[]): Json[][] =>
      left.length === 0
        ? [[]]
        : left.flatMap((first, at) => orders(left.toSpliced(at, 1)).map((rest) => [first, ...rest]));
    const ends = new Set<string>();
    const permutations = orders(history);
    expect(permutations).toHaveLength(120);
    for (const order of permutations) {
      const one = company();
      for (const event of order) await delivered(one, event);
      const containments = await held(one.deps);
      ends.add(JSON.stringify([operations(one), containments.map(({ action, changes }) => [action, changes])]));
    }
    expect([...ends]).toHaveLength(1);
  });

  test('a new key in the same finding is contained by itself', async () => {
    const one = company();
    await delivered(one, version(5, 1));
    const other = 'AKIACIDEPLOY00000002';
    setKey(one, other, { accessKeyId: other, status: 'Active', createdAt: '2026-11-20T08:00:00.000Z' });
    const changed = { 'detail.resource.accessKeyDetails.accessKeyId': other };
    expect(await delivered(one, version(30, 2, changed))).toEqual(['opened']);
    expect(await runs(one)).toHaveLength(2);
    expect((await held(one.deps)).map(({ input }) => input)).toEqual([
      { userName: 'ci-deploy', accessKeyId: keyId },
      { userName: 'ci-deploy', accessKeyId: other },
    ]);
  });
});

describe('a hold', () => {
  test('keeps the same finding from containing what a person has released', async () => {
    const one = company();
    await delivered(one, version(5, 1));
    const [run] = await runs(one);
    const release = await takenBack(one, run?.id ?? '', { reactivateCredentials: true });
    expect(release.standing.waitsFor).toMatch(/^approval/);
    const [question] = await openApprovals(one.deps);
    const yes = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', yes);
    expect((await carryOn(one, release.runId)).result?.outcome).toBe('released');
    expect(await delivered(one, version(30, 2))).toEqual(['on-hold']);
    expect(await liftHolds(one.deps.records, run?.id ?? '', 'maria', one.sandbox.clock.now())).toBe(1);
    one.sandbox.clock.advance(1);
    expect(await delivered(one, version(40, 3))).toEqual(['opened']);
    expect(await held(one.deps)).toHaveLength(1);
  });

  test('does not stand for another finding about the same target, nor for a person who asks', async () => {
    const one = company();
    const { runId } = await lived(one, how, leakedKey());
    await one.deps.records.create({
      kind: 'hold',
      id: 'unrelated',
      group: 'held',
      body: { finding: 'x', target: 'y', run: runId, by: 'maria', at: one.sandbox.clock.now(), lifted: null },
    });
    const again = await openOne(one, how, leakedKey(), { requester: { kind: 'person', id: 'maria' } });
    expect((await carryOn(one, again)).result?.outcome).toBe('nothing-to-do');
    expect((await stateOf(one, again)).order.requester.id).toBe('maria');
  });
});
