import { describe, expect, test } from 'vitest';
import { normalise } from '../../shared/ingest/recognise.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { held } from '../../shared/records/containments.ts';
import { commandsOf } from '../../shared/run/as-commands.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { carryOn, opened, openOne, operations, planOf, playbook, road, stateOf, type Told } from '../support/road.ts';

const telling = playbook(`
id: runaway-cost
title: Tell people about spend
on: { finding: { provider: [cost-anomaly] } }
targets: { type: [aws.account], role: [affected] }
mode: enforce
steps:
  - id: look
    action: tell-person
    approve: { by: [finops], within: 30m }
`);

/** The first of the two accounts whose spend it is. */
function told(): Told {
  const event = readEvent('cost-anomaly/runaway-spend');
  const { reading } = normalise(event);
  const [finding] = reading.kind === 'findings' ? reading.findings : [];
  if (!finding) throw new TypeError('no finding');
  return { finding, event };
}

async function asked() {
  const one = road();
  const runId = await openOne(one, telling, told());
  const standing = await carryOn(one, runId);
  const [question] = await openApprovals(one.deps);
  return { one, runId, standing, question };
}

test('a step that no action does asks whom it names, with nothing in its plan', async () => {
  const { one, runId, standing, question } = await asked();
  expect(standing).toMatchObject({ status: 'waiting', waitsFor: `approval ${question?.id}` });
  expect(question).toMatchObject({ by: ['finops'], reason: 'by-hand', account: '111122223333' });
  expect((await planOf(one, runId))?.steps).toMatchObject([
    { action: 'tell-person', decision: 'ask', reason: 'by-hand', changes: [], input: {} },
  ]);
});

test.each([
  ['approved', 'told', 'by-hand'],
  ['rejected', 'rejected', 'approval-rejected'],
] as const)('answered with %s it changes nothing and says so', async (verdict, outcome, reason) => {
  const { one, runId, question } = await asked();
  const said = { verdict, person: 'jonas', note: '', channel: 'cli' } as const;
  await answer(one.deps, question?.id ?? '', question?.digest ?? '', said);
  expect((await carryOn(one, runId)).result).toMatchObject({ outcome, reason });
  expect(operations(one)).toEqual([]);
  expect(await held(one.deps)).toEqual([]);
});

test('nobody’s answer is a lapse', async () => {
  const { one, runId } = await asked();
  one.sandbox.clock.moveTo('2026-11-20T09:35:00.000Z');
  expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'lapsed', reason: 'approval-lapsed' });
});

test('printed as commands its plan has none, and says why', async () => {
  const { one, runId } = await asked();
  const [plan, { order }] = [await planOf(one, runId), await stateOf(one, runId)];
  expect(plan && (await commandsOf(one.deps, plan, { order, signal: one.signal }))).toMatchObject([
    { step: 'look', cloud: 'aws', commands: [], without: 'No action does this: a person is told, and takes it over.' },
  ]);
});

/** What is told of whatever no other playbook answers. */
const fallback = playbook(`
id: left
title: Tell people about what is left
otherwise: true
on: { finding: { provider: [cost-anomaly] } }
targets: { type: [aws.iam.user] }
mode: enforce
steps:
  - { id: tell, action: tell-person }
`);

test('without anybody to ask people are told, and the run is over', async () => {
  const one = road();
  const runId = await openOne(one, fallback, told());
  const { status, result } = await carryOn(one, runId);
  expect({ status, ...result }).toMatchObject({ status: 'ended', outcome: 'told', reason: 'by-hand' });
  expect(operations(one)).toEqual([]);
});

test('people are told all the same where the target has gone, and nothing is read of it', async () => {
  const one = road();
  const event = withMembers(readEvent('guardduty/compromised-instance'), {
    'detail.resource.instanceDetails.instanceId': 'i-0ff00ff00ff00ff00',
  });
  const left = { ...fallback, on: { finding: { provider: ['guardduty'] } } };
  const runId = await openOne(one, left, { finding: findingIn(event), event });
  expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'told', reason: 'by-hand' });
  expect(one.sandbox.recorder.calls).toEqual([]);
});

describe('a playbook for what is left', () => {
  test('opens nothing where another one answers', async () => {
    const openings = await opened(road(), [fallback, telling], told());
    expect(openings.map(({ playbook: id }) => id)).toEqual(['runaway-cost']);
  });

  test('is opened once where another matches and has nothing to act on', async () => {
    const narrow = { ...telling, targets: { type: ['aws.iam.user'] } };
    const openings = await opened(road(), [narrow, fallback], told());
    expect(openings.map(({ playbook: id, opened: open }) => [id, open])).toEqual([
      ['runaway-cost', false],
      ['left', true],
    ]);
  });
});
