import { expect, test } from 'vitest';
import { held } from '../../shared/records/containments.ts';
import { leakedKey, lived, operations, playbook, road, takenBack } from '../support/road.ts';

const isolation = (id: string, cutFlows: boolean) =>
  playbook(`
id: ${id}
title: Isolate
on: { finding: { provider: [guardduty] } }
mode: enforce
steps:
  - id: isolate
    action: aws.ec2.isolate-instance
    with: { instanceId: i-0bb22cc33dd44ee55, cutFlows: ${cutFlows} }
`);

test('what was set with other inputs is held by both, too', async () => {
  const one = road();
  const first = await lived(one, isolation('with-flows-cut', true), leakedKey());
  const second = await lived(one, isolation('plainly', false), leakedKey({ 'detail.id': 'b'.repeat(32) }));
  expect(first.word).toBe('contained allowed');
  expect(second.result?.outcome).toBe('nothing-to-do');
  expect((await held(one.deps)).map(({ owners }) => owners)).toEqual([[first.runId, second.runId]]);
  const made = operations(one).length;
  expect((await takenBack(one, first.runId)).result?.steps[0]?.reason).toBe('shared-containment');
  expect(operations(one)).toHaveLength(made);
  expect((await takenBack(one, second.runId)).result?.outcome).toBe('released');
  expect(await held(one.deps)).toEqual([]);
});
