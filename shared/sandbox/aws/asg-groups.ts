import type * as asg from '@aws-sdk/client-auto-scaling';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { digest } from '../../model/json.ts';
import { groupNameTag, lifecycleOf, membersOf, resize, tend } from './asg-members.ts';
import { autoScalingGroups, type GroupRow, type MemberRow, members, terminationPolicies } from './asg-rows.ts';
import { putTags, tagsOf } from './ec2.ts';
import { instances, subnets } from './ec2-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, type Operation, type Operations, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Group = z.strictObject({
  name: z.string(),
  min: z.int().min(0),
  max: z.int().min(0),
  desired: z.int().min(0),
  healthCheckType: z.enum(['EC2', 'ELB']).default('EC2'),
  terminationPolicy: z.enum(terminationPolicies).default('Default'),
  newInstancesProtected: z.boolean().default(false),
  /** Ids of instances that the estate lists. */
  instances: z.array(z.string()).default([]),
  /** Those of them that are protected from scale-in. */
  protected: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.string()).default({}),
});

/** How Auto Scaling says that a request cannot be carried out, whatever the reason. */
export const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message, { status: 400 });

const keyOf = ({ account, region }: Pick<Call, 'account' | 'region'>, name: string | undefined): string =>
  `${account}/${region}/${name ?? ''}`;

/** A group of the caller's account and region. */
export function groupOf(call: Call, name: string | undefined): GroupRow {
  const group = call.view.get(autoScalingGroups, keyOf(call, name));
  if (group) return group;
  throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name ?? ''}' not found`);
}

/** Replaces the row of a group. */
export const putGroup = ({ world }: Call, group: GroupRow): void =>
  world.rows.put(autoScalingGroups, keyOf(group, group.name), group);

/** The ARN of a group by its name; for one that is not there, what its ARN would match. */
export const groupArn = ({ view, partition, account, region }: Call, name: string | undefined): string =>
  view.get(autoScalingGroups, keyOf({ account, region }, name))?.arn ??
  `arn:${partition}:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${name ?? ''}`;

/** Lets time have passed before an operation looks. */
export const tended = (operations: Operations): Operations =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]): [string, Operation] => [
      name,
      {
        ...operation,
        does(input, call) {
          tend(call);
          return operation.does(input, call);
        },
      },
    ]),
  );

const zoneOf = ({ view }: Call, { instanceId }: MemberRow): string =>
  view.get(subnets, view.get(instances, instanceId)?.subnetId ?? '')?.zone ?? '';

const describeMember = (call: Call, member: MemberRow): asg.Instance => ({
  InstanceId: member.instanceId,
  InstanceType: call.view.get(instances, member.instanceId)?.instanceType,
  AvailabilityZone: zoneOf(call, member),
  LifecycleState: lifecycleOf(member),
  HealthStatus: 'Healthy',
  ProtectedFromScaleIn: member.protectedFromScaleIn,
});

const describeTags = ({ name, tags }: GroupRow): asg.TagDescription[] =>
  Object.entries(tags).map(([Key, { value, propagates }]) => ({
    ResourceId: name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value: value,
    PropagateAtLaunch: propagates,
  }));

const describe = (call: Call, group: GroupRow): asg.AutoScalingGroup => {
  const all = membersOf(call.view, group);
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...new Set(all.map((member) => zoneOf(call, member)))],
    VPCZoneIdentifier: group.subnets.join(),
    HealthCheckType: group.healthCheckType,
    CreatedTime: new Date('2025-01-01T00:00:00Z'),
    TerminationPolicies: [group.terminationPolicy],
    NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
    Instances: all.map((member) => describeMember(call, member)),
    Tags: describeTags(group),
  };
};

const own = ({ view, account, region }: Call): readonly GroupRow[] =>
  view
    .all(autoScalingGroups)
    .flatMap(([, group]) => (group.account === account && group.region === region ? [group] : []));

const tagFilters: Readonly<Record<string, (tag: asg.TagDescription) => string>> = {
  'auto-scaling-group': ({ ResourceId = '' }) => ResourceId,
  key: ({ Key = '' }) => Key,
  value: ({ Value = '' }) => Value,
  'propagate-at-launch': ({ PropagateAtLaunch }) => String(PropagateAtLaunch),
};

const passes =
  (tag: asg.TagDescription) =>
  ({ Name = '', Values = [] }: asg.Filter): boolean => {
    const of = tagFilters[Name];
    if (!of) throw invalid(`Filter type ${Name} is not correct. Allowed filter types are: ${Object.keys(tagFilters)}`);
    return Values.includes(of(tag));
  };

