import {
  DescribeImageAttributeCommand,
  DescribeSnapshotAttributeCommand,
  EC2Client,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
} from '@aws-sdk/client-ec2';
import { type Probe, probesOf } from '../probe.ts';

const snapshot = 'snap-0aa11bb22cc33d501';
const image = 'ami-0aa11bb22cc33d601';
const [noSnapshot, noImage] = ['snap-0ffffffffffffffff', 'ami-0ffffffffffffffff'];
const [Attribute, launch] = ['createVolumePermission', 'launchPermission'] as const;
const Remove = [{ Group: 'all' as const }];

const ec2 = probesOf('ec2', EC2Client);

/** Whom snapshots and images are shared with. Some change what later ones see. */
export const sharingProbes: readonly Probe[] = [
  ec2('DescribeSnapshotAttribute', (client, id) =>
    client.send(new DescribeSnapshotAttributeCommand({ SnapshotId: id(snapshot), Attribute })),
  ),
  ec2('DescribeSnapshotAttribute of an unknown snapshot', (client) =>
    client.send(new DescribeSnapshotAttributeCommand({ SnapshotId: noSnapshot, Attribute })),
  ),
  ec2('ModifySnapshotAttribute', (client, id) => {
    const SnapshotId = id(snapshot);
    return client.send(
      new ModifySnapshotAttributeCommand({ SnapshotId, Attribute, CreateVolumePermission: { Remove } }),
    );
  }),
  ec2('ModifySnapshotAttribute by names', (client, id) => {
    const listed = { OperationType: 'remove' as const, GroupNames: ['all'] };
    return client.send(new ModifySnapshotAttributeCommand({ SnapshotId: id(snapshot), ...listed }));
  }),
  ec2('ModifySnapshotAttribute by names of an unknown snapshot', (client) => {
    const listed = { OperationType: 'remove' as const, GroupNames: ['all'] };
    return client.send(new ModifySnapshotAttributeCommand({ SnapshotId: noSnapshot, ...listed }));
  }),
  ec2(
    'DescribeSnapshotAttribute of what is left',
    async (client, id) => {
      const command = new DescribeSnapshotAttributeCommand({ SnapshotId: id(snapshot), Attribute });
      const { CreateVolumePermissions: left = [] } = await client.send(command);
      return { left: left.map(({ Group, UserId }) => Group ?? UserId ?? '').sort() };
    },
    true,
  ),
  ec2('DescribeImageAttribute', (client, id) =>
    client.send(new DescribeImageAttributeCommand({ ImageId: id(image), Attribute: launch })),
  ),
  ec2('DescribeImageAttribute of an unknown image', (client) =>
    client.send(new DescribeImageAttributeCommand({ ImageId: noImage, Attribute: launch })),
  ),
  ec2('ModifyImageAttribute', (client, id) => {
    const LaunchPermission = { Remove };
    return client.send(new ModifyImageAttributeCommand({ ImageId: id(image), Attribute: launch, LaunchPermission }));
  }),
  ec2('ModifyImageAttribute of an unknown image', (client) =>
    client.send(new ModifyImageAttributeCommand({ ImageId: noImage, Attribute: launch, LaunchPermission: { Remove } })),
  ),
];
