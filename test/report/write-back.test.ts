import { describe, expect, it, test } from 'vitest';
import { grantDeclared } from '../../functions/local/rights.ts';
import { allActions } from '../../functions/wire.ts';
import { Settings } from '../../shared/config/settings.ts';
import { FindingProgress } from '../../shared/model/finding-progress.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { type Outcome, outcomes } from '../../shared/model/outcome.ts';
import { reasonCodes } from '../../shared/model/reason.ts';
import type { RunOrder, RunResult, StepResult } from '../../shared/model/run.ts';
import { deliver, messages, type OutboxItem } from '../../shared/records/outbox.ts';
import { sendWriteBack } from '../../shared/report/write-back.ts';
import { postWriteBack, progressOf } from '../../shared/run/write-back.ts';
import { alertAt } from '../../shared/sandbox/azure/defender-alerts.ts';
import { identities, northwindSettings } from '../support/company.ts';
import { withMembers } from '../support/events.ts';
import { copied, copyOf, grantWriteBack, isArchived, writeBacks } from '../support/reporting.ts';
import {
  closePorts,
  disableKey,
  leakedKey,
  lived,
  openPort,
  type Road,
  road,
  stateOf,
  type Told,
} from '../support/road.ts';

const id = 'abcdefghijklmnopqrstuvwxyz';
const { finding } = leakedKey();
const writeBack = (changed: Partial<Settings['writeBack']>) => ({
  writeBack: { enabled: true, resolve: false, archive: false, ...changed },
});
const order = (changed: object = {}): RunOrder => ({
  kind: 'containment',
  id,
  playbook: 'leaked-key',
  playbookHash: 'hash',
  finding,
  target: finding.resources[0] ?? finding.resources[1] ?? neverHere(),
  mode: 'enforce',
  modeReason: 'allowed',
  requester: { kind: 'event', id: finding.id },
  openedAt: '2026-11-20T09:05:00.000Z',
  event: 'digest',
  ...changed,
});
function neverHere(): never {
  throw new Error('the fixture has a resource');
}
const ended = (outcome: Outcome, changed: Partial<RunResult> = {}): RunResult => ({
  outcome,
  reason: 'allowed',
  steps: [],
  ...changed,
});
const step = (outcome: Outcome): StepResult => ({ id: 'a', action: 'b', outcome, reason: 'allowed', moved: [] });
const stateFor = (outcome: Outcome, settings = northwindSettings(), changed: Partial<RunResult> = {}) =>
  progressOf(order(), ended(outcome, changed), settings)?.state;