const sizeLimit = (max: number | undefined, most: number): number => {
  if (max === undefined || (max >= 1 && max <= most)) return max ?? 50;
  throw invalid(`1 validation error detected: Value '${max}' at 'maxRecords' failed to satisfy constraint`);
};

function setTag(call: Call, { ResourceId, Key = '', Value = '', PropagateAtLaunch = true }: asg.Tag): void {
  const group = groupOf(call, ResourceId);
  if (/^aws:/i.test(Key)) throw invalid('Tag keys that start with aws: are reserved for internal use.');
  const tags = { ...group.tags, [Key]: { value: Value, propagates: PropagateAtLaunch } };
  if (Object.keys(tags).length > 50)
    throw new AwsFault('LimitExceeded', 'The maximum number of tags of a resource has been reached: 50', {
      status: 400,
    });
  putGroup(call, { ...group, tags });
}

const tagContext = ({ Tags = [] }: { readonly Tags?: readonly asg.Tag[] | undefined }) => ({
  'aws:TagKeys': Tags.map(({ Key = '' }) => Key),
});
const taggedGroups = ({ Tags = [] }: { readonly Tags?: readonly asg.Tag[] | undefined }, call: Call) =>
  Tags.map(({ ResourceId }) => groupArn(call, ResourceId));

const operations = operationsOf<typeof asg>()({
  DescribeAutoScalingGroups: {
    does({ AutoScalingGroupNames: names = [], MaxRecords, NextToken, Filters }, call) {
      if (Filters?.length) throw new AwsFault('NotImplemented', 'the sandbox filters no groups', { status: 501 });
      const groups = own(call).filter(({ name }) => names.length === 0 || names.includes(name));
      const { items, next } = page(groups, NextToken, sizeLimit(MaxRecords, 100));
      return { AutoScalingGroups: items.map((group) => describe(call, group)), NextToken: next };
    },
  },
  SetDesiredCapacity: {
    on: ({ AutoScalingGroupName }, call) => groupArn(call, AutoScalingGroupName),
    does({ AutoScalingGroupName, DesiredCapacity: desired = 0 }, call) {
      const group = groupOf(call, AutoScalingGroupName);
      const { min, max } = group;
      if (desired < min || desired > max) {
        const bound = desired < min ? `below min value ${min}` : `above max value ${max}`;
        throw invalid(`New SetDesiredCapacity value ${desired} is ${bound} for the AutoScalingGroup.`);
      }
      putGroup(call, { ...group, desired });
      resize(call, { ...group, desired });
      return {};
    },
  },
  DescribeTags: {
    does({ Filters = [], MaxRecords, NextToken }, call) {
      const tags = own(call)
        .flatMap(describeTags)
        .filter((tag) => Filters.every(passes(tag)));
      const { items, next } = page(tags, NextToken, sizeLimit(MaxRecords, 100));
      return { Tags: [...items], NextToken: next };
    },
  },
  CreateOrUpdateTags: {
    on: taggedGroups,
    context: tagContext,
    does({ Tags = [] }, call) {
      for (const tag of Tags) setTag(call, tag);
      return {};
    },
  },
  DeleteTags: {
    on: taggedGroups,
    context: tagContext,
    does({ Tags = [] }, call) {
      for (const { ResourceId, Key = '' } of Tags) {
        const group = groupOf(call, ResourceId);
        const { [Key]: _, ...tags } = group.tags;
        putGroup(call, { ...group, tags });
      }
      return {};
    },
  },
});

/** Auto Scaling groups with their capacity and their tags. */
export const asgGroups = awsNoun({
  name: 'autoScalingGroups',
  scope: 'region',
  estate: z.array(Group).default([]),
  seed(rows, list, { partition, account, region }) {
    for (const { instances: ids, protected: kept, tags, ...group } of list) {
      const { name } = group;
      const found = ids.map((id) => rows.get(instances, id));
      if (found.includes(undefined)) throw new InvalidInput({ code: 'bad-estate', message: `${name}: no instance` });
      const uuid = digest(name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
      rows.put(autoScalingGroups, `${account}/${region}/${name}`, {
        ...group,
        account,
        region,
        arn: `arn:${partition}:autoscaling:${region}:${account}:autoScalingGroup:${uuid}:autoScalingGroupName/${name}`,
        subnets: [...new Set(found.flatMap((row) => row?.subnetId ?? []))],
        tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, { value, propagates: true }])),
      });
      for (const id of ids) {
        const protectedFromScaleIn = kept.includes(id);
        rows.put(members, id, { account, region, group: name, instanceId: id, protectedFromScaleIn });
        putTags(rows, id, { account, region }, { ...tagsOf(rows, id), [groupNameTag]: name });
      }
    }
  },
  operations: { autoscaling: tended(operations) },
});
