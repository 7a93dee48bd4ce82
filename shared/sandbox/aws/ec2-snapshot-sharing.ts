import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { freshId, putTags, withDryRun } from './ec2.ts';
import { type SnapshotRow, snapshots, volumes } from './ec2-rows.ts';
import { isSharedWith, modificationIn, sharingContext, sharingOf } from './ec2-sharing.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Snapshot = z.strictObject({
  id: z.string(),
  volume: z.string(),
  sizeGib: z.int().min(1).default(8),
  description: z.string().default(''),
  encrypted: z.boolean().default(true),
  sharedWith: z.array(z.string()).default([]),
  takenAt: z.iso.datetime().default('2026-11-19T02:00:00.000Z'),
  tags: z.record(z.string(), z.string()).default({}),
});

const absent = (id: string | undefined) =>
  new AwsFault('InvalidSnapshot.NotFound', `The snapshot '${id ?? ''}' does not exist.`);

/** A snapshot of the caller's own account. */
function ownSnapshot({ view, account, region }: Call, id: string | undefined): SnapshotRow {
  const row = view.get(snapshots, id ?? '');
  if (row?.account === account && row.region === region) return row;
  throw absent(id);
}

const snapshotArn = ({ SnapshotId = '*' }: { readonly SnapshotId?: string | undefined }, call: Call): string =>
  `arn:${call.partition}:ec2:${call.region}::snapshot/${SnapshotId}`;

const operations = operationsOf<typeof ec2>()({
  DescribeSnapshotAttribute: {
    on: snapshotArn,
    does({ SnapshotId }, call) {
      const { snapshotId, sharedWith = [] } = ownSnapshot(call, SnapshotId);
      const CreateVolumePermissions = sharedWith.map((who) =>
        who === 'all' ? { Group: 'all' as const } : { UserId: who },
      );
      return { SnapshotId: snapshotId, CreateVolumePermissions };
    },
  },
  ModifySnapshotAttribute: {
    on: snapshotArn,
    context: ({ CreateVolumePermission, ...listed }) => sharingContext(modificationIn(CreateVolumePermission, listed)),
    does({ SnapshotId, CreateVolumePermission, ...listed }, call) {
      const row = ownSnapshot(call, SnapshotId);
      const sharedWith = sharingOf(row.sharedWith ?? [], modificationIn(CreateVolumePermission, listed));
      if (row.encrypted && sharedWith.includes('all'))
        throw new AwsFault('OperationNotPermitted', 'Encrypted snapshots cannot be shared publicly.');
      call.world.rows.put(snapshots, row.snapshotId, { ...row, sharedWith });
      return {};
    },
  },
  CreateVolume: {
    on: ({ SnapshotId }, call) => [
      `arn:${call.partition}:ec2:${call.region}:${call.account}:volume/*`,
      snapshotArn({ SnapshotId }, call),
    ],
    does({ SnapshotId, AvailabilityZone: zone = '' }, call) {
      const { view, account, region, world } = call;
      const row = view.get(snapshots, SnapshotId ?? '');
      if (row?.region !== region || !isSharedWith(row, account)) throw absent(SnapshotId);
      const { sizeGib, encrypted } = row;
      const [volumeId, createdAt] = [freshId(call, 'vol'), world.clock.now()];
      const made = { account, region, volumeId, zone, sizeGib, encrypted, createdAt, volumeType: 'gp3' };
      world.rows.put(volumes, volumeId, { ...made, state: 'available' });
      return { VolumeId: volumeId, SnapshotId, AvailabilityZone: zone, Size: sizeGib, State: 'creating' };
    },
  },
});

/** Snapshots that are there when a story begins, with whom they are shared. */
export const ec2SnapshotSharing = awsNoun({
  name: 'snapshots',
  scope: 'region',
  estate: z.array(Snapshot).default([]),
  seed(rows, list, { account, region }) {
    for (const { id: snapshotId, volume: volumeId, takenAt, tags, ...snapshot } of list) {
      const times = { startedAt: takenAt, completesAt: takenAt };
      rows.put(snapshots, snapshotId, { ...snapshot, ...times, account, region, snapshotId, volumeId });
      putTags(rows, snapshotId, { account, region }, tags);
    }
  },
  operations: { ec2: withDryRun(operations) },
});