describe('what the end of a run means for its finding', () => {
  const expected: Readonly<Record<Outcome, FindingProgress['state'] | undefined>> = {
    contained: 'in-progress',
    'partly-contained': 'in-progress',
    unverified: 'in-progress',
    'nothing-to-do': 'in-progress',
    'not-contained': 'notified',
    denied: 'notified',
    rejected: 'notified',
    lapsed: 'notified',
    'target-gone': 'notified',
    halted: 'notified',
    'rolled-back': 'notified',
    failed: 'notified',
    told: 'notified',
    planned: undefined,
    unconfirmed: undefined,
    released: undefined,
  };
  test.each(Object.entries(expected))('%s: %s', (outcome, state) => {
    expect(stateFor(outcome as Outcome)).toBe(state); // a key of outcomes
  });

  it('is in progress where something was cut off before a run broke, and not where that was taken back', () => {
    const broken = { steps: [step('contained'), step('failed')] };
    expect(stateFor('failed', northwindSettings(), broken)).toBe('in-progress');
    expect(stateFor('lapsed', northwindSettings(), broken)).toBe('in-progress');
    expect(stateFor('rolled-back', northwindSettings(), broken)).toBe('notified');
  });

  it('resolves and archives only what is contained, and only where the settings say so', () => {
    const all = northwindSettings(writeBack({ resolve: true, archive: true }));
    for (const outcome of Object.keys(outcomes) as Outcome[]) {
      const told = progressOf(order(), ended(outcome), all);
      expect(told?.state === 'resolved', outcome).toBe(outcome === 'contained');
      expect(told?.archive ?? false, outcome).toBe(outcome === 'contained');
    }
    expect(progressOf(order(), ended('contained'), northwindSettings())).toMatchObject({ archive: false });
  });

  it('is nothing in staging, in dry-run, for samples, for a release and for what no system keeps', () => {
    const real = northwindSettings();
    const nothing: readonly [RunOrder, Settings][] = [
      [order(), { ...real, stage: 'staging' }],
      [order(), { ...real, stage: 'unlisted' }],
      [order(), { ...real, ...writeBack({ enabled: false }) }],
      [order({ mode: 'dry-run' }), real],
      [order({ finding: { ...finding, sample: true } }), real],
      [order({ kind: 'release', releases: id, reactivateCredentials: false }), real],
      [order({ finding: { ...finding, provider: 'person' } }), real],
      [order({ finding: { ...finding, provider: 'defender-storage' } }), real],
    ];
    for (const [of, settings] of nothing) expect(progressOf(of, ended('contained'), settings)).toBeUndefined();
  });

  it('says the run, the reason and the way back in one line that fits, and nothing an attacker wrote', () => {
    const attacker = 'javascript:alert(1)';
    const hostile = { ...finding, title: attacker, description: attacker };
    for (const outcome of Object.keys(outcomes) as Outcome[])
      for (const reason of reasonCodes) {
        const of = order({ finding: hostile, playbook: 'p'.repeat(300) });
        const told = progressOf(of, ended(outcome, { reason, detail: attacker }), northwindSettings());
        if (!told) continue;
        expect(FindingProgress.safeParse(told).success).toBe(true);
        expect(told.note).toMatch(new RegExp(`^cordon run ${id}: .*cordon (release|explain) ${id}$`));
        expect(told.note).not.toContain(attacker);
      }
    const denied = progressOf(order(), ended('denied', { reason: 'protected-target' }), northwindSettings());
    expect(denied?.note).toContain('The target is protected.');
  });

  it('is told by default where the stage says enforce', () => {
    expect(Settings.parse({}).writeBack).toEqual({ enabled: true, resolve: false, archive: false });
    expect(progressOf(order(), ended('contained'), Settings.parse({}))).toBeUndefined(); // staging
    expect(progressOf(order(), ended('contained'), Settings.parse({ stage: 'production' }))).toBeDefined();
  });
});

/** Lives a run to its end and tells its finding, as the end of a run does. */
async function ran(changed: Partial<Settings>, told: Told = leakedKey(), playbook = disableKey()) {
  const one = road(changed);
  if (told.finding.cloud === 'aws') copied(one.sandbox, told.finding);
  const { runId, result } = await lived(one, playbook, told);
  const state = await stateOf(one, runId);
  if (!result) throw new Error('the run has not ended');
  await postWriteBack(one.deps, state.order, result);
  grantWriteBack(one.sandbox);
  return { one, runId, result, order: state.order };
}
const sending = ({ deps, signal }: Road) => sendWriteBack({ ...deps, signal });
/** One pass over the outbox: how many were sent, how many failed. */
async function pass(one: Road) {
  const { sent, failed } = await deliver(one.deps, sending(one));
  return { sent, failed: failed.length };
}
const inState = ({ deps }: Road, state: OutboxItem['state']) => messages(deps, state);

