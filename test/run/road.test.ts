import { describe, expect, test } from 'vitest';
import { asJson, canonical, type Json } from '../../shared/model/json.ts';
import type { Target } from '../../shared/model/target.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { held, readContainment } from '../../shared/records/containments.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { findings } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { lease } from '../../shared/records/leases.ts';
import { setKillSwitch } from '../../shared/records/switches.ts';
import { turn, type WorkTable } from '../../shared/run/turn.ts';
import { accessKeys, users } from '../../shared/sandbox/aws/iam-rows.ts';
import { rulesOf } from '../../shared/sandbox/azure/network-security-groups.ts';
import { resources } from '../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { development, production } from '../support/company.ts';
import {
  carryOn,
  changing,
  closePorts,
  disableKey,
  keyId,
  leakedKey,
  lived,
  nsgId,
  opened,
  openOne,
  openPort,
  operations,
  planOf,
  playbook,
  type Road,
  road,
  stateOf,
  takenBack,
} from '../support/road.ts';
import { placedSteps } from '../../shared/model/playbook.ts';

const statusOf = (sandbox: Sandbox): string | undefined => sandbox.rows.get(accessKeys, keyId)?.status;
function setKey({ rows }: Sandbox, status: 'Active' | 'Inactive'): void {
  const key = rows.get(accessKeys, keyId);
  if (key) rows.put(accessKeys, keyId, { ...key, status });
}
const nsgOf = ({ rows }: Sandbox) => rows.get(resources, nsgId.toLowerCase());
const ruleNames = (sandbox: Sandbox) => {
  const group = nsgOf(sandbox);
  return group ? rulesOf(group).map(({ name }) => name) : [];
};
/** Somebody else's edit of the rules of the group. */
function setRules(sandbox: Sandbox, change: (all: ReturnType<typeof rulesOf>) => readonly object[]): void {
  const group = nsgOf(sandbox);
  if (!group) throw new Error('the estate has no such group');
  const properties = { ...group.properties, securityRules: asJson(change(rulesOf(group))) };
  sandbox.rows.put(resources, nsgId.toLowerCase(), { ...group, properties });
}
/** The rules with one under the name of ours that we did not make. */
const edited = (rules: ReturnType<typeof rulesOf>, priority: number): readonly object[] => [
  ...rules.filter(({ name }) => name !== 'cordon-deny-22'),
  { name: 'cordon-deny-22', properties: { ...rules[0]?.properties, priority } },
];
const update = 'iam:UpdateAccessKey';
const ruleWrite = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
const kill = (one: Road, on: boolean) => setKillSwitch(one.deps, { on, by: 'maria', why: 'odd' });
const jonas = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;

describe('containment', () => {
  test('turns a leaked key off, proves it, and keeps it in the records', async () => {
    const one = road();
    const { runId, result, word } = await lived(one, disableKey(), leakedKey());
    expect(word).toBe('contained allowed');
    expect(statusOf(one.sandbox)).toBe('Inactive');
    expect(operations(one)).toEqual([update]);
    expect(await held(one.deps)).toMatchObject([
      {
        owners: [runId],
        account: production,
        changes: [{ resource: `ci-deploy/${keyId}`, from: 'Active', to: 'Inactive' }],
      },
    ]);
    expect((await planOf(one, runId))?.digest).toBe(result?.planDigest);
    const entries = (await readJournal(one.deps.records, runId)).flatMap((row) => row.entries);
    const kinds = entries.map(({ type }) => type);
    expect(kinds.indexOf('intent')).toBeLessThan(kinds.indexOf('call'));
    expect(entries.find(({ type }) => type === 'intent')).toMatchObject({
      captured: { [`ci-deploy/${keyId}`]: 'Active' },
    });
    expect(entries.find(({ type }) => type === 'call')).toMatchObject({
      operation: 'IAM:UpdateAccessKey',
      status: 200,
      requestId: changing(one)[0]?.requestId,
    });
  });

  test('closes a port on Azure', async () => {
    const one = road();
    const { word } = await lived(one, closePorts(22), openPort());
    expect(word).toBe('contained allowed');
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh', 'cordon-deny-22']);
    expect(operations(one)).toEqual([ruleWrite]);
  });

  test('of what is contained already joins the containment and changes nothing', async () => {
    const one = road();
    const first = await lived(one, disableKey(), leakedKey());
    const again = await lived(
      one,
      disableKey(),
      leakedKey({
        'detail.id': 'b2',
        'detail.arn': 'arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/b2',
      }),
    );
    expect(again.word).toBe('nothing-to-do already-contained');
    expect(again.runId).not.toBe(first.runId);
    expect(await held(one.deps)).toMatchObject([{ owners: [first.runId, again.runId], changes: [{ from: 'Active' }] }]);
    expect(operations(one)).toEqual([update]);
  });

  test('of what somebody else has contained is nothing of ours: no containment, nothing to take back', async () => {
    const one = road();
    setKey(one.sandbox, 'Inactive');
    const { runId, word } = await lived(one, disableKey(), leakedKey());
    expect(word).toBe('nothing-to-do already-contained');
    expect(await held(one.deps)).toEqual([]);
    expect((await takenBack(one, runId)).word).toBe('nothing-to-do already-contained');
    expect(operations(one)).toEqual([]);
  });

  test('made by somebody else between plan and change is joined, not claimed', async () => {
    const one = road();
    const runId = await openOne(one, disableKey('approve: { by: [oncall], within: 30m }'), leakedKey());
    await carryOn(one, runId);
    setKey(one.sandbox, 'Inactive');
    const [question] = await openApprovals(one.deps);
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', jonas);
    const { result } = await carryOn(one, runId);
    expect(result).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await held(one.deps)).toEqual([]);
  });

  test('goes on through several steps that meet in the same group', async () => {
    const one = road();
    const { word, result } = await lived(one, closePorts(22, 3389, 5985, 5986), openPort());
    expect(word).toBe('contained allowed');
    expect(result?.steps.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 4 }, () => 'contained'));
    expect(ruleNames(one.sandbox)).toEqual([
      'allow-ssh',
      'cordon-deny-22',
      'cordon-deny-3389',
      'cordon-deny-5985',
      'cordon-deny-5986',
    ]);
    expect(operations(one)).toEqual(Array.from({ length: 4 }, () => ruleWrite));
  });
});

