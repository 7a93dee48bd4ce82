import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeTagsCommand,
  DetachInstancesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { members } from '../../shared/sandbox/aws/asg-rows.ts';
import { instances, networkInterfaces } from '../../shared/sandbox/aws/ec2-rows.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding } from '../support/attacker.ts';
import { northwind } from '../support/company.ts';

const AutoScalingGroupName = 'checkout';
const [one, two, web] = ['i-0bb22cc33dd44ee55', 'i-0cc33dd44ee55ff66', 'i-0aa11bb22cc33dd44'];

function play() {
  const sandbox = createSandbox(northwind());
  const client = new AutoScalingClient(holding(sandbox, 'AKIABREAKGLASS000001'));
  const group = async () => {
    const names = { AutoScalingGroupNames: [AutoScalingGroupName] };
    const [found] = (await client.send(new DescribeAutoScalingGroupsCommand(names))).AutoScalingGroups ?? [];
    return {
      desired: found?.DesiredCapacity,
      states: Object.fromEntries((found?.Instances ?? []).map((of) => [of.InstanceId ?? '', of.LifecycleState])),
      tags: found?.Tags ?? [],
    };
  };
  const detach = (InstanceIds: string[], ShouldDecrementDesiredCapacity: boolean) =>
    client.send(new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity }));
  const attach = (InstanceIds: string[]) =>
    client.send(new AttachInstancesCommand({ AutoScalingGroupName, InstanceIds }));
  const desire = (DesiredCapacity: number) =>
    client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
  const protect = (InstanceIds: string[], ProtectedFromScaleIn: boolean) =>
    client.send(new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn }));
  return { sandbox, client, group, detach, attach, desire, protect };
}
const says = (message: RegExp) => ({ name: 'ValidationError', message: expect.stringMatching(message) });

describe('Auto Scaling', () => {
  it('replaces a detached instance, which keeps running by itself', async () => {
    const { detach, group, sandbox } = play();
    await detach([one], false);
    const soon = await group();
    expect(soon.desired).toBe(2);
    expect(Object.values(soon.states).sort()).toEqual(['InService', 'Pending']);
    expect(soon.states[one]).toBeUndefined();
    expect(sandbox.rows.get(instances, one)?.state).toBe('running');
    sandbox.clock.advance(60);
    expect(Object.values((await group()).states)).toEqual(['InService', 'InService']);
  });

  it('shrinks instead where it is told to, and its minimum lets it', async () => {
    const { detach, group, desire } = play();
    await expect(detach([one], true)).rejects.toMatchObject(says(/min-size=2.*To detach 1 instance/));
    await desire(3);
    await detach([one], true);
    expect((await group()).desired).toBe(2);
  });

  it('raises desired capacity for what is attached, up to its maximum', async () => {
    const { detach, attach, group, desire, sandbox } = play();
    await detach([one], false);
    await attach([one]);
    expect(await group()).toMatchObject({ desired: 3, states: { [one]: 'Pending' } });
    sandbox.clock.advance(10);
    expect((await group()).states[one]).toBe('InService');
    await expect(attach([one])).rejects.toMatchObject(says(/already part of AutoScalingGroup:checkout/));
    await desire(4);
    await expect(attach([web])).rejects.toMatchObject(
      says(/has min-size=2, max-size=4, and desired-size=4. To attach 1 instance, please update/),
    );
  });

  it('ends the newest when it shrinks, and never one that is protected', async () => {
    const { desire, group, protect, sandbox, detach } = play();
    await detach([one], false);
    sandbox.clock.advance(60);
    const [newest = ''] = Object.keys((await group()).states).filter((id) => id !== two);
    await protect([newest], true);
    await desire(3);
    await desire(2);
    expect(Object.keys((await group()).states).sort()).toEqual([newest, two].sort());
  });

  it('replaces what is stopped, and behind a load balancer also what lets nobody in', async () => {
    const { sandbox, group } = play();
    const row = sandbox.rows.get(networkInterfaces, 'eni-0cc33dd44ee55f001');
    if (row) sandbox.rows.put(networkInterfaces, row.networkInterfaceId, { ...row, groups: [] });
    expect((await group()).states).not.toHaveProperty(two);
    expect(sandbox.rows.get(instances, two)).toBeUndefined();
  });

  it('ends an instance on request', async () => {
    const { client, group } = play();
    const end = (InstanceId: string) =>
      client.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }),
      );
    await end(two);
    expect((await group()).states).not.toHaveProperty(two);
    await expect(end(two)).rejects.toMatchObject(says(/No managed instance found/));
  });

  it('refuses what does not fit, in the service’s words', async () => {
    const { detach, desire, protect, client, attach, sandbox } = play();
    const missing = client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'missing', DesiredCapacity: 1 }));
    await expect(missing).rejects.toMatchObject(says(/AutoScalingGroup name not found/));
    await expect(detach([web], false)).rejects.toMatchObject(says(/not part of Auto Scaling group checkout/));
    await expect(desire(5)).rejects.toMatchObject(says(/value 5 is above max value 4/));
    await expect(desire(1)).rejects.toMatchObject(says(/value 1 is below min value 2/));
    await expect(attach(['i-0123456789abcdef0'])).rejects.toMatchObject(says(/Invalid Instance ID/));
    await detach([one], false);
    const fresh =
      sandbox.rows
        .all(members)
        .map(([id]) => id)
        .find((id) => id !== two) ?? '';
    await expect(detach([fresh], false)).rejects.toMatchObject(says(/not in InService or Standby/));
    await expect(protect([fresh], true)).rejects.toMatchObject(says(/not in InService/));
  });

  it('lists instances page by page', async () => {
    const { client } = play();
    const list = (NextToken?: string) =>
      client.send(new DescribeAutoScalingInstancesCommand({ MaxRecords: 1, ...(NextToken && { NextToken }) }));
    const first = await list();
    const second = await list(first.NextToken);
    expect([first, second].flatMap(({ AutoScalingInstances = [] }) => AutoScalingInstances)).toMatchObject([
      { InstanceId: one, AutoScalingGroupName, AvailabilityZone: 'eu-west-1a', ProtectedFromScaleIn: false },
      { InstanceId: two },
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  it('keeps tags on groups and finds them by key', async () => {
    const { client } = play();
    const tag = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group', Key: 'cordon:x' };
    const find = async () =>
      (await client.send(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['cordon:x'] }] }))).Tags;
    await client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: '1', PropagateAtLaunch: false }] }));
    expect(await find()).toEqual([{ ...tag, Value: '1', PropagateAtLaunch: false }]);
    await client.send(new DeleteTagsCommand({ Tags: [tag] }));
    expect(await find()).toEqual([]);
    const reserved = client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'aws:x' }] }));
    await expect(reserved).rejects.toMatchObject(says(/reserved/));
  });
});
