import { describe, expect, test } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import { RemediationEvent } from '../../shared/model/remediation-event.ts';
import { type Outcome, outcomes } from '../../shared/model/outcome.ts';
import type { RunResult, StepResult } from '../../shared/model/run.ts';
import { messages } from '../../shared/records/outbox.ts';
import { techniques } from '../../shared/report/d3fend.ts';
import { deliverAll } from '../../shared/report/deliver.ts';
import { sendOutcome } from '../../shared/report/publish-outcome.ts';
import { remediationEvents } from '../../shared/report/remediation-event.ts';
import { leakedKeyOrder } from '../support/remediations.ts';
import { disableKey, leakedKey, lived, road } from '../support/road.ts';

const at = '2026-11-20T09:06:00.000Z';
const declared = (action: string) => allActions[action];
const step = (outcome: Outcome, action = 'aws.iam.disable-access-key'): StepResult => ({
  id: 'disable',
  action,
  outcome,
  reason: 'allowed',
  moved: [],
});
const result = (outcome: Outcome, changed: Partial<RunResult> = {}): RunResult => ({
  outcome,
  reason: 'allowed',
  planDigest: 'd'.repeat(64),
  steps: [step(outcome)],
  ...changed,
});
const eventsOf = (of: RunResult, changed: object = {}) =>
  remediationEvents({ order: leakedKeyOrder(changed), result: of, at }, declared);

describe('a remediation event', () => {
  test('says what was done, to what, under which technique, and how it ended', () => {
    expect(eventsOf(result('contained'))).toMatchObject([
      {
        class_uid: 7001,
        type_uid: 700102,
        activity_name: 'Evict',
        status_id: 1,
        status: 'Success',
        time: Date.parse(at),
        command_uid: `${leakedKeyOrder().id}/disable`,
        countermeasures: [
          { d3f_tactic: { name: 'Evict' }, d3f_technique: { uid: 'D3-CR', name: 'Credential Revocation' } },
        ],
        metadata: { version: '1.8.0', correlation_uid: leakedKeyOrder().id, labels: ['containment', 'enforce'] },
        cloud: { provider: 'AWS', account: { uid: '111122223333' } },
        unmapped: { action: 'aws.iam.disable-access-key', outcome: 'contained', finding: { provider: 'guardduty' } },
      },
    ]);
  });

  test.each(Object.keys(allActions))('of %s has the shape that OCSF asks for, whatever became of it', (action) => {
    for (const outcome of Object.keys(outcomes) as Outcome[]) // the keys of a literal
      for (const kind of ['containment', 'release'])
        for (const event of eventsOf(result(outcome, { steps: [step(outcome, action)] }), {
          kind,
          ...(kind === 'release' && { releases: 'a'.repeat(26), reactivateCredentials: false }),
        })) {
          expect(RemediationEvent.parse(event)).toEqual(event);
          expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
          const restores = kind === 'release' || allActions[action]?.d3fend === 'D3-RC';
          expect(event.activity_name === 'Restore').toBe(restores);
        }
    expect(Object.keys(techniques)).toContain(allActions[action]?.d3fend);
  });

  test('is a network or a file remediation where the technique is one', () => {
    const classOf = (action: string) =>
      eventsOf(result('contained', { steps: [step('contained', action)] }))[0]?.class_uid;
    expect(classOf('aws.ec2.isolate-instance')).toBe(7004);
    expect(classOf('azure.storage.quarantine-blob')).toBe(7002);
    expect(classOf('aws.iam.disable-access-key')).toBe(7001);
  });

  test('of a run that ended before any step tells the run, and of an action that is gone no technique', () => {
    expect(eventsOf(result('unconfirmed', { steps: [] }))).toMatchObject([
      { command_uid: `${leakedKeyOrder().id}/run`, activity_id: 99, status: 'Unconfirmed' },
    ]);
    const [gone] = eventsOf(result('failed', { steps: [step('failed', 'aws.gone.action')] }));
    expect(gone).not.toHaveProperty('countermeasures');
    expect(RemediationEvent.parse(gone)).toEqual(gone);
  });

  test('of a dry-run is simulated, never a success', () => {
    expect(eventsOf(result('planned'), { mode: 'dry-run' })).toMatchObject([
      { status_id: 99, status: 'Simulated', metadata: { labels: ['containment', 'dry-run'] } },
    ]);
  });
});

describe('the end of a run', () => {
  const eventBus = 'arn:aws:events:eu-west-1:111122223333:event-bus/cordon';

  test('is told once to each place that the settings name, from the record', async () => {
    const one = road({ outcomeEvents: { eventBus } });
    const { runId } = await lived(one, disableKey(), leakedKey());
    const told: unknown[] = [];
    const publisher = {
      name: 'event-bus',
      publish: async (events: readonly unknown[]) => {
        told.push(...events);
        return 'request-1';
      },
    };
    const signal = new AbortController().signal;
    const outcome = sendOutcome({ ...one.deps, publishers: [publisher], signal });
    const silent = { channel: async () => '', finding: async () => '', outcome };
    await deliverAll(one.deps, silent);
    expect((await deliverAll(one.deps, silent)).sent).toBe(0);
    expect(told).toMatchObject([{ metadata: { correlation_uid: runId }, status: 'Success' }]);
    const sent = await messages(one.deps, 'sent');
    expect(sent.filter(({ to }) => to.startsWith('outcome'))).toMatchObject([
      { to: 'outcome:event-bus', answer: 'request-1' },
    ]);
  });

  test('stays in the outbox where nothing publishes to the place', async () => {
    const one = road({ outcomeEvents: { eventBus } });
    await lived(one, disableKey(), leakedKey());
    const outcome = sendOutcome({ ...one.deps, publishers: [], signal: new AbortController().signal });
    const { failed } = await deliverAll(one.deps, { channel: async () => '', finding: async () => '', outcome });
    expect(failed).toMatchObject([{ state: 'waiting', problem: 'nothing publishes to event-bus' }]);
  });

  test('is told nobody where no place is named', async () => {
    const one = road();
    await lived(one, disableKey(), leakedKey());
    expect((await messages(one.deps, 'waiting')).filter(({ to }) => to.startsWith('outcome'))).toEqual([]);
  });
});