describe('nothing is changed', () => {
  const planned = async (one: Road, runId: string) => (await planOf(one, runId))?.digest;

  test('in a dry-run, which makes the same plan as the real thing', async () => {
    const dry = road();
    const dryRun = await lived(dry, disableKey(), leakedKey(), { wants: 'dry-run' });
    expect(dryRun.word).toBe('planned mode-dry-run');
    const wet = road();
    const wetRun = await lived(wet, disableKey(), leakedKey());
    expect(await planned(dry, dryRun.runId)).toBe(await planned(wet, wetRun.runId));
    expect(operations(dry)).toEqual([]);
    expect(dry.sandbox.recorder.calls.some(({ caller }) => caller.includes('CordonWriter'))).toBe(false);
  });

  test.each<[string, Parameters<typeof road>[0], Parameters<typeof disableKey>, Parameters<typeof openOne>[3]]>([
    ['on a stage that does not say enforce', { stage: 'staging', stages: { staging: 'enforce' } }, [], {}],
    ['on a stage nobody knows', { stage: 'constructor' }, [], {}],
    ['by a playbook in dry-run', {}, ['', 'review: 1h\nmode: dry-run'], {}],
  ])('%s', async (_, settings, [more, head], asks) => {
    const one = road(settings);
    const how = head === undefined ? disableKey(more) : { ...disableKey(more), mode: 'dry-run' as const };
    expect((await lived(one, how, leakedKey(), asks)).word).toBe('planned mode-dry-run');
    expect(operations(one)).toEqual([]);
  });

  test.each<[string, Record<string, Json>, Parameters<typeof openOne>[3], string]>([
    ['for a sample finding', { 'detail.service.additionalInfo': { sample: true } }, {}, 'sample-finding'],
    ['for a stale event', {}, { envelope: { time: '2026-11-19T09:04:59.000Z', replayed: false } }, 'stale-event'],
    ['for an event of a time that is none', {}, { envelope: { time: 'yesterday', replayed: false } }, 'stale-event'],
    ['for a replayed event', {}, { envelope: { time: '2026-11-20T09:05:00.000Z', replayed: true } }, 'replayed-event'],
  ])('%s', async (_, members, asks, reason) => {
    const one = road();
    const { result } = await lived(one, disableKey(), leakedKey(members), asks);
    expect(`${result?.outcome} ${result?.reason}`).toBe(`planned ${reason}`);
    expect(operations(one)).toEqual([]);
  });

  test('when the provider says that the finding is about something else', async () => {
    const one = road({}, () => ({ confirm: async () => 'different' }));
    const { result, word } = await lived(one, disableKey(), leakedKey());
    expect(word).toBe('unconfirmed finding-unconfirmed');
    expect(result).toMatchObject({ detail: 'different', steps: [{ id: 'disable', outcome: 'planned' }] });
    expect(operations(one)).toEqual([]);
  });

  test('when the provider does not know the finding, before a person has decided', async () => {
    const one = road();
    const told = leakedKey();
    const [opening] = await opened(one, [disableKey()], told);
    for (const [key] of one.sandbox.rows.all(findings)) one.sandbox.rows.delete(findings, key);
    const runId = opening?.opened ? opening.runId : '';
    expect((await carryOn(one, runId)).waitsFor).toMatch(/^approval/);
    expect(operations(one)).toEqual([]);
    const [question] = await openApprovals(one.deps);
    expect(question).toMatchObject({ reason: 'finding-unconfirmed' });
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', { ...jonas, verdict: 'rejected' });
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'rejected' });
    expect(operations(one)).toEqual([]);
  });

  test('when the target is gone', async () => {
    for (const gone of [
      (sandbox: Sandbox) => sandbox.rows.delete(accessKeys, keyId),
      (sandbox: Sandbox) => sandbox.rows.delete(users, `${production}/ci-deploy`),
    ]) {
      const one = road();
      gone(one.sandbox);
      expect((await lived(one, disableKey(), leakedKey())).word).toBe('target-gone target-gone');
      expect(operations(one)).toEqual([]);
    }
  });

  test('on what is protected', async () => {
    const one = road({ protectedPrincipals: [`arn:aws:iam::${production}:user/ci-deploy`] });
    expect((await lived(one, disableKey(), leakedKey())).word).toBe('denied protected-principal');
    expect(operations(one)).toEqual([]);
  });

  test('on a target of another account than its finding, nor in an account out of scope', async () => {
    const one = road();
    const { finding, event } = leakedKey();
    const foreign = finding.resources.map((target): Target => ({ ...target, account: development }));
    expect((await lived(one, disableKey(), { finding: { ...finding, resources: foreign }, event })).word).toBe(
      'denied foreign-account',
    );
    const strange = { ...finding, id: `${finding.id}x`, account: '000000000000' };
    expect(await opened(one, [disableKey()], { finding: strange, event })).toEqual([
      { opened: false, playbook: 'leaked-key', reason: 'account-out-of-scope' },
    ]);
    expect(operations(one)).toEqual([]);
  });

  test('when the requester agreed to another plan; the plan agreed to is carried out', async () => {
    const one = road();
    const person = { requester: { kind: 'person', id: 'maria' } } as const;
    const other = await lived(one, disableKey(), leakedKey(), { ...person, agreedDigest: 'another' });
    expect(other.word).toBe('denied plan-drifted');
    expect(operations(one)).toEqual([]);
    const agreed = await lived(one, disableKey(), leakedKey(), {
      ...person,
      agreedDigest: other.result?.planDigest ?? '',
    });
    expect(agreed.word).toBe('contained allowed');
  });

  test('for a playbook whose steps do not apply', async () => {
    const one = road();
    const { result } = await lived(one, disableKey('when: { finding: { type: [Other] } }'), leakedKey());
    expect(result).toMatchObject({ outcome: 'nothing-to-do', steps: [] });
    expect(operations(one)).toEqual([]);
  });
});

