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
import type { Asking, Probe } from '../wire.ts';

const AutoScalingGroupName = 'checkout';
const member = 'i-0bb22cc33dd44ee55';
const foreign = 'i-0aa11bb22cc33dd44';

type Command = Parameters<AutoScalingClient['send']>[0];
const asg = (name: string, command: (aws: Asking) => Command): Probe => ({
  name: `autoscaling ${name}`,
  ask: (aws) => aws.client(AutoScalingClient).send(command(aws)),
});

/** EC2 Auto Scaling. Some change what later ones see. */
export const autoScalingProbes: readonly Probe[] = [
  asg('DescribeAutoScalingInstances', ({ id }) => {
    return new DescribeAutoScalingInstancesCommand({ InstanceIds: [id(member)] });
  }),
  asg('DescribeAutoScalingInstances of one in no group', ({ id }) => {
    return new DescribeAutoScalingInstancesCommand({ InstanceIds: [id(foreign)] });
  }),
  asg('DescribeAutoScalingGroups', () => {
    return new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
  }),
  asg('DescribeAutoScalingGroups of an unknown group', () => {
    return new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['unknown'] });
  }),
  asg('SetInstanceProtection', ({ id }) => {
    const InstanceIds = [id(member)];
    return new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true });
  }),
  asg('SetInstanceProtection in an unknown group', ({ id }) => {
    const InstanceIds = [id(member)];
    return new SetInstanceProtectionCommand({
      AutoScalingGroupName: 'unknown',
      InstanceIds,
      ProtectedFromScaleIn: true,
    });
  }),
  asg('DetachInstances of one in no group', ({ id }) => {
    const InstanceIds = [id(foreign)];
    return new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false });
  }),
  asg('DetachInstances from an unknown group', ({ id }) => {
    const InstanceIds = [id(member)];
    return new DetachInstancesCommand({
      AutoScalingGroupName: 'unknown',
      InstanceIds,
      ShouldDecrementDesiredCapacity: false,
    });
  }),
  asg('AttachInstances of an unknown instance', () => {
    return new AttachInstancesCommand({ AutoScalingGroupName, InstanceIds: ['i-0ffffffffffffffff'] });
  }),
  asg('CreateOrUpdateTags', () => {
    const tag = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false };
    return new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'cordon:probe', Value: 'yes' }] });
  }),
  asg('DescribeTags', () => {
    return new DescribeTagsCommand({ Filters: [{ Name: 'auto-scaling-group', Values: [AutoScalingGroupName] }] });
  }),
  asg('DetachInstances', ({ id }) => {
    const InstanceIds = [id(member)];
    return new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false });
  }),
  // The last one: moto keeps the number and cannot go on with it.
  asg('SetDesiredCapacity beyond the maximum', () => {
    return new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1_000 });
  }),
];
