import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { View } from '../rows.ts';
import { described, type Kind, listTags, putTags, withDryRun } from './ec2.ts';
import { type BlockDevice, instances, type VolumeRow, volumes } from './ec2-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';

const Volume = z.strictObject({
  id: z.string(),
  zone: z.string(),
  sizeGib: z.int().min(1).default(8),
  type: z.string().default('gp3'),
  encrypted: z.boolean().default(true),
  tags: z.record(z.string(), z.string()).default({}),
});

const deviceOf = (view: View, { volumeId, instanceId = '' }: VolumeRow): BlockDevice | undefined =>
  view.get(instances, instanceId)?.blockDevices.find((device) => device.volumeId === volumeId);

/** Volumes among the resources of EC2. */
export const volumeKind: Kind<VolumeRow> = {
  table: volumes,
  prefix: 'vol',
  missing: 'InvalidVolume.NotFound',
  malformed: 'InvalidVolumeID.Malformed',
  noun: 'volume',
  unpagedIds: true,
  idOf: ({ volumeId }) => volumeId,
  filters: {
    'volume-id': ({ volumeId }) => [volumeId],
    'volume-type': ({ volumeType }) => [volumeType],
    status: ({ state }) => [state],
    encrypted: ({ encrypted }) => [String(encrypted)],
    'availability-zone': ({ zone }) => [zone],
    'attachment.instance-id': ({ instanceId }) => [instanceId],
    'attachment.device': (row, view) => [deviceOf(view, row)?.deviceName],
    'attachment.delete-on-termination': (row, view) => {
      const device = deviceOf(view, row);
      return [device && String(device.deleteOnTermination)];
    },
  },
};

const describe = ({ view }: Call, row: VolumeRow): ec2.Volume => {
  const device = deviceOf(view, row);
  return {
    VolumeId: row.volumeId,
    AvailabilityZone: row.zone,
    Size: row.sizeGib,
    VolumeType: row.volumeType as ec2.VolumeType, // the estate spells EC2's own types
    Encrypted: row.encrypted,
    ...(row.kmsKeyId !== undefined && { KmsKeyId: row.kmsKeyId }),
    State: row.state,
    CreateTime: new Date(row.createdAt),
    Tags: listTags(view, row.volumeId),
    Attachments: device
      ? [
          {
            InstanceId: row.instanceId,
            VolumeId: row.volumeId,
            Device: device.deviceName,
            State: 'attached',
            DeleteOnTermination: device.deleteOnTermination,
            AttachTime: new Date(device.attachedAt),
          },
        ]
      : [],
  };
};

const operations = operationsOf<typeof ec2>()({
  DescribeVolumes: {
    does({ VolumeIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, volumeKind, { ids, ...asked });
      return { Volumes: rows.map((row) => describe(call, row)), NextToken };
    },
  },
});

/** Volumes that are attached to nothing; those of an instance are listed with it. */
export const ec2Volumes = awsNoun({
  name: 'volumes',
  scope: 'region',
  estate: z.array(Volume).default([]),
  seed(rows, list, { account, region }) {
    for (const { id: volumeId, type: volumeType, tags, ...volume } of list) {
      const createdAt = '2025-06-01T00:00:00.000Z';
      rows.put(volumes, volumeId, { ...volume, account, region, volumeId, volumeType, state: 'available', createdAt });
      putTags(rows, volumeId, { account, region }, tags);
    }
  },
  operations: { ec2: withDryRun(operations) },
});