describe('telling the finding of a run that has ended', () => {
  it('moves the copy in Security Hub, once however often it is posted and delivered', async () => {
    const { one, runId, result, order: lastOrder } = await ran({});
    await postWriteBack(one.deps, lastOrder, result);
    expect(await pass(one)).toEqual({ sent: 1, failed: 0 });
    expect(await pass(one)).toEqual({ sent: 0, failed: 0 });
    const [item] = await inState(one, 'sent');
    expect(item).toMatchObject({ id: `${runId}:finding`, to: 'finding', attempts: 1 });
    expect(item?.answer).toMatch(/^told SecurityHub:BatchUpdateFindings req-\d+$/);
    if (item) expect(await sending(one)(item)).toMatch(/^told SecurityHub:GetFindings/);
    expect(copyOf(one.sandbox, finding)).toMatchObject({
      Workflow: { Status: 'NOTIFIED' },
      Note: { UpdatedBy: 'cordon', Text: expect.stringContaining(`cordon release ${runId}`) },
    });
    expect(writeBacks(one.sandbox)).toHaveLength(1);
  });

  it('resolves and archives where the settings say so', async () => {
    const { one } = await ran(writeBack({ resolve: true, archive: true }));
    expect(await pass(one)).toEqual({ sent: 1, failed: 0 });
    expect(copyOf(one.sandbox, finding).Workflow).toEqual({ Status: 'RESOLVED' });
    expect(isArchived(one.sandbox, finding)).toBe(true);
  });

  it('moves the alert of Defender', async () => {
    const told = openPort();
    const { one } = await ran({}, told, closePorts(22));
    expect(await pass(one)).toEqual({ sent: 1, failed: 0 });
    expect(alertAt(one.sandbox.rows, told.finding.link['alertId'] ?? '')).toMatchObject({
      properties: { status: 'InProgress' },
    });
    const [item] = await inState(one, 'sent');
    expect(item?.answer).toMatch(/^told POST .*\/inProgress /);
  });

  it('writes nothing in staging, in dry-run, for a sample, and where it is turned off', async () => {
    const sample = leakedKey({ 'detail.service.additionalInfo': { sample: true } });
    const dryRun = { ...disableKey(), mode: 'dry-run' } as const;
    const quiet: readonly Parameters<typeof ran>[] = [
      [{ stage: 'staging' }],
      [{}, leakedKey(), dryRun],
      [{}, sample],
      [writeBack({ enabled: false })],
    ];
    for (const how of quiet) {
      const { one } = await ran(...how);
      expect(await pass(one)).toEqual({ sent: 0, failed: 0 });
      expect(writeBacks(one.sandbox)).toEqual([]);
    }
  });

  it('writes nothing where the stage was changed after it was posted', async () => {
    const { one } = await ran({});
    const settings = northwindSettings({ stage: 'staging' });
    await pass({ ...one, deps: { ...one.deps, settings } });
    expect((await inState(one, 'sent'))[0]?.answer).toBe('off');
    expect(writeBacks(one.sandbox)).toEqual([]);
  });

  it('leaves what a person has set since the run began', async () => {
    const { one } = await ran({});
    copied(one.sandbox, finding, { Workflow: { Status: 'SUPPRESSED' } });
    await pass(one);
    expect((await inState(one, 'sent'))[0]?.answer).toMatch(/^left /);
    expect(copyOf(one.sandbox, finding).Workflow).toEqual({ Status: 'SUPPRESSED' });
  });

  it('does not touch the outcome of the run where it fails, and comes again where that may help', async () => {
    const { one, runId } = await ran({});
    const before = await stateOf(one, runId);
    one.sandbox.faults.plant({ operation: 'securityhub:*', fault: { kind: 'throttle' }, times: 2 });
    expect(await pass(one)).toEqual({ sent: 0, failed: 1 });
    one.sandbox.clock.advance(5);
    expect(await pass(one)).toEqual({ sent: 0, failed: 1 });
    one.sandbox.clock.advance(15);
    expect(await pass(one)).toEqual({ sent: 1, failed: 0 });
    expect(await stateOf(one, runId)).toEqual(before);
    expect(before.result?.outcome).toBe('contained');
  });

  it('gives up and names the right that is missing', async () => {
    const { one, runId } = await ran({});
    const operation = 'securityhub:BatchUpdateFindings';
    const denied = { kind: 'error', code: 'AccessDeniedException', status: 403 } as const;
    const message = `User: arn:aws:sts::1:assumed-role/CordonWriter/x is not authorized to perform: ${operation}`;
    one.sandbox.faults.plant({ operation, fault: { ...denied, message } });
    await pass(one);
    const [item] = await inState(one, 'given-up');
    expect(item?.problem).toContain(operation);
    expect((await stateOf(one, runId)).result?.outcome).toBe('contained');
  });

  it('refuses a message whose run is not there, and one that is none', async () => {
    const { one } = await ran({});
    const [item] = await inState(one, 'waiting');
    const body = withMembers(item?.body as JsonObject, { run: 'z'.repeat(26) }); // as posted
    const wrong = (changed: Partial<OutboxItem>) => sending(one)({ ...(item ?? neverHere()), ...changed });
    await expect(wrong({ body })).rejects.toMatchObject({ code: 'no-such-run', retryable: false });
    await expect(wrong({ body: { run: id } })).rejects.toThrow('progress');
  });

  it('needs no more than what is declared', async () => {
    const { one } = await ran(writeBack({ archive: true }));
    await grantDeclared(one.sandbox, allActions, northwindSettings(), identities);
    expect(await pass(one)).toEqual({ sent: 1, failed: 0 });
    expect(writeBacks(one.sandbox).map(({ error }) => error)).toEqual(['', '']);
  });
});
