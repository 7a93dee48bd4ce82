import { describe, expect, it } from 'vitest';
import { asgDetachInstance } from '../../../shared/actions/aws/asg-detach-instance.ts';
import { autoScalingGroups, type GroupRow, members } from '../../../shared/sandbox/aws/asg-rows.ts';
import { instances, networkInterfaces } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const [instanceId, other, alone] = ['i-0bb22cc33dd44ee55', 'i-0cc33dd44ee55ff66', 'i-0aa11bb22cc33dd44'];
const key = `${production}/eu-west-1/checkout`;

const setGroup =
  (changed: Partial<GroupRow>) =>
  ({ rows }: Sandbox): void => {
    const group = rows.get(autoScalingGroups, key);
    if (group) rows.put(autoScalingGroups, key, { ...group, ...changed });
  };
const group = ({ rows }: Sandbox) => rows.get(autoScalingGroups, key);
const inGroup = ({ rows }: Sandbox): string[] => rows.all(members).map(([id]) => id);
const play = (prepare?: (sandbox: Sandbox) => void, id = instanceId) =>
  acting(asgDetachInstance, { instanceId: id }, prepare ? { prepare } : {});

/** Takes every security group off an instance, as an isolation does. */
function cutOff({ rows }: Sandbox): void {
  for (const [id, row] of rows.all(networkInterfaces))
    if (row.attachment?.instanceId === instanceId) rows.put(networkInterfaces, id, { ...row, groups: [] });
}

describe('detaching an instance from its group', () => {
  it('keeps the capacity of the group with another instance, and leaves a note there', async () => {
    const { contain, sandbox, isContained, capture } = await play();
    await contain();
    expect(group(sandbox)).toMatchObject({ desired: 2, tags: { 'cordon:detached:i-0bb22cc33dd44ee55': {} } });
    expect(inGroup(sandbox)).toHaveLength(2);
    expect(inGroup(sandbox)).not.toContain(instanceId);
    expect(sandbox.rows.get(instances, instanceId)?.state).toBe('running');
    expect(await isContained()).toBe(true);
    expect(await capture()).toMatchObject({ [instanceId]: null });
  });

  it('has nothing to do for an instance in no group, and knows it from one that is gone', async () => {
    const single = await play(undefined, alone);
    expect(await single.plan()).toEqual([]);
    expect(await single.isContained()).toBe(true);
    const gone = await play(({ rows }) => rows.delete(instances, alone), alone);
    expect(await gone.capture()).toEqual({});
    expect(await gone.isContained()).toBe(false);
  });

  it('must come before isolating: the group ends a member that answers nobody', async () => {
    const right = await play();
    await right.contain();
    cutOff(right.sandbox);
    right.sandbox.clock.advance(600);
    expect(await right.capture()).toMatchObject({ [instanceId]: null });
    const wrong = await play();
    cutOff(wrong.sandbox);
    expect(await wrong.capture()).toEqual({});
    expect(inGroup(wrong.sandbox)).toHaveLength(2);
  });
});

describe('releasing a detached instance', () => {
  it.each(['NewestInstance', 'OldestInstance'] as const)(
    'restores membership, protection and desired capacity, never at its own cost (%s)',
    async (terminationPolicy) => {
      const { plan, contain, release, sandbox, capture } = await play(setGroup({ terminationPolicy }));
      const changes = await plan();
      const before = await capture();
      await contain(changes);
      sandbox.clock.advance(1_800);
      await release(changes);
      expect(await capture()).toEqual(before);
      expect(group(sandbox)).toMatchObject({ desired: 2, tags: { service: { value: 'checkout' } } });
      expect(inGroup(sandbox)).toHaveLength(2);
      expect(inGroup(sandbox)).toContain(instanceId);
      expect(inGroup(sandbox).includes(other)).toBe(terminationPolicy === 'NewestInstance');
    },
  );

  it('comes to the same end where Auto Scaling shows its changes late', async () => {
    const { plan, contain, release, sandbox, capture, isContained } = await play(({ rows, clock }) => {
      clock.advance(60);
      rows.setLag('aws.autoscaling', 20);
    });
    const before = await capture();
    const changes = await plan();
    await contain(changes);
    sandbox.clock.advance(asgDetachInstance.settles.seconds);
    expect(await isContained()).toBe(true);
    await release(changes);
    sandbox.clock.advance(asgDetachInstance.settles.seconds);
    expect(await capture()).toEqual(before);
    expect(group(sandbox)).toMatchObject({ desired: 2, tags: { service: { value: 'checkout' } } });
    expect(inGroup(sandbox)).toHaveLength(2);
  });

  it('gives back the protection that detaching takes', async () => {
    const { plan, contain, release, sandbox, capture } = await play(({ rows }) => {
      const member = rows.get(members, instanceId);
      if (member) rows.put(members, instanceId, { ...member, protectedFromScaleIn: true });
    });
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(sandbox.rows.get(members, instanceId)?.protectedFromScaleIn).toBe(true);
    expect(await capture()).toMatchObject({ [instanceId]: { group: 'checkout' } });
  });

  it.each(
    ['CreateOrUpdateTags', 'AttachInstances', 'SetInstanceProtection', 'SetDesiredCapacity', 'DeleteTags'].flatMap(
      (call) => [
        [call, { kind: 'answer-lost' }] as const,
        [call, { kind: 'error', code: 'InternalFailure', status: 500 }] as const,
      ],
    ),
  )('ends the same when it is cut off at %s (%o)', async (call, fault) => {
    const { plan, contain, release, sandbox, capture } = await play();
    const before = await capture();
    const changes = await plan();
    await contain(changes);
    sandbox.clock.advance(60);
    sandbox.faults.plant({ operation: `autoscaling:${call}`, fault, times: 1 });
    await expect(release(changes)).rejects.toMatchObject({ retryable: true });
    await release(changes);
    expect(await capture()).toEqual(before);
    expect(group(sandbox)).toMatchObject({ desired: 2, tags: { service: { value: 'checkout' } } });
    expect(group(sandbox)?.tags).not.toHaveProperty('cordon:detached:i-0bb22cc33dd44ee55');
    expect(inGroup(sandbox)).toHaveLength(2);
  });

  it('leaves a desired capacity alone that somebody else has set meanwhile', async () => {
    const { plan, contain, release, sandbox } = await play();
    const changes = await plan();
    await contain(changes);
    sandbox.clock.advance(60);
    const fault = { kind: 'error', code: 'InternalFailure', status: 500 } as const;
    sandbox.faults.plant({ operation: 'autoscaling:SetDesiredCapacity', fault, times: 1 });
    await expect(release(changes)).rejects.toThrow();
    setGroup({ desired: 4 })(sandbox);
    await release(changes);
    expect(group(sandbox)?.desired).toBe(4);
  });

  it('fails where the group is at its maximum, and works once there is room', async () => {
    const { plan, contain, release, sandbox } = await play();
    const changes = await plan();
    await contain(changes);
    setGroup({ max: 2 })(sandbox);
    await expect(release(changes)).rejects.toThrow(/please update the AutoScalingGroup sizes/);
    setGroup({ max: 3 })(sandbox);
    await release(changes);
    expect(group(sandbox)).toMatchObject({ desired: 2, max: 3 });
    expect(inGroup(sandbox)).toContain(instanceId);
  });

  it('says so where the group is gone', async () => {
    const { plan, contain, release, sandbox } = await play();
    const changes = await plan();
    await contain(changes);
    sandbox.rows.delete(autoScalingGroups, key);
    await expect(release(changes)).rejects.toMatchObject({ code: 'group-gone' });
  });
});