describe('the kill switch', () => {
  /** A run that the switch holds back, and what becomes of it when the switch is lifted. */
  const lifted = async (one: Road, runId: string): Promise<string> => {
    const before = await stateOf(one, runId);
    expect(before).toMatchObject({ status: 'waiting', waitsFor: 'the kill switch' });
    expect(await one.deps.records.list('paused', 'paused')).toMatchObject([{ id: runId }]);
    await kill(one, false);
    const { result } = await carryOn(one, runId);
    expect(await one.deps.records.list('paused', 'paused')).toEqual([]);
    return `${result?.outcome} ${result?.reason}`;
  };

  test('on before the run holds it back; off again, it is contained', async () => {
    const one = road();
    await kill(one, true);
    const { runId } = await lived(one, disableKey(), leakedKey());
    expect(operations(one)).toEqual([]);
    expect(await lifted(one, runId)).toBe('contained allowed');
  });

  test('that nobody lifts ends the run as halted after a day', async () => {
    const one = road();
    await kill(one, true);
    const { runId } = await lived(one, disableKey(), leakedKey());
    one.sandbox.clock.advance(24 * 3_600);
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'halted', reason: 'kill-switch' });
    expect(operations(one)).toEqual([]);
  });

  test('for one run holds back that one alone', async () => {
    const one = road();
    const runId = await openOne(one, disableKey(), leakedKey());
    await setKillSwitch(one.deps, { on: true, by: 'maria', why: 'wrong person', run: runId });
    expect((await carryOn(one, runId)).waitsFor).toBe('the kill switch');
    expect((await lived(one, closePorts(22), openPort())).word).toBe('contained allowed');
    await setKillSwitch(one.deps, { on: false, by: 'maria', why: 'right after all', run: runId });
    expect((await carryOn(one, runId)).result?.outcome).toBe('contained');
  });

  test('is lifted, and the finding is gone meanwhile: nothing is changed', async () => {
    const one = road();
    await kill(one, true);
    const told = leakedKey();
    const { runId } = await lived(one, disableKey(), told);
    one.sandbox.rows.restore({
      ...one.sandbox.rows.snapshot(),
      'aws.guardduty.findings': {},
    });
    await kill(one, false);
    expect((await carryOn(one, runId)).waitsFor).toMatch(/^approval/);
    expect(operations(one)).toEqual([]);
  });

  const flipping = (one: Road, at: string) => {
    let flips = true;
    one.sandbox.recorder.onCall(({ operation }) => {
      if (flips && operation === at) void kill(one, true);
      flips &&= operation !== at;
    });
  };

  test('flipped between plan and change holds the run back', async () => {
    const one = road();
    flipping(one, 'iam:ListAccessKeys');
    const { runId } = await lived(one, disableKey(), leakedKey());
    expect(operations(one)).toEqual([]);
    expect(await held(one.deps)).toEqual([]);
    expect(await lifted(one, runId)).toBe('contained allowed');
  });

  test('flipped between two steps keeps the first and waits before the second', async () => {
    const one = road();
    flipping(one, ruleWrite);
    const { runId } = await lived(one, closePorts(22, 3389), openPort());
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh', 'cordon-deny-22']);
    one.sandbox.clock.advance(24 * 3_600);
    const { result } = await carryOn(one, runId);
    expect(result?.outcome).toBe('halted');
    expect(result?.steps.map(({ outcome }) => outcome)).toEqual(['contained', 'halted']);
  });

  test('flipped while a call waits to be tried again stops it', async () => {
    const one = road();
    one.sandbox.faults.plant({ operation: update, fault: { kind: 'throttle' }, times: 1 });
    flipping(one, update);
    const { runId } = await lived(one, disableKey(), leakedKey());
    expect(statusOf(one.sandbox)).toBe('Active');
    expect(await lifted(one, runId)).toBe('contained allowed');
  });

  test('stops a release too', async () => {
    const one = road();
    const { runId } = await lived(one, closePorts(22), openPort());
    await kill(one, true);
    const release = await takenBack(one, runId);
    expect(ruleNames(one.sandbox)).toContain('cordon-deny-22');
    expect(await lifted(one, release.runId)).toBe('released allowed');
  });
});

