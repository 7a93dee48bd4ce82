import {
  CreateSnapshotCommand,
  EC2Client,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  RegisterImageCommand,
} from '@aws-sdk/client-ec2';
import { type ImageRow, images, type SnapshotRow, snapshots } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { idOn, rowsOf, type Seeding } from './seeding.ts';

async function seedSnapshot(to: Seeding, row: SnapshotRow): Promise<void> {
  const ec2 = to.client(EC2Client);
  const taken = { VolumeId: idOn(to, row.volumeId), Description: row.description };
  const { SnapshotId } = await ec2.send(new CreateSnapshotCommand(taken));
  to.ids.set(row.snapshotId, SnapshotId ?? '');
  const { sharedWith = [] } = row;
  const shared = {
    OperationType: 'add' as const, // moto reads this form of the request alone
    GroupNames: sharedWith.filter((who) => who === 'all'),
    UserIds: sharedWith.filter((who) => who !== 'all'),
  };
  if (sharedWith.length > 0) await ec2.send(new ModifySnapshotAttributeCommand({ SnapshotId, ...shared }));
}

const permissionFor = (who: string) => {
  if (who === 'all') return { Group: 'all' as const };
  return who.startsWith('arn:') ? { OrganizationArn: who } : { UserId: who };
};

async function seedImage(to: Seeding, { imageId, name: Name, snapshots: within, sharedWith }: ImageRow): Promise<void> {
  const ec2 = to.client(EC2Client);
  const BlockDeviceMappings = within.map((id) => ({ DeviceName: '/dev/xvda', Ebs: { SnapshotId: idOn(to, id) } }));
  const { ImageId } = await ec2.send(new RegisterImageCommand({ Name, BlockDeviceMappings }));
  to.ids.set(imageId, ImageId ?? '');
  const LaunchPermission = { Add: sharedWith.map(permissionFor) };
  if (sharedWith.length > 0)
    await ec2.send(new ModifyImageAttributeCommand({ ImageId, Attribute: 'launchPermission', LaunchPermission }));
}

/** Snapshots of volumes that are there already, and images, with those whom they are shared with. */
export async function seedImages(to: Seeding): Promise<void> {
  for (const row of rowsOf(to, snapshots)) await seedSnapshot(to, row);
  for (const row of rowsOf(to, images)) await seedImage(to, row);
}
