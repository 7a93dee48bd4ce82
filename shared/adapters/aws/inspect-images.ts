import { DescribeImagesCommand, DescribeSnapshotsCommand, EC2Client, type Tag } from '@aws-sdk/client-ec2';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const tagsOf = (tags: readonly Tag[] = []): JsonObject =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** Tags of a snapshot of the account itself; one that is only shared with it is none of its. */
export async function inspectSnapshot(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.ebs.snapshot') return {};
  const command = new DescribeSnapshotsCommand({ SnapshotIds: [target.snapshotId], OwnerIds: ['self'] });
  const found = await unlessAbsent(['InvalidSnapshot.NotFound', 'InvalidSnapshotID.Malformed'], () =>
    session.client(EC2Client).send(command),
  );
  const [snapshot] = found?.Snapshots ?? [];
  return snapshot && { tags: tagsOf(snapshot.Tags) };
}

/** Tags of an image of the account itself. */
export async function inspectImage(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.ec2.image') return {};
  const command = new DescribeImagesCommand({ ImageIds: [target.imageId], Owners: ['self'] });
  const found = await unlessAbsent(
    ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidAMIID.Malformed'],
    () => session.client(EC2Client).send(command),
  );
  const [image] = found?.Images ?? [];
  return image && { tags: tagsOf(image.Tags) };
}