describe('a person is asked', () => {
  const asking = disableKey('approve: { by: [oncall], within: 30m }');
  const waiting = async (one: Road, how = asking) => {
    const runId = await openOne(one, how, leakedKey());
    const standing = await carryOn(one, runId);
    const [question] = await openApprovals(one.deps);
    return { runId, standing, question };
  };

  test('and nothing is changed until they answer; approved, it is contained', async () => {
    const one = road();
    const { runId, standing, question } = await waiting(one);
    expect(standing).toMatchObject({
      status: 'waiting',
      waitsFor: `approval ${question?.id}`,
      dueAt: '2026-11-20T09:35:00.000Z',
    });
    expect(question).toMatchObject({
      run: runId,
      step: 'disable',
      by: ['oncall'],
      reason: 'approval-asked',
      digest: (await planOf(one, runId))?.digest,
    });
    expect(operations(one)).toEqual([]);
    await turn(one.engine, runId, one.signal);
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', jonas);
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'contained' });
    expect(operations(one)).toEqual([update]);
    expect(await openApprovals(one.deps)).toEqual([]);
  });

  test('and says no: rejected', async () => {
    const one = road();
    const { runId, question } = await waiting(one);
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', { ...jonas, verdict: 'rejected' });
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'rejected', reason: 'approval-rejected' });
    expect(operations(one)).toEqual([]);
  });

  test('and does not answer: lapsed, and an answer after it changes nothing', async () => {
    const one = road();
    const { runId, question } = await waiting(one);
    one.sandbox.clock.moveTo('2026-11-20T09:35:00.000Z');
    await expect(answer(one.deps, question?.id ?? '', question?.digest ?? '', jonas)).rejects.toMatchObject({
      code: 'approval-lapsed',
    });
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'lapsed', reason: 'approval-lapsed' });
    expect(operations(one)).toEqual([]);
  });

  test('again about the new plan when the target has drifted meanwhile', async () => {
    const one = road();
    const how = { ...closePorts(22) };
    const asks = {
      ...how,
      steps: placedSteps(how).map(({ step }) => ({
        ...step,
        approve: { by: ['oncall'], within: '30m', silence: 'lapse' as const, quorum: 1 },
      })),
    };
    const runId = await openOne(one, asks, openPort());
    await carryOn(one, runId);
    const [first] = await openApprovals(one.deps);
    setRules(one.sandbox, (rules) => edited(rules, 4_000));
    await answer(one.deps, first?.id ?? '', first?.digest ?? '', jonas);
    expect((await carryOn(one, runId)).waitsFor).toContain('approval');
    const [second] = await openApprovals(one.deps);
    expect(second?.digest).not.toBe(first?.digest);
    expect(operations(one)).toEqual([]);
    await answer(one.deps, second?.id ?? '', second?.digest ?? '', jonas);
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'contained' });
  });

  test('beyond the limit of an hour, at the plan or just before the change', async () => {
    const one = road();
    const how = disableKey('', 'limits: { perHour: 1 }');
    await lived(one, how, leakedKey());
    setKey(one.sandbox, 'Active');
    const told = leakedKey({
      'detail.id': 'b2',
      'detail.arn': 'arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/b2',
    });
    const { standing, runId } = await lived(one, how, told);
    expect(standing.status).toBe('waiting');
    expect(await openApprovals(one.deps)).toMatchObject([{ run: runId, reason: 'limit-per-hour' }]);
    expect(operations(one)).toEqual([update]);
  });

  test('when a limit was reached after the plan was made', async () => {
    const one = road({ accountPerHour: 1 });
    let others = 0;
    one.sandbox.recorder.onCall(({ operation }) => {
      if (operation !== 'iam:ListAccessKeys' || others > 0) return;
      others += 1;
      const hour = one.sandbox.clock.now().slice(0, 13);
      const group = `account:${production}:${hour}`;
      void one.deps.records.create({ kind: 'budget', id: `${group}:0`, group, body: { run: 'other' } });
    });
    const { standing } = await lived(one, disableKey(), leakedKey());
    expect(standing.status).toBe('waiting');
    expect(await openApprovals(one.deps)).toMatchObject([{ reason: 'limit-account' }]);
    expect(operations(one)).toEqual([]);
  });

  test('in the words of the step of a list, not of another whose name begins alike', async () => {
    const one = road();
    const how = playbook(`
id: lists
title: Lists
on: { finding: { provider: [guardduty] } }
mode: enforce
steps:
  - id: disable
    action: aws.iam.disable-access-key
    when: { finding: { type: [none] } }
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
  - id: disable-key
    action: aws.iam.disable-access-key
    forEach: "\${finding.actor.addresses}"
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
    approve: { by: [network], within: 10m }
`);
    const { finding, event } = leakedKey();
    const twice = {
      ...finding,
      actor: { ...finding.actor, type: 'iam-user' as const, addresses: ['203.0.113.7', '203.0.113.8'] },
    };
    const runId = await openOne(one, how, { finding: twice, event });
    const standing = await carryOn(one, runId);
    expect(standing.dueAt).toBe('2026-11-20T09:15:00.000Z');
    const [question] = await openApprovals(one.deps);
    expect(question).toMatchObject({ step: 'disable-key-1', by: ['network'] });
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', jonas);
    await carryOn(one, runId);
    expect(operations(one)).toEqual([update]);
  });
});

