import {
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { pageSizes, type Probe } from '../wire.ts';

const Bucket = 'northwind-website';
const exports = 'northwind-customer-exports';
const nowhere = 'northwind-has-no-such-bucket';
const ExpectedBucketOwner = '444455556666';

type Command = Parameters<S3Client['send']>[0];
const s3 = (name: string, command: Command): Probe => ({
  name: `s3 ${name}`,
  ask: async ({ client }) => {
    const { Body: _, ...answer } = { Body: undefined, ...(await client(S3Client).send(command)) };
    return answer;
  },
});

/** S3. Some change what later ones see. */
export const s3Probes: readonly Probe[] = [
  s3('ListBuckets', new ListBucketsCommand({})),
  s3('HeadBucket', new HeadBucketCommand({ Bucket })),
  s3('HeadBucket of an unknown bucket', new HeadBucketCommand({ Bucket: nowhere })),
  s3('GetBucketLocation', new GetBucketLocationCommand({ Bucket })),
  s3('GetBucketLocation of an unknown bucket', new GetBucketLocationCommand({ Bucket: nowhere })),
  s3('GetPublicAccessBlock', new GetPublicAccessBlockCommand({ Bucket })),
  s3('GetPublicAccessBlock without configuration', new GetPublicAccessBlockCommand({ Bucket: exports })),
  s3('GetPublicAccessBlock of an unknown bucket', new GetPublicAccessBlockCommand({ Bucket: nowhere })),
  s3('GetPublicAccessBlock of another owner', new GetPublicAccessBlockCommand({ Bucket, ExpectedBucketOwner })),
  s3(
    'PutPublicAccessBlock',
    new PutPublicAccessBlockCommand({
      Bucket: exports,
      PublicAccessBlockConfiguration: { BlockPublicPolicy: true },
    }),
  ),
  s3('GetPublicAccessBlock with one flag', new GetPublicAccessBlockCommand({ Bucket: exports })),
  s3('DeletePublicAccessBlock', new DeletePublicAccessBlockCommand({ Bucket: exports })),
  s3('DeletePublicAccessBlock of none', new DeletePublicAccessBlockCommand({ Bucket: exports })),
  s3('GetBucketPolicy', new GetBucketPolicyCommand({ Bucket })),
  s3('GetBucketPolicyStatus', new GetBucketPolicyStatusCommand({ Bucket })),
  s3('GetBucketPolicy of an unknown bucket', new GetBucketPolicyCommand({ Bucket: nowhere })),
  s3('GetBucketTagging', new GetBucketTaggingCommand({ Bucket })),
  s3('GetBucketTagging of an unknown bucket', new GetBucketTaggingCommand({ Bucket: nowhere })),
  s3('GetBucketAcl', new GetBucketAclCommand({ Bucket })),
  s3('GetObject', new GetObjectCommand({ Bucket, Key: 'index.html' })),
  s3('GetObject of an unknown key', new GetObjectCommand({ Bucket, Key: 'unknown' })),
  s3('HeadObject', new HeadObjectCommand({ Bucket, Key: 'index.html' })),
  s3('HeadObject of an unknown key', new HeadObjectCommand({ Bucket, Key: 'unknown' })),
  s3('PutObject', new PutObjectCommand({ Bucket, Key: 'a name with spaces & more/é', Body: 'text' })),
  s3('ListObjectsV2', new ListObjectsV2Command({ Bucket })),
  s3('ListObjectsV2 of an unknown bucket', new ListObjectsV2Command({ Bucket: nowhere })),
  {
    name: 's3 ListObjectsV2 in pages',
    values: true,
    ask: ({ client }) =>
      pageSizes(paginateListObjectsV2({ client: client(S3Client), pageSize: 1 }, { Bucket }), 'Contents'),
  },
  // The last one: moto keeps what it is given and then cannot read it.
  s3('PutBucketPolicy of no policy', new PutBucketPolicyCommand({ Bucket, Policy: '{"Statement":' })),
];
