import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeTagsCommand,
  DetachInstancesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
} from '@aws-sdk/client-auto-scaling';
import { type Probe, probesOf } from '../probe.ts';

const AutoScalingGroupName = 'checkout';
const member = 'i-0bb22cc33dd44ee55';
const foreign = 'i-0aa11bb22cc33dd44';

const asg = probesOf('autoscaling', AutoScalingClient);

/** EC2 Auto Scaling. Some change what later ones see. */
export const autoScalingProbes: readonly Probe[] = [
  asg('DescribeAutoScalingInstances', (client, id) =>
    client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id(member)] })),
  ),
  asg('DescribeAutoScalingInstances of one in no group', (client, id) =>
    client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id(foreign)] })),
  ),
  asg('DescribeAutoScalingGroups', (client) =>
    client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] })),
  ),
  asg('DescribeAutoScalingGroups of an unknown group', (client) =>
    client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['unknown'] })),
  ),
  asg('SetInstanceProtection', (client, id) => {
    const InstanceIds = [id(member)];
    return client.send(
      new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true }),
    );
  }),
  asg('SetInstanceProtection in an unknown group', (client, id) => {
    const InstanceIds = [id(member)];
    return client.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: 'unknown',
        InstanceIds,
        ProtectedFromScaleIn: true,
      }),
    );
  }),
  asg('DetachInstances of one in no group', (client, id) => {
    const InstanceIds = [id(foreign)];
    return client.send(
      new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false }),
    );
  }),
  asg('DetachInstances from an unknown group', (client, id) => {
    const InstanceIds = [id(member)];
    return client.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: 'unknown',
        InstanceIds,
        ShouldDecrementDesiredCapacity: false,
      }),
    );
  }),
  asg('AttachInstances of an unknown instance', (client) =>
    client.send(new AttachInstancesCommand({ AutoScalingGroupName, InstanceIds: ['i-0ffffffffffffffff'] })),
  ),
  asg('CreateOrUpdateTags', (client) => {
    const tag = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false };
    return client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'cordon:probe', Value: 'yes' }] }));
  }),
  asg('DescribeTags', (client) =>
    client.send(new DescribeTagsCommand({ Filters: [{ Name: 'auto-scaling-group', Values: [AutoScalingGroupName] }] })),
  ),
  asg('DetachInstances', (client, id) => {
    const InstanceIds = [id(member)];
    return client.send(
      new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false }),
    );
  }),
  // The last one: moto keeps the number and cannot go on with it.
  asg('SetDesiredCapacity beyond the maximum', (client) =>
    client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1_000 })),
  ),
];