describe('drift', () => {
  /** Somebody edits the rule that we are about to make, just before each of so many changes. */
  function drifting(one: Road, times: number): Road {
    let left = times;
    const contain = one.engine.works['contain'] ?? (async () => null);
    const works: WorkTable = {
      ...one.engine.works,
      contain(input, context) {
        if (left > 0) setRules(one.sandbox, (rules) => edited(rules, 4_000 - left));
        left -= 1;
        return contain(input, context);
      },
    };
    return { ...one, engine: { ...one.engine, works } };
  }
  const oursIn = (sandbox: Sandbox) => {
    const group = nsgOf(sandbox);
    return group && rulesOf(group).find(({ name }) => name === 'cordon-deny-22')?.properties;
  };

  test('makes a new plan, which is carried out', async () => {
    const one = drifting(road(), 2);
    expect((await lived(one, closePorts(22), openPort())).word).toBe('contained allowed');
    expect(operations(one)).toEqual([ruleWrite]);
    expect(oursIn(one.sandbox)).toMatchObject({ access: 'Deny', priority: 100 });
    const [containment] = await held(one.deps);
    expect(containment?.changes).toMatchObject([{ from: { access: 'Allow', priority: 3_999 } }]);
  });

  test('again and again is left to a person after the third plan', async () => {
    const one = drifting(road(), 60);
    const { word, result, runId } = await lived(one, closePorts(22), openPort());
    expect(word).toBe('not-contained plan-drifted');
    expect(result?.steps).toMatchObject([{ id: 'close-a', outcome: 'not-contained' }]);
    const rows = await readJournal(one.deps.records, runId);
    const keys = rows.flatMap((row) => row.entries).map((entry) => (entry.type === 'reply' ? entry.key : ''));
    expect(keys.filter((key) => key.startsWith('plan#'))).toHaveLength(3);
    expect(operations(one)).toEqual([]);
  });

  test('while a call waits to be tried again is drift as well, not somebody else’s edit of ours', async () => {
    const one = road();
    one.sandbox.faults.plant({ operation: ruleWrite, fault: { kind: 'throttle' }, times: 1 });
    let once = true;
    one.sandbox.recorder.onCall(({ operation, error }) => {
      if (operation !== ruleWrite || error === '' || !once) return;
      once = false;
      setRules(one.sandbox, (rules) => edited(rules, 4_000));
    });
    const { word } = await lived(one, closePorts(22), openPort());
    expect(word).toBe('contained allowed');
    const group = nsgOf(one.sandbox);
    expect(group && rulesOf(group).find(({ name }) => name === 'cordon-deny-22')?.properties).toMatchObject({
      access: 'Deny',
      priority: 100,
    });
  });
});

