import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { resourcePolicies } from '../../../shared/sandbox/aws/iam-rows.ts';
import { type BucketRow, buckets, objects } from '../../../shared/sandbox/aws/s3-rows.ts';
import { rowsOf, type Seeding, tagList } from './seeding.ts';

async function createBucket({ client, region }: Seeding, { name: Bucket, ownership, acl }: BucketRow): Promise<void> {
  const home =
    region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }; // any region but the first
  const opened = ownership === 'BucketOwnerEnforced' ? {} : { ACL: acl };
  await client(S3Client).send(new CreateBucketCommand({ Bucket, ObjectOwnership: ownership, ...home, ...opened }));
}

async function seedBucket(to: Seeding, row: BucketRow): Promise<void> {
  const s3 = to.client(S3Client);
  const { name: Bucket, arn, tags, publicAccessBlock: block, versioning: Status } = row;
  await createBucket(to, row);
  const { document: Policy } = to.rows.get(resourcePolicies, arn) ?? {};
  if (Policy !== undefined) await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  if (Status) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  if (tags) await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } }));
  const PublicAccessBlockConfiguration = block && {
    BlockPublicAcls: block.blockPublicAcls,
    IgnorePublicAcls: block.ignorePublicAcls,
    BlockPublicPolicy: block.blockPublicPolicy,
    RestrictPublicBuckets: block.restrictPublicBuckets,
  };
  if (PublicAccessBlockConfiguration)
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  for (const [, { bucket, key: Key, body: Body, tags: own, versionId }] of to.rows.all(objects)) {
    if (bucket !== Bucket) continue;
    const Tagging = own && new URLSearchParams(own).toString();
    const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...(Tagging !== undefined && { Tagging }) }));
    if (versionId !== undefined && put.VersionId !== undefined) to.ids.set(versionId, put.VersionId);
  }
}

/** Buckets with their policies, tags and objects. */
export async function seedS3(to: Seeding): Promise<void> {
  for (const row of rowsOf(to, buckets)) await seedBucket(to, row);
}
