import { CreateSnapshotsCommand, EC2Client, type Instance, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { InstanceId } from '../../model/identifiers.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { findInstance } from './find-instance.ts';

/** Per volume whether a snapshot of it was taken that has not failed. */
const Taken = z.record(z.string(), z.boolean());

const ec2 = 'arn:{partition}:ec2:{region}:{account}';
const anySnapshot = 'arn:{partition}:ec2:{region}::snapshot/*';
const keyTag = 'cordon:key';

const volumesOf = ({ BlockDeviceMappings = [] }: Instance): string[] =>
  BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.VolumeId ?? []).sort();

/** The volumes of which this step has taken a snapshot. */
async function takenFor(aws: AwsSession, { key, signal: abortSignal }: StepContext): Promise<readonly string[]> {
  const client = aws.client(EC2Client);
  const Filters = [
    { Name: `tag:${keyTag}`, Values: [key] },
    { Name: 'status', Values: ['pending', 'completed'] },
  ];
  const input = { OwnerIds: ['self'], Filters, MaxResults: 1_000 };
  const pages = paginateDescribeSnapshots({ client }, input, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ Snapshots = [] }) => Snapshots.flatMap((one) => one.VolumeId ?? []));
}

/** The volumes of an instance that a request for all of them must leave out so that only some are taken. */
async function leavingOut(aws: AwsSession, instanceId: string, wanted: readonly string[], signal: AbortSignal) {
  const found = await findInstance(aws, instanceId, signal);
  const boot = found?.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === found.RootDeviceName)?.Ebs?.VolumeId;
  const others = found ? volumesOf(found).filter((id) => !wanted.includes(id)) : [];
  const data = others.filter((id) => id !== boot);
  return {
    InstanceId: instanceId,
    ...(boot !== undefined && others.includes(boot) && { ExcludeBootVolume: true }),
    ...(data.length > 0 && { ExcludeDataVolumeIds: data }),
  };
}

/**
 * Takes snapshots of all volumes of an instance at one instant (docs.aws.amazon.com/AWSEC2, CreateSnapshots). They
 * carry the step's key, by which a step that is resumed finds what it took before. A snapshot counts once it is
 * pending: what it shows is fixed from then on, while copying goes on.
 */
export const ec2SnapshotVolumes = awsAction({
  id: 'aws.ec2.snapshot-volumes',
  title: 'Take snapshots of all volumes of an instance',
  target: 'aws.ec2.instance',
  d3fend: 'D3-FA',
  cutsNothing: true,
  input: z.strictObject({ instanceId: InstanceId.describe('The instance, as i-0123456789abcdef0.') }),
  value: Taken,
  permissions: {
    read: [
      { allow: 'ec2:DescribeInstances', on: '*' },
      { allow: 'ec2:DescribeSnapshots', on: '*' },
    ],
    write: [
      { allow: 'ec2:DescribeInstances', on: '*' },
      { allow: 'ec2:CreateSnapshots', on: `${ec2}:instance/{instanceId}` },
      { allow: 'ec2:CreateSnapshots', on: `${ec2}:volume/*` },
      { allow: 'ec2:CreateSnapshots', on: anySnapshot },
      { allow: 'ec2:CreateTags', on: anySnapshot, when: { StringEquals: { 'ec2:CreateAction': ['CreateSnapshots'] } } },
    ],
  },
  settles: { seconds: 30 },
  keeps: 'Snapshots are evidence; they stay until whoever investigates deletes them.',
  cautions: [
    'Copying takes minutes to hours: a volume must not be deleted before its snapshot is completed.',
    'Memory and instance-store volumes are not in a snapshot.',
    'A snapshot of a volume encrypted with a key of AWS’s own cannot be shared with another account.',
  ],
  portable: { verb: 'keep-evidence', with: { instanceId: '${target.instanceId}' } },
  examples: [{ instanceId: 'i-0123456789abcdef0' }],
}).does({
  async capture(aws, { instanceId }, step) {
    const [found, taken] = await Promise.all([findInstance(aws, instanceId, step.signal), takenFor(aws, step)]);
    if (!found) return {};
    return { [instanceId]: Object.fromEntries(volumesOf(found).map((id) => [id, taken.includes(id)])) };
  },
  plan: (_, seen) =>
    Object.fromEntries(
      Object.entries(seen).map(([id, volumes]) => [
        id,
        Object.fromEntries(Object.keys(volumes ?? {}).map((volume) => [volume, true])),
      ]),
    ),
  async apply(aws, { resource: instanceId, from, to }, { runId, key, signal }) {
    const wanted = Object.entries(to ?? {}).flatMap(([id, taken]) => (taken && from?.[id] !== true ? [id] : []));
    if (wanted.length === 0) return; // a release leaves evidence where it is
    const Tags = [
      { Key: keyTag, Value: key },
      { Key: 'cordon:run', Value: runId },
      { Key: 'cordon:instance', Value: instanceId },
    ];
    const command = new CreateSnapshotsCommand({
      InstanceSpecification: await leavingOut(aws, instanceId, wanted, signal),
      Description: `Evidence taken from ${instanceId} by Cordon`,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags }],
    });
    await aws.client(EC2Client).send(command, { abortSignal: signal });
  },
});
