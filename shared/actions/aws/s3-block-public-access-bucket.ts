import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { BucketName } from '../../model/identifiers.ts';
import { awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

/** The four flags, as the API names them but for the case. */
const Flags = z.strictObject({
  blockPublicAcls: z.boolean(),
  ignorePublicAcls: z.boolean(),
  blockPublicPolicy: z.boolean(),
  restrictPublicBuckets: z.boolean(),
});
const all = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true };

const seenFlags = (flags: PublicAccessBlockConfiguration): z.infer<typeof Flags> => ({
  blockPublicAcls: flags.BlockPublicAcls ?? false,
  ignorePublicAcls: flags.IgnorePublicAcls ?? false,
  blockPublicPolicy: flags.BlockPublicPolicy ?? false,
  restrictPublicBuckets: flags.RestrictPublicBuckets ?? false,
});

const bucketArn = 'arn:{partition}:s3:::{bucket}';

/**
 * Turns all four flags of Block Public Access on for one bucket (docs.aws.amazon.com/AmazonS3, PutPublicAccessBlock).
 * A bucket without a configuration is `null`, which a release restores as such. Only a bucket of the account itself
 * is read or changed: for a foreign one S3 answers AccessDenied.
 */
export const s3BlockPublicAccessBucket = awsAction({
  id: 'aws.s3.block-public-access-bucket',
  title: 'Block all public access to an S3 bucket',
  target: 'aws.s3.bucket',
  d3fend: 'D3-NRAM',
  input: z.strictObject({ bucket: BucketName.describe('The bucket, by name.') }),
  value: Flags,
  permissions: {
    read: [{ allow: 's3:GetBucketPublicAccessBlock', on: bucketArn }],
    write: [{ allow: 's3:PutBucketPublicAccessBlock', on: bucketArn }],
  },
  settles: { seconds: 15 },
  cautions: [
    'Public policies and access control lists stay in place and grant again once this is released.',
    'While a bucket policy counts as public, every other account that it names is cut off as well.',
    'Presigned links, and readers within the bucket’s own account, are not cut off.',
  ],
  portable: { verb: 'block-public-storage', with: { bucket: '${target.bucket}' } },
  examples: [{ bucket: 'example-customer-exports' }],
}).does({
  async capture(aws, { bucket }, { signal: abortSignal }) {
    const command = new GetPublicAccessBlockCommand({ Bucket: bucket, ExpectedBucketOwner: aws.account });
    const read = () => aws.client(S3Client).send(command, { abortSignal });
    const found = await unlessAbsent(['NoSuchBucket'], async () => ({
      flags: (await unlessAbsent(['NoSuchPublicAccessBlockConfiguration'], read))?.PublicAccessBlockConfiguration,
    }));
    return found ? { [bucket]: found.flags ? seenFlags(found.flags) : null } : {};
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((bucket) => [bucket, all])),
  async apply(aws, { resource: Bucket, to }, { signal: abortSignal }) {
    const client = aws.client(S3Client);
    const where = { Bucket, ExpectedBucketOwner: aws.account };
    if (to === null) return void (await client.send(new DeletePublicAccessBlockCommand(where), { abortSignal }));
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: to.blockPublicAcls,
      IgnorePublicAcls: to.ignorePublicAcls,
      BlockPublicPolicy: to.blockPublicPolicy,
      RestrictPublicBuckets: to.restrictPublicBuckets,
    };
    const command = new PutPublicAccessBlockCommand({ ...where, PublicAccessBlockConfiguration });
    await client.send(command, { abortSignal });
  },
});
