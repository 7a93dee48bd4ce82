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

/** Region, tags and whether the policy of a bucket counts as public; undefined where there is no such bucket. */
export async function inspectBucket(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.s3.bucket') return {};
  const bucket = { Bucket: target.bucket, ExpectedBucketOwner: session.account };
  const found = await unlessAbsent(['NoSuchBucket'], () =>
    session.client(S3Client).send(new GetBucketLocationCommand(bucket)),
  );
  if (!found) return undefined;
  const bucketRegion = regionOf(found.LocationConstraint);
  const home = bucketRegion === session.region ? session : await session.elsewhere({ region: bucketRegion });
  const client = home.client(S3Client);
  const [tagging, status] = await Promise.all([
    unlessAbsent(['NoSuchTagSet'], () => client.send(new GetBucketTaggingCommand(bucket))),
    unlessAbsent(['NoSuchBucketPolicy'], () => client.send(new GetBucketPolicyStatusCommand(bucket))),
  ]);
  return { bucketRegion, tags: tagsOf(tagging?.TagSet), publicPolicy: status?.PolicyStatus?.IsPublic ?? false };
}
