import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { table } from '../rows.ts';
import { described, ec2Arn, freshId, type Kind, listTags, putTags, rowOf, specifiedTags, withDryRun } from './ec2.ts';
import { instanceKind } from './ec2-instances.ts';
import { type SnapshotRow, snapshots, type VolumeRow } from './ec2-rows.ts';
import { volumeKind } from './ec2-volumes.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, type Right } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** How many snapshots an account may have in a region; keyed by `account/region`. */
const quotas = table<{ readonly snapshots: number }>('aws.ec2.quotas');

const secondsBetween = 15;
const pendingAtOnce = 5;

const stateOf = ({ failed, completesAt }: SnapshotRow, now: string): ec2.SnapshotState =>
  failed ? 'error' : completesAt <= now ? 'completed' : 'pending';

const kindAt = (now: string): Kind<SnapshotRow> => ({
  table: snapshots,
  prefix: 'snap',
  missing: 'InvalidSnapshot.NotFound',
  malformed: 'InvalidSnapshotID.Malformed',
  noun: 'snapshot',
  idOf: ({ snapshotId }) => snapshotId,
  filters: {
    'snapshot-id': ({ snapshotId }) => [snapshotId],
    'volume-id': ({ volumeId }) => [volumeId],
    'owner-id': ({ account }) => [account],
    status: (row) => [stateOf(row, now)],
    description: ({ description }) => [description],
    encrypted: ({ encrypted }) => [String(encrypted)],
  },
});

/** Snapshots are the one kind whose ARN names no account. */
const snapshotArn = ({ partition, region }: Call): string => `arn:${partition}:ec2:${region}::snapshot/*`;

const describe = ({ view, world }: Call, row: SnapshotRow): ec2.Snapshot => {
  const state = stateOf(row, world.clock.now());
  return {
    SnapshotId: row.snapshotId,
    VolumeId: row.volumeId,
    VolumeSize: row.sizeGib,
    OwnerId: row.account,
    Description: row.description,
    Encrypted: row.encrypted,
    ...(row.kmsKeyId !== undefined && { KmsKeyId: row.kmsKeyId }),
    StartTime: new Date(row.startedAt),
    State: state,
    Progress: state === 'completed' ? '100%' : '10%',
    Tags: listTags(view, row.snapshotId),
  };
};

function checkRate({ world }: Call, { volumeId }: VolumeRow): void {
  const now = world.clock.now();
  const recent = new Date(world.clock.milliseconds - secondsBetween * 1_000).toISOString();
  const taken = world.rows.all(snapshots).flatMap(([, row]) => (row.volumeId === volumeId ? [row] : []));
  if (taken.some(({ startedAt }) => startedAt > recent))
    throw new AwsFault(
      'SnapshotCreationPerVolumeRateExceeded',
      'The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.',
    );
  if (taken.filter((row) => stateOf(row, now) === 'pending').length >= pendingAtOnce)
    throw new AwsFault(
      'ConcurrentSnapshotLimitExceeded',
      `Maximum allowed in-progress snapshots for ${volumeId} exceeded.`,
    );
}

function checkQuota({ world, account, region }: Call, more: number): void {
  const own = world.rows.all(snapshots).filter(([, row]) => row.account === account && row.region === region);
  if (own.length + more > (world.rows.get(quotas, `${account}/${region}`)?.snapshots ?? 0))
    throw new AwsFault('SnapshotLimitExceeded', 'Maximum number of snapshots exceeded for this account.');
}

type Wish = {
  readonly Description?: string | undefined;
  readonly TagSpecifications?: ec2.TagSpecification[] | undefined;
};

/** Snapshots of some volumes at one instant, all of them or none. */
function take(call: Call, of: readonly VolumeRow[], { Description, TagSpecifications }: Wish): readonly SnapshotRow[] {
  const tags = specifiedTags(TagSpecifications, 'snapshot');
  for (const volume of of) checkRate(call, volume);
  checkQuota(call, of.length);
  const { rows, clock } = call.world;
  return of.map(({ volumeId, sizeGib, encrypted, kmsKeyId }) => {
    const row: SnapshotRow = {
      account: call.account,
      region: call.region,
      snapshotId: freshId(call, 'snap'),
      volumeId,
      sizeGib,
      description: Description ?? '',
      encrypted,
      ...(kmsKeyId !== undefined && { kmsKeyId }),
      startedAt: clock.now(),
      completesAt: new Date(clock.milliseconds + (60 + sizeGib) * 1_000).toISOString(),
    };
    rows.put(snapshots, row.snapshotId, row);
    putTags(rows, row.snapshotId, call, tags);
    return row;
  });
}