describe('release', () => {
  test('takes back what was changed, and the containment ends', async () => {
    const one = road();
    const { runId } = await lived(one, closePorts(22, 3389), openPort());
    expect((await takenBack(one, runId)).word).toBe('released allowed');
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh']);
    expect(await held(one.deps)).toEqual([]);
    expect((await takenBack(one, runId)).word).toBe('nothing-to-do already-contained');
    expect(operations(one)).toHaveLength(4);
  });

  test('on a dry-run plans and changes nothing', async () => {
    const one = road();
    const { runId } = await lived(one, closePorts(22), openPort());
    expect((await takenBack(one, runId, { wants: 'dry-run' })).word).toBe('planned mode-dry-run');
    expect(ruleNames(one.sandbox)).toContain('cordon-deny-22');
    expect(await held(one.deps)).toHaveLength(1);
  });

  test("keeps somebody else's edit, takes back the rest, and says so", async () => {
    const one = road();
    const { runId } = await lived(one, closePorts(22, 3389), openPort());
    setRules(one.sandbox, (rules) =>
      rules.map((rule) =>
        rule.name === 'cordon-deny-22'
          ? { ...rule, properties: { ...rule.properties, sourceAddressPrefix: '203.0.113.0/24' } }
          : rule,
      ),
    );
    const { word, result } = await takenBack(one, runId);
    expect(word).toBe('released foreign-edit');
    expect(result?.steps.flatMap(({ moved }) => moved.map(({ resource }) => resource.split('/').at(-1)))).toEqual([
      'cordon-deny-22',
    ]);
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh', 'cordon-deny-22']);
  });

  test('of credentials needs the wish for it, and a second person', async () => {
    const one = road();
    const { runId } = await lived(one, disableKey(), leakedKey());
    expect((await takenBack(one, runId)).word).toBe('denied credentials-return');
    const back = await takenBack(one, runId, { reactivateCredentials: true });
    expect(back.standing.status).toBe('waiting');
    const [question] = await openApprovals(one.deps);
    expect(question).toMatchObject({ reason: 'credentials-return', requester: 'maria' });
    const asked = [question?.id ?? '', question?.digest ?? ''] as const;
    await expect(answer(one.deps, ...asked, { ...jonas, person: 'maria' })).rejects.toMatchObject({
      code: 'four-eyes',
    });
    expect(statusOf(one.sandbox)).toBe('Inactive');
    await answer(one.deps, ...asked, jonas);
    expect((await carryOn(one, back.runId)).result).toMatchObject({ outcome: 'released' });
    expect(statusOf(one.sandbox)).toBe('Active');
    expect(await held(one.deps)).toEqual([]);
  });

  const secondAlert = () => {
    const { finding, event } = openPort();
    const id = `${finding.id}-2`;
    const link = { alertId: `${finding.link['alertId']}-2`, alertName: id, systemAlertId: id };
    return { event, finding: { ...finding, id, link } };
  };

  test('by one of two owners only lets go; the last owner takes it back', async () => {
    const one = road();
    const first = await lived(one, closePorts(22), openPort());
    const second = await lived(one, closePorts(22), secondAlert());
    expect(second.word).toBe('nothing-to-do already-contained');
    const left = await takenBack(one, first.runId);
    expect(left.result?.steps).toMatchObject([{ outcome: 'nothing-to-do', reason: 'shared-containment' }]);
    expect(ruleNames(one.sandbox)).toContain('cordon-deny-22');
    expect(await held(one.deps)).toMatchObject([{ owners: [second.runId] }]);
    expect((await takenBack(one, second.runId)).word).toBe('released allowed');
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh']);
  });

  test('by both owners at once: one lets go, the other learns that it is the last and plans anew', async () => {
    const one = road();
    const first = await lived(one, closePorts(22), openPort());
    const second = await lived(one, closePorts(22), secondAlert());
    const both = await Promise.all([takenBack(one, first.runId), takenBack(one, second.runId)]);
    expect(both.map(({ word }) => word).toSorted()).toEqual([
      'denied plan-drifted',
      'nothing-to-do shared-containment',
    ]);
    expect(ruleNames(one.sandbox)).toContain('cordon-deny-22');
    const [last] = await held(one.deps);
    expect(last?.owners).toHaveLength(1);
    expect((await takenBack(one, last?.owners[0] ?? '')).word).toBe('released allowed');
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh']);
    expect(await held(one.deps)).toEqual([]);
  });

  test('that waits while another run joins leaves the containment to it', async () => {
    const one = road();
    const first = await lived(one, disableKey(), leakedKey());
    const back = await takenBack(one, first.runId, { reactivateCredentials: true });
    const second = await lived(
      one,
      disableKey(),
      leakedKey({
        'detail.id': 'b2',
        'detail.arn': 'arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/b2',
      }),
    );
    const [question] = await openApprovals(one.deps);
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', jonas);
    const { result } = await carryOn(one, back.runId);
    expect(result).toMatchObject({ outcome: 'denied', reason: 'plan-drifted' });
    expect(statusOf(one.sandbox)).toBe('Inactive');
    expect(await held(one.deps)).toMatchObject([{ owners: [first.runId, second.runId] }]);
  });

  test('that comes between plan and joining of another run does not leave it with a containment that is none', async () => {
    const one = road();
    const first = await lived(one, closePorts(22), openPort());
    const runId = await openOne(one, closePorts(22), secondAlert());
    let released: Promise<unknown> | undefined;
    const plain = one.deps.records;
    const meddling: Road = {
      ...one,
      engine: {
        ...one.engine,
        works: {
          ...one.engine.works,
          async join(input, context) {
            released ??= takenBack(one, first.runId);
            await released;
            return (one.engine.works['join'] ?? (async () => null))(input, context);
          },
        },
      },
    };
    const { result } = await carryOn(meddling, runId);
    expect(result).toMatchObject({ outcome: 'contained' });
    expect(ruleNames(one.sandbox)).toContain('cordon-deny-22');
    expect(await held({ records: plain })).toMatchObject([{ owners: [runId], status: 'held' }]);
  });

  test('gives back what was there before the first of several containments', async () => {
    const one = road();
    const first = await lived(one, disableKey(), leakedKey());
    setKey(one.sandbox, 'Active');
    const second = await lived(
      one,
      disableKey(),
      leakedKey({
        'detail.id': 'b2',
        'detail.arn': 'arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/b2',
      }),
    );
    expect(second.word).toBe('contained allowed');
    const [containment] = await held(one.deps);
    expect(containment).toMatchObject({
      owners: [first.runId, second.runId],
      changes: [{ from: 'Active', to: 'Inactive' }],
    });
    expect((await readContainment(one.deps, containment?.id ?? ''))?.since).toBe(containment?.since);
  });
});

