import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  ConfigServiceClient,
  PutConfigurationRecorderCommand,
  PutDeliveryChannelCommand,
  StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateDetectorCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type TrailRow, trails } from '../../../shared/sandbox/aws/cloudtrail-trails.ts';
import { type RecorderRow, recorders } from '../../../shared/sandbox/aws/config-recorders.ts';
import { featureNames } from '../../../shared/sandbox/aws/guardduty-detectors.ts';
import { detectors } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import { rowsOf, type Seeding } from './seeding.ts';

/** A bucket that is delivered to: moto looks for it, the estate does not hold it. */
async function seedDeliveryBucket({ client, region }: Seeding, Bucket: string): Promise<void> {
  const home =
    region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }; // any region but the first
  await client(S3Client).send(new CreateBucketCommand({ Bucket, ...home }));
}

async function seedTrail(to: Seeding, row: TrailRow): Promise<void> {
  const cloudtrail = to.client(CloudTrailClient);
  const { name: Name, bucket: S3BucketName, multiRegion: IsMultiRegionTrail, eventSelectors } = row;
  await seedDeliveryBucket(to, S3BucketName);
  await cloudtrail.send(new CreateTrailCommand({ Name, S3BucketName, IsMultiRegionTrail }));
  await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors: [...eventSelectors] }));
  if (row.logging) await cloudtrail.send(new StartLoggingCommand({ Name }));
}

async function seedRecorder(to: Seeding, { name, recording, channel }: RecorderRow): Promise<void> {
  const config = to.client(ConfigServiceClient);
  const roleARN = `arn:aws:iam::${to.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`;
  await config.send(new PutConfigurationRecorderCommand({ ConfigurationRecorder: { name, roleARN } }));
  if (channel !== undefined)
    await config.send(new PutDeliveryChannelCommand({ DeliveryChannel: { name: 'default', s3BucketName: channel } }));
  if (recording) await config.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: name }));
}

/** What watches and records in a region: trails, the recorder of Config, GuardDuty's detector. */
export async function seedLogging(to: Seeding): Promise<void> {
  for (const row of rowsOf(to, trails)) await seedTrail(to, row);
  for (const row of rowsOf(to, recorders)) await seedRecorder(to, row);
  for (const [id, { account, region, suspended, off = [] }] of to.rows.all(detectors)) {
    if (account !== to.account || region !== to.region) continue;
    const Features = featureNames.map((Name) => ({
      Name,
      Status: off.includes(Name) ? ('DISABLED' as const) : ('ENABLED' as const),
    }));
    const made = new CreateDetectorCommand({ Enable: suspended === undefined, Features });
    const { DetectorId } = await to.client(GuardDutyClient).send(made);
    to.ids.set(id, DetectorId ?? '');
  }
}
