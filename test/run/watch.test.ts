import { describe, expect, test } from 'vitest';
import { Notice } from '../../shared/model/notice.ts';
import type { Channel, Notifier } from '../../shared/ports/notifier.ts';
import { held } from '../../shared/records/containments.ts';
import { messages } from '../../shared/records/outbox.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { accessKeys, type KeyRow } from '../../shared/sandbox/aws/iam-rows.ts';
import { attend } from '../../shared/run/attend.ts';
import { engineOf } from '../../shared/run/engine.ts';
import {
  carryOn,
  closePorts,
  disableKey,
  keyId,
  leakedKey,
  lived,
  nsgId,
  openPort,
  operations,
  playbook,
  type Road,
  road,
  stateOf,
  takenBack,
} from '../support/road.ts';

type Company = Road & { readonly started: string[] };

/** The company with a channel that takes everything. */
function company(): Company {
  const one = road();
  const oncall: Channel = { name: 'oncall', send: async () => '' };
  const notifier: Notifier = { channels: [oncall], channelsFor: () => [oncall] };
  const deps = { ...one.deps, notifier };
  return { ...one, deps, engine: engineOf(deps), started: [] };
}
const notices = async ({ deps }: Road, kind: Notice['kind']) =>
  (await messages(deps, 'waiting'))
    .filter(({ to }) => to.startsWith('channel:'))
    .map(({ body }) => Notice.parse(body))
    .filter((notice) => notice.kind === kind);

/** Lets time pass to an instant, with a sweep on the way and what it starts. */
async function pass(one: Company, seconds: number): Promise<void> {
  one.sandbox.clock.advance(seconds);
  const before = one.started.length;
  const starter = { start: async (runId: string) => void one.started.push(runId) };
  await attend({ ...one.deps, starter }, one.signal);
  for (const runId of one.started.slice(before)) await carryOn(one, runId);
}

/** Writes a key as somebody else would, after the leaked one's pattern. */
function setKey({ sandbox: { rows } }: Road, id: string, more: Partial<KeyRow>): void {
  const key = rows.get(accessKeys, keyId);
  if (key) rows.put(accessKeys, id, { ...key, ...more });
}
const status = ({ sandbox: { rows } }: Road, id = keyId) => rows.get(accessKeys, id)?.status;
const second = 'AKIACIDEPLOY00000002';
/** The attacker makes a further key. */
const makesKey = (one: Road, createdAt = one.sandbox.clock.now()): void =>
  setKey(one, second, { accessKeyId: second, status: 'Active', createdAt });