/** The volumes of an instance that a request for all of them means. */
function volumesOf(call: Call, wanted: ec2.InstanceSpecification | undefined): readonly VolumeRow[] {
  const { InstanceId, ExcludeBootVolume = false, ExcludeDataVolumeIds = [] } = wanted ?? {};
  const { blockDevices, rootDeviceName, instanceId } = rowOf(call, instanceKind, InstanceId);
  const boot = blockDevices.find(({ deviceName }) => deviceName === rootDeviceName)?.volumeId;
  const data = blockDevices.map(({ volumeId }) => volumeId).filter((id) => id !== boot);
  const unknown = ExcludeDataVolumeIds.find((id) => !data.includes(id));
  if (unknown !== undefined)
    throw new AwsFault('InvalidParameterValue', `${unknown} is not a data volume of instance ${instanceId}`);
  const ids = [
    ...(boot !== undefined && !ExcludeBootVolume ? [boot] : []),
    ...data.filter((id) => !ExcludeDataVolumeIds.includes(id)),
  ];
  if (ids.length === 0)
    throw new AwsFault('InvalidParameterCombination', 'At least one volume must be included in the request');
  return ids.map((id) => rowOf(call, volumeKind, id));
}

const tagRights = ({ TagSpecifications = [] }: Wish, call: Call, creating: string): readonly Right[] =>
  TagSpecifications.some(({ Tags = [] }) => Tags.length > 0)
    ? [{ action: 'ec2:CreateTags', on: snapshotArn(call), context: { 'ec2:CreateAction': creating } }]
    : [];

const operations = operationsOf<typeof ec2>()({
  DescribeSnapshots: {
    does({ SnapshotIds: ids, OwnerIds = [], RestorableByUserIds: _, ...asked }, call) {
      const now = call.world.clock.now();
      const { rows, NextToken } = described(call, kindAt(now), { ids, ...asked });
      const own = rows.filter(({ account }) => OwnerIds.every((owner) => owner === 'self' || owner === account));
      return { Snapshots: own.map((row) => describe(call, row)), NextToken };
    },
  },
  CreateSnapshot: {
    on: ({ VolumeId }, call) => [ec2Arn(call, 'volume', VolumeId), snapshotArn(call)],
    also: (input, call) => tagRights(input, call, 'CreateSnapshot'),
    does({ VolumeId, ...wish }, call) {
      const [taken] = take(call, [rowOf(call, volumeKind, VolumeId)], wish);
      return taken ? describe(call, taken) : {};
    },
  },
  CreateSnapshots: {
    on: ({ InstanceSpecification }, call) => [
      ec2Arn(call, 'instance', InstanceSpecification?.InstanceId),
      ec2Arn(call, 'volume'),
      snapshotArn(call),
    ],
    also: (input, call) => tagRights(input, call, 'CreateSnapshots'),
    does({ InstanceSpecification, CopyTagsFromSource, ...wish }, call) {
      if (CopyTagsFromSource !== undefined)
        throw new AwsFault('NotImplemented', 'the sandbox copies no tags onto snapshots', { status: 501 });
      const taken = take(call, volumesOf(call, InstanceSpecification), wish);
      return { Snapshots: taken.map((row) => ({ ...describe(call, row), State: 'pending' as const })) };
    },
  },
});

/** Snapshots of volumes; an estate only says how many there may be. */
export const ec2Snapshots = awsNoun({
  name: 'snapshotQuota',
  scope: 'region',
  estate: z.int().min(0).default(100_000),
  seed: (rows, quota, { account, region }) => rows.put(quotas, `${account}/${region}`, { snapshots: quota }),
  operations: { ec2: withDryRun(operations) },
});