describe('delivery', () => {
  test('a hundred times, one after the other or at once, makes one run', async () => {
    const one = road();
    const told = leakedKey();
    const first = await openOne(one, disableKey(), told);
    const copies = await Promise.all(Array.from({ length: 50 }, () => opened(one, [disableKey()], told)));
    await carryOn(one, first);
    for (let copy = 0; copy < 49; copy += 1) copies.push(await opened(one, [disableKey()], told));
    expect(new Set(copies.flat().map((opening) => (opening.opened ? opening.runId : '')))).toEqual(new Set([first]));
    expect(copies.flat().some((opening) => opening.opened && opening.fresh)).toBe(false);
    await Promise.allSettled(Array.from({ length: 20 }, () => carryOn(one, first)));
    expect(operations(one)).toEqual([update]);
  });

  test('started many times at once is carried on by one, and every change is made once', async () => {
    const one = road();
    const runId = await openOne(one, closePorts(22, 3389), openPort());
    const turns = await Promise.allSettled(Array.from({ length: 10 }, () => turn(one.engine, runId, one.signal)));
    expect(turns.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    const { result } = await carryOn(one, runId);
    expect(result).toMatchObject({ outcome: 'contained' });
    expect(operations(one)).toEqual([ruleWrite, ruleWrite]);
    await readJournal(one.deps.records, runId);
  });

  test('two runs that want the same thing at once: one makes it, both hold it', async () => {
    const one = road();
    const ids = [
      await openOne(one, disableKey(), leakedKey()),
      await openOne(one, { ...disableKey(), id: 'another' }, leakedKey()),
    ];
    // both begin at once; the one that finds the other at work waits, and time passes for it alone
    await Promise.all(ids.map((runId) => turn(one.engine, runId, one.signal)));
    for (const runId of ids)
      expect(['contained', 'nothing-to-do']).toContain((await carryOn(one, runId)).result?.outcome);
    expect(operations(one)).toEqual([update]);
    expect((await held(one.deps))[0]?.owners.toSorted()).toEqual(ids.toSorted());
  });

  test('a resource that another run is changing is waited for, and taken when its lease lapses', async () => {
    const one = road();
    const plan = await lived(road(), disableKey(), leakedKey());
    const { id = '' } =
      (
        await (async () => {
          const other = road();
          await lived(other, disableKey(), leakedKey());
          return held(other.deps);
        })()
      )[0] ?? {};
    await lease(one.deps, id, 'another-run');
    const before = one.sandbox.clock.milliseconds;
    const { word } = await lived(one, disableKey(), leakedKey());
    expect([word, plan.word]).toEqual(['contained allowed', 'contained allowed']);
    expect(one.sandbox.clock.milliseconds - before).toBeGreaterThan(60_000);
    expect(operations(one)).toEqual([update]);
  });
});

describe('when the provider', () => {
  const plant = (
    one: Road,
    operation: string,
    fault: Parameters<Sandbox['faults']['plant']>[0]['fault'],
    times?: number,
  ) => one.sandbox.faults.plant({ operation, fault, ...(times !== undefined && { times }) });

  test.each(['iam:ListAccessKeys', 'iam:GetUser', 'guardduty:GetFindings', update, 'sts:AssumeRole'])(
    'throttles %s, it is tried again and contained',
    async (operation) => {
      const one = road();
      plant(one, operation, { kind: 'throttle' }, 3);
      expect((await lived(one, disableKey(), leakedKey())).word).toBe('contained allowed');
      expect(changing(one).filter(({ error }) => error === '')).toHaveLength(1);
    },
  );

  test('throttles for ever, the run ends after five attempts and says what failed', async () => {
    const one = road();
    plant(one, update, { kind: 'throttle' });
    const { word, result } = await lived(one, disableKey(), leakedKey());
    expect(word).toBe('failed action-failed');
    expect(result?.steps[0]?.detail).toContain('Throttling');
    expect(changing(one)).toHaveLength(5);
    expect(statusOf(one.sandbox)).toBe('Active');
  });

  test('loses the answer after the effect, it is looked up and not repeated', async () => {
    const one = road();
    plant(one, update, { kind: 'answer-lost' }, 1);
    expect((await lived(one, disableKey(), leakedKey())).word).toBe('contained allowed');
    expect(changing(one)).toHaveLength(1);
    const azure = road();
    plant(azure, ruleWrite, { kind: 'answer-lost' }, 1);
    expect((await lived(azure, closePorts(22), openPort())).word).toBe('contained allowed');
    expect(changing(azure)).toHaveLength(1);
  });

  test('loses the answer while its reads lag, the effect is waited for and not repeated', async () => {
    const one = road();
    one.sandbox.rows.setLag('aws.iam', 12);
    one.sandbox.clock.advance(12);
    plant(one, update, { kind: 'answer-lost' }, 1);
    expect((await lived(one, disableKey(), leakedKey())).word).toBe('contained allowed');
    expect(changing(one)).toHaveLength(1);
  });

  test('answers no call at all, the run says that it cannot tell', async () => {
    const one = road();
    plant(one, update, { kind: 'error', code: 'ServiceUnavailable', status: 503 });
    const { word } = await lived(one, disableKey(), leakedKey());
    expect(word).toBe('failed change-indeterminate');
    expect(await held(one.deps)).toHaveLength(1);
  });

  test('says yes and does nothing, the run says so', async () => {
    const one = road();
    plant(one, update, { kind: 'effect-lost' });
    expect((await lived(one, disableKey(), leakedKey())).word).toBe('not-contained not-verified');
    const azure = road();
    plant(azure, ruleWrite, { kind: 'effect-lost' });
    expect((await lived(azure, closePorts(22), openPort())).word).toBe('not-contained not-verified');
  });

  test.each([1, 4, 15, 60])('lags behind by %i seconds, the change is seen in the end', async (seconds) => {
    const one = road();
    one.sandbox.rows.setLag('aws.iam', seconds);
    one.sandbox.clock.advance(seconds);
    expect((await lived(one, disableKey(), leakedKey())).word).toBe('contained allowed');
    expect(changing(one)).toHaveLength(1);
  });

  test('refuses the change, it is not tried again, and the refusal is told with its way out', async () => {
    const one = road();
    plant(one, update, { kind: 'error', code: 'AccessDenied', status: 403 });
    const { word, result } = await lived(one, disableKey(), leakedKey());
    expect(word).toBe('failed action-failed');
    expect(result?.steps[0]?.detail).toMatch(/AccessDenied.*Grant the action/);
    expect(changing(one)).toHaveLength(1);
  });

  test('refuses to let the writer in, nothing is changed', async () => {
    const one = road({}, (real) => ({
      session: (request) =>
        request.rights === 'writer'
          ? Promise.reject(Object.assign(new Error('AccessDenied'), { code: 'x' }))
          : real.session(request),
    }));
    expect((await lived(one, disableKey(), leakedKey())).word).toBe('failed action-failed');
    expect(operations(one)).toEqual([]);
  });

  test('stops one step of two, what was contained stays', async () => {
    const one = road();
    one.sandbox.faults.plant({
      operation: ruleWrite,
      fault: { kind: 'error', code: 'AuthorizationFailed', status: 403 },
      after: 1,
    });
    const { word, result } = await lived(one, closePorts(22, 3389), openPort());
    expect(word).toBe('partly-contained action-failed');
    expect(result?.steps.map(({ outcome }) => outcome)).toEqual(['contained', 'failed']);
    expect(ruleNames(one.sandbox)).toEqual(['allow-ssh', 'cordon-deny-22']);
  });
});

describe('when the store', () => {
  test('is down at any of its writes, nothing is changed unrecorded and the run ends as it would have', async () => {
    const fine = road();
    const wanted = await lived(fine, disableKey(), leakedKey());
    for (let at = 1; at <= 40; at += 1) {
      const one = road();
      const runId = await openOne(one, disableKey(), leakedKey());
      let writes = 0;
      const fail = async <T>(write: () => Promise<T>): Promise<T> => {
        writes += 1;
        if (writes === at) throw new Error('the store is down');
        return write();
      };
      const { records } = one.deps;
      const flaky = {
        ...records,
        create: (draft: Parameters<typeof records.create>[0]) => fail(() => records.create(draft)),
        replace: (draft: Parameters<typeof records.replace>[0], version: number) =>
          fail(() => records.replace(draft, version)),
      };
      const { engineOf } = await import('../../shared/run/engine.ts');
      const engine = engineOf({ ...one.deps, records: flaky });
      for (let attempt = 0; attempt < 3 && (await stateOf(one, runId)).status !== 'ended'; attempt += 1)
        await carryOn({ ...one, engine }, runId).catch(() => {});
      const { result } = await stateOf(one, runId);
      // that nobody could be told is said, and changes nothing of the outcome
      const { detail: _, ...came } = result ?? { outcome: 'failed', detail: '' };
      if (came.outcome !== 'failed') expect(canonical(asJson(came))).toBe(canonical({ ...wanted.result }));
      expect(changing(one).length).toBeLessThanOrEqual(1);
      const rows = await readJournal(one.deps.records, runId);
      const intents = rows.flatMap((row) => row.entries).filter(({ type }) => type === 'intent');
      expect(intents.length).toBeGreaterThanOrEqual(changing(one).length);
      if (writes < at) break;
    }
  });
});