describe('a containment is read again', () => {
  test('half a minute, five and fifteen minutes and a day after it began, and then no more', async () => {
    const one = company();
    await lived(one, disableKey(), leakedKey());
    const dues: (string | undefined)[] = [];
    for (let look = 0; look < 4; look += 1) {
      const [containment] = await held(one.deps);
      dues.push(containment?.watch?.at);
      one.sandbox.clock.moveTo(containment?.watch?.at ?? '');
      await pass(one, 0);
    }
    const [containment] = await held(one.deps);
    const since = Date.parse(containment?.since ?? '');
    expect(dues.map((at) => (Date.parse(at ?? '') - since) / 1_000)).toEqual([30, 300, 900, 86_400]);
    expect(containment?.watch).toBeNull();
    expect(operations(one)).toEqual(['iam:UpdateAccessKey']);
    expect(await notices(one, 'containment-broken')).toEqual([]);
  });

  test('and a key that the attacker has made two seconds later is turned off too', async () => {
    const one = company();
    const { runId } = await lived(one, disableKey(), leakedKey());
    const [first] = await held(one.deps);
    makesKey(one, new Date(Date.parse(first?.since ?? '') + 2_000).toISOString());
    await pass(one, 60);
    expect(status(one, second)).toBe('Inactive');
    const [broken, ...more] = await notices(one, 'containment-broken');
    expect(more).toEqual([]);
    expect(broken).toMatchObject({ page: true, run: runId, detail: expect.stringContaining(second) });
    expect(one.started).toHaveLength(1);
    const answering = await stateOf(one, one.started[0] ?? '');
    expect(answering).toMatchObject({ order: { requester: { kind: 'watch' } }, result: { outcome: 'contained' } });
    await pass(one, 300);
    expect(one.started).toHaveLength(1);
  });

  test('a key made well after it is a person to decide about: it may be the new one of a responder', async () => {
    const one = company();
    await lived(one, disableKey(), leakedKey());
    await pass(one, 600);
    makesKey(one);
    await pass(one, 600);
    expect(status(one, second)).toBe('Active');
    const [question] = await openApprovals(one.deps);
    expect(question).toMatchObject({ reason: 'made-later' });
    const yes = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', yes);
    await carryOn(one, question?.run ?? '');
    expect(status(one, second)).toBe('Inactive');
  });

  test('a quarantine that somebody takes off is put on again three times, then a person has to look', async () => {
    const one = company();
    const { runId } = await lived(one, disableKey(), leakedKey());
    for (let time = 1; time <= 5; time += 1) {
      setKey(one, keyId, { status: 'Active' });
      await pass(one, 400);
      expect([time, status(one)]).toEqual([time, time <= 3 ? 'Inactive' : 'Active']);
    }
    const [containment] = await held(one.deps);
    expect(containment).toMatchObject({
      owners: [runId],
      changes: [{ resource: `ci-deploy/${keyId}`, from: 'Active', to: 'Inactive' }],
    });
    const told = await notices(one, 'containment-broken');
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.at(-1)?.detail ?? '').toBeTruthy();
    expect(told.some(({ detail }) => detail.includes('contained again 3 times already'))).toBe(true);
  });

  test('what was contained again is still given back by a release of the first run', async () => {
    const one = company();
    const { runId } = await lived(one, closePorts(22), openPort());
    const rules = () =>
      Object.keys(
        (one.sandbox.rows.snapshot()['azure.arm.resources'] ?? {}) as Readonly<Record<string, unknown>>,
      ).filter((id) => id.toLowerCase().includes('cordon-deny-22'));
    const before = JSON.stringify(rules());
    await pass(one, 60);
    expect((await takenBack(one, runId)).word).toBe('released allowed');
    expect(JSON.stringify(rules()).length).toBeLessThanOrEqual(before.length);
    expect(await held(one.deps)).toEqual([]);
  });

  test('but not once it is released', async () => {
    const one = company();
    const { runId } = await lived(one, closePorts(22), openPort());
    await takenBack(one, runId);
    const calls = one.sandbox.recorder.calls.length;
    await pass(one, 90_000);
    expect(one.sandbox.recorder.calls).toHaveLength(calls);
  });

  test('a look that fails is told, keeps nobody else from being looked at, and comes again', async () => {
    const one = company();
    await lived(one, disableKey(), leakedKey());
    await lived(one, closePorts(22), openPort());
    one.sandbox.faults.plant({
      operation: 'iam:ListAccessKeys',
      fault: { kind: 'error', code: 'InternalFailure', status: 500 },
      times: 1,
    });
    await expect(pass(one, 60)).rejects.toMatchObject({ code: 'not-attended', retryable: true });
    const looks = (await held(one.deps)).map(({ watch }) => watch?.round);
    expect(looks.sort()).toEqual([0, 1]);
    await pass(one, 1);
    expect((await held(one.deps)).map(({ watch }) => watch?.round)).toEqual([1, 1]);
  });
});

describe('a review', () => {
  test('reminds every day, and wakes somebody up from the third time on', async () => {
    const one = company();
    await lived(one, disableKey('', 'review: 8h'), leakedKey());
    for (let day = 0; day < 4; day += 1) await pass(one, day === 0 ? 8 * 3_600 + 60 : 86_400);
    const told = await notices(one, 'review-due');
    expect(told.sort((a, b) => a.at.localeCompare(b.at)).map(({ page }) => page)).toEqual([false, false, true, true]);
    expect((await held(one.deps))[0]?.reviews).toBe(4);
  });
});

describe('what stands for a time only', () => {
  const block = playbook(`
id: block
title: Block an address
on: { finding: { provider: [defender] } }
mode: enforce
steps:
  - id: block
    action: azure.network.deny-address
    with: { networkSecurityGroupId: "${nsgId}", addresses: ["203.0.113.7"], direction: Inbound }
`);

  test('ends by itself when its time is over, with a plan and a proof, and leaves no hold', async () => {
    const one = company();
    await lived(one, block, openPort());
    const [containment] = await held(one.deps);
    expect(containment?.endsAt).toBe(new Date(Date.parse(containment?.since ?? '') + 86_400_000).toISOString());
    await pass(one, 86_300);
    expect(await held(one.deps)).toHaveLength(1);
    await pass(one, 200);
    expect(await held(one.deps)).toEqual([]);
    const release = await stateOf(one, one.started.at(-1) ?? '');
    expect(release).toMatchObject({ order: { requester: { kind: 'schedule' } }, result: { outcome: 'released' } });
    expect(await one.deps.records.list('hold', 'held')).toEqual([]);
  });
});
