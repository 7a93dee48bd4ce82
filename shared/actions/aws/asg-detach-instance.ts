import { AutoScalingClient, DetachInstancesCommand, paginateDescribeTags } from '@aws-sdk/client-auto-scaling';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { InstanceId } from '../../model/identifiers.ts';
import { adjustProtection, anyGroup, memberOf, type Place, placeOf, protectionOf } from './asg-place.ts';
import { closeNote, noteKey, rejoin, runOf, writeNote } from './asg-rejoin.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { findInstance } from './find-instance.ts';

const Membership = z.strictObject({ group: z.string() });
const Note = z.strictObject({ detachedBy: z.string() });

const noteOf = ({ group, instanceId }: Place): string => `${group}/${noteKey(instanceId)}`;

async function notesOn(aws: AwsSession, instanceId: string, { signal: abortSignal }: StepContext) {
  const client = aws.client(AutoScalingClient);
  const Filters = [{ Name: 'key', Values: [noteKey(instanceId)] }];
  const tags = (await Array.fromAsync(paginateDescribeTags({ client }, { Filters }, { abortSignal }))).flatMap(
    ({ Tags = [] }) => Tags,
  );
  return Object.fromEntries(
    tags.map(({ ResourceId: group = '', Value = '' }) => [noteOf({ group, instanceId }), { detachedBy: runOf(Value) }]),
  );
}

/**
 * Takes an instance out of its Auto Scaling group, which launches another in its place
 * (docs.aws.amazon.com/autoscaling, DetachInstances and AttachInstances). An instance in no group is `null`. A tag on
 * the group tells the run that did it. AttachInstances raises desired capacity by one; a release takes that back
 * with SetDesiredCapacity while the instance is protected from scale-in, so that the group lets another one go.
 */
export const asgDetachInstance = awsAction({
  id: 'aws.asg.detach-instance',
  title: 'Detach an instance from its Auto Scaling group',
  target: 'aws.ec2.instance',
  d3fend: 'D3-NI',
  input: z.strictObject({ instanceId: InstanceId.describe('The instance, as i-0123456789abcdef0.') }),
  value: z.union([Membership, Note, z.boolean()]),
  permissions: {
    read: [
      { allow: 'autoscaling:DescribeAutoScalingInstances', on: '*' },
      { allow: 'autoscaling:DescribeTags', on: '*' },
      { allow: 'ec2:DescribeInstances', on: '*' },
    ],
    write: [
      { allow: 'autoscaling:DescribeAutoScalingGroups', on: '*' },
      { allow: 'autoscaling:DescribeAutoScalingInstances', on: '*' },
      ...[
        'AttachInstances',
        'CreateOrUpdateTags',
        'DeleteTags',
        'DetachInstances',
        'SetDesiredCapacity',
        'SetInstanceProtection',
      ].map((name) => ({ allow: `autoscaling:${name}`, on: anyGroup })),
    ],
  },
  settles: { seconds: 30 },
  // A release protects the instance while the group shrinks.
  halfway: [true],
  cautions: [
    'Detach before isolating: a group ends an isolated member as unhealthy, and the evidence with it.',
    'The instance keeps running and is still reached at its own addresses.',
    'The replacement is launched from the same image and template, which may be what was attacked.',
    'A release lets the group end another of its instances, and fails while the group is at its maximum size.',
  ],
  examples: [{ instanceId: 'i-0123456789abcdef0' }],
}).does({
  async capture(aws, { instanceId }, step) {
    const [member, notes] = await Promise.all([memberOf(aws, instanceId, step), notesOn(aws, instanceId, step)]);
    if (!member) return (await findInstance(aws, instanceId, step.signal)) ? { ...notes, [instanceId]: null } : {};
    const { group, isProtected } = member;
    const place = { group, instanceId };
    return { [protectionOf(place)]: isProtected, [noteOf(place)]: null, ...notes, [instanceId]: { group } };
  },
  plan({ instanceId }, seen, { runId }) {
    const { data: member } = Membership.safeParse(seen[instanceId]);
    if (!member) return {};
    const place = { ...member, instanceId };
    const note = noteOf(place);
    return { [protectionOf(place)]: null, [note]: seen[note] ?? { detachedBy: runId }, [instanceId]: null };
  },
  async apply(aws, { resource, from, to }, step) {
    const place = placeOf(resource);
    if (typeof to === 'boolean') return adjustProtection(aws, place, to, step);
    if (to !== null && 'detachedBy' in to) return writeNote(aws, place, to.detachedBy, step);
    if (to !== null) return rejoin(aws, { group: to.group, instanceId: resource }, step);
    if (typeof from === 'boolean' || from === null) return; // protection goes with the membership
    if ('detachedBy' in from) return closeNote(aws, place, step);
    const input = { AutoScalingGroupName: from.group, InstanceIds: [resource], ShouldDecrementDesiredCapacity: false };
    await aws.client(AutoScalingClient).send(new DetachInstancesCommand(input), { abortSignal: step.signal });
  },
});
