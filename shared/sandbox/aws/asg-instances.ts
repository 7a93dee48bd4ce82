import type * as asg from '@aws-sdk/client-auto-scaling';
import * as z from 'zod';
import { groupArn, groupOf, invalid, putGroup, tended } from './asg-groups.ts';
import { dismiss, join, leave, lifecycleOf, resize } from './asg-members.ts';
import { type GroupRow, type MemberRow, members } from './asg-rows.ts';
import { type InstanceRow, instances, subnets } from './ec2-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';

type OfGroup = { readonly AutoScalingGroupName?: string | undefined };

const attachSeconds = 10;

const onGroup = ({ AutoScalingGroupName }: OfGroup, call: Call): string => groupArn(call, AutoScalingGroupName);

/** An instance's place in a group, if the caller's account and region have it. */
const memberOf = ({ world, account, region }: Call, id: string): MemberRow | undefined => {
  const row = world.rows.get(members, id);
  return row?.account === account && row.region === region ? row : undefined;
};

/** Refuses what would leave the bounds of the group. */
function checkSize({ name, min, max, desired }: GroupRow, change: number, verb: 'attach' | 'detach'): void {
  if (desired + change >= min && desired + change <= max) return;
  const count = Math.abs(change);
  throw invalid(
    `AutoScalingGroup ${name} has min-size=${min}, max-size=${max}, and desired-size=${desired}. To ${verb} ${count} instance${count === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
  );
}

function checkCount(ids: readonly string[], verb: 'attach' | 'detach'): void {
  if (ids.length > 20)
    throw invalid(
      `List exceeds the maximum number of instances to ${verb}. Please retry your request with fewer instances.`,
    );
}

function serving(call: Call, { name }: GroupRow, id: string): MemberRow {
  const member = memberOf(call, id);
  if (member?.group !== name) throw invalid(`The instance ${id} is not part of Auto Scaling group ${name}.`);
  if (lifecycleOf(member) !== 'InService') throw invalid(`The instance ${id} is not in InService or Standby.`);
  return member;
}

function attachable(call: Call, group: GroupRow, id: string): InstanceRow {
  const instance = call.view.get(instances, id);
  const known = instance?.account === call.account && instance.region === call.region;
  if (!instance || !known) throw invalid(`Invalid Instance ID(s): [${id}]. Instance ID(s) not found.`);
  if (instance.state !== 'running')
    throw invalid(`Instance ${id} is not in correct state. Instance(s) must be in 'running' state.`);
  const taken = memberOf(call, id);
  if (taken) throw invalid(`Instance ${id} is already part of AutoScalingGroup:${taken.group}`);
  const zoneOf = (subnet: string) => call.view.get(subnets, subnet)?.zone;
  if (!group.subnets.some((subnet) => zoneOf(subnet) === zoneOf(instance.subnetId)))
    throw invalid(`The availability zone of instance ${id} is not part of AutoScalingGroup ${group.name}.`);
  return instance;
}

const activity = (call: Call, { name }: GroupRow, what: string, id: string): asg.Activity => ({
  ActivityId: `activity-${call.requestId}-${id}`,
  AutoScalingGroupName: name,
  Description: `${what} EC2 instance: ${id}`,
  Cause: `At ${call.world.clock.now()} instance ${id} was chosen in response to a user request.`,
  StartTime: new Date(call.world.clock.milliseconds),
  StatusCode: 'InProgress',
  Progress: 50,
});

const operations = operationsOf<typeof asg>()({
  DescribeAutoScalingInstances: {
    does({ InstanceIds: ids = [], MaxRecords = 50, NextToken }, call) {
      if (MaxRecords < 1 || MaxRecords > 50)
        throw invalid(
          `1 validation error detected: Value '${MaxRecords}' at 'maxRecords' failed to satisfy constraint`,
        );
      const rows = call.view
        .all(members)
        .flatMap(([, row]) => (row.account === call.account && row.region === call.region ? [row] : []))
        .filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId));
      const { items, next } = page(rows, NextToken, MaxRecords);
      return {
        AutoScalingInstances: items.map((member) => ({
          InstanceId: member.instanceId,
          AutoScalingGroupName: member.group,
          AvailabilityZone: call.view.get(subnets, call.view.get(instances, member.instanceId)?.subnetId ?? '')?.zone,
          LifecycleState: lifecycleOf(member),
          HealthStatus: 'HEALTHY',
          ProtectedFromScaleIn: member.protectedFromScaleIn,
        })),
        NextToken: next,
      };
    },
  },
  DetachInstances: {
    on: onGroup,
    does({ AutoScalingGroupName, InstanceIds: ids = [], ShouldDecrementDesiredCapacity: shrinks }, call) {
      const group = groupOf(call, AutoScalingGroupName);
      if (shrinks === undefined)
        throw invalid("1 validation error detected: Value null at 'shouldDecrementDesiredCapacity'");
      checkCount(ids, 'detach');
      for (const id of ids) serving(call, group, id);
      if (shrinks) checkSize(group, -ids.length, 'detach');
      const smaller = { ...group, desired: group.desired - (shrinks ? ids.length : 0) };
      const like = call.world.rows.get(instances, ids[0] ?? '');
      for (const id of ids) leave(call, group, id);
      putGroup(call, smaller);
      resize(call, smaller, like);
      return { Activities: ids.map((id) => activity(call, group, 'Detaching', id)) };
    },
  },
  AttachInstances: {
    on: onGroup,
    does({ AutoScalingGroupName, InstanceIds: ids = [] }, call) {
      const group = groupOf(call, AutoScalingGroupName);
      checkCount(ids, 'attach');
      for (const id of ids) attachable(call, group, id);
      checkSize(group, ids.length, 'attach');
      putGroup(call, { ...group, desired: group.desired + ids.length });
      for (const id of ids) join(call, group, id, attachSeconds);
      return {};
    },
  },
  SetInstanceProtection: {
    on: onGroup,
    does({ AutoScalingGroupName, InstanceIds: ids = [], ProtectedFromScaleIn: protectedFromScaleIn = false }, call) {
      const group = groupOf(call, AutoScalingGroupName);
      for (const id of ids) {
        const member = memberOf(call, id);
        if (member?.group !== group.name)
          throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
        if (lifecycleOf(member) !== 'InService')
          throw invalid(`The instance ${id} is not in InService or EnteringStandby or Standby.`);
        call.world.rows.put(members, id, { ...member, protectedFromScaleIn });
      }
      return {};
    },
  },
  TerminateInstanceInAutoScalingGroup: {
    on: ({ InstanceId = '' }, call) => groupArn(call, memberOf(call, InstanceId)?.group ?? '*'),
    does({ InstanceId: id = '', ShouldDecrementDesiredCapacity: shrinks = false }, call) {
      const member = memberOf(call, id);
      if (!member) throw invalid(`Instance Id not found - No managed instance found for instance ID: ${id}`);
      const group = groupOf(call, member.group);
      if (shrinks) checkSize(group, -1, 'detach');
      const smaller = { ...group, desired: group.desired - (shrinks ? 1 : 0) };
      putGroup(call, smaller);
      dismiss(call, smaller, id);
      return { Activity: activity(call, group, 'Terminating', id) };
    },
  },
});

/** Instances in their Auto Scaling groups; an estate lists them under their group. */
export const asgInstances = awsNoun({
  name: 'autoScalingInstances',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { autoscaling: tended(operations) },
});
