import {
  GetBucketLocationCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  S3Client,
  type Tag,
} from '@aws-sdk/client-s3';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const tagsOf = (tags: readonly Tag[] = []): JsonObject =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** The two regions that GetBucketLocation spells as they were called in 2006. */
const regionOf = (constraint: string | undefined): string =>
  constraint ? constraint.replace(/^EU$/, 'eu-west-1') : 'us-east-1';

/** Where a bucket is and how it is spoken to there; undefined where there is no such bucket. */
async function homeOf(session: AwsSession, name: string) {
  const bucket = { Bucket: name, ExpectedBucketOwner: session.account };
  const found = await unlessAbsent(['NoSuchBucket'], () =>
    session.client(S3Client).send(new GetBucketLocationCommand(bucket)),
  );
  if (!found) return undefined;
  const bucketRegion = regionOf(found.LocationConstraint);
  const home = bucketRegion === session.region ? session : await session.elsewhere({ region: bucketRegion });
  const client = home.client(S3Client);
  const tags = async (): Promise<JsonObject> =>
    tagsOf((await unlessAbsent(['NoSuchTagSet'], () => client.send(new GetBucketTaggingCommand(bucket))))?.TagSet);
  return { bucket, bucketRegion, client, tags };
}

/** Region, tags and whether the policy of a bucket counts as public; undefined where there is no such bucket. */
export async function inspectBucket(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.s3.bucket') return {};
  const home = await homeOf(session, target.bucket);
  if (!home) return undefined;
  const { bucket, bucketRegion, client } = home;
  const [tags, status] = await Promise.all([
    home.tags(),
    unlessAbsent(['NoSuchBucketPolicy'], () => client.send(new GetBucketPolicyStatusCommand(bucket))),
  ]);
  return { bucketRegion, tags, publicPolicy: status?.PolicyStatus?.IsPublic ?? false };
}

/** Region and tags of the bucket that an object is in: what protects a bucket protects what lies in it. */
export async function inspectObject(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.s3.object') return {};
  const home = await homeOf(session, target.bucket);
  return home && { bucketRegion: home.bucketRegion, tags: await home.tags() };
}
