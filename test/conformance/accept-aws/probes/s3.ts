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
import { pageSizes, type Probe, probesOf } from '../probe.ts';

const Bucket = 'northwind-website';
const exports = 'northwind-customer-exports';
const nowhere = 'northwind-has-no-such-bucket';
const ExpectedBucketOwner = '444455556666';

const s3 = probesOf('s3', S3Client);

/** S3. Some change what later ones see. */
export const s3Probes: readonly Probe[] = [
  s3('ListBuckets', (client) => client.send(new ListBucketsCommand({}))),
  s3('HeadBucket', (client) => client.send(new HeadBucketCommand({ Bucket }))),
  s3('HeadBucket of an unknown bucket', (client) => client.send(new HeadBucketCommand({ Bucket: nowhere }))),
  s3('GetBucketLocation', (client) => client.send(new GetBucketLocationCommand({ Bucket }))),
  s3('GetBucketLocation of an unknown bucket', (client) =>
    client.send(new GetBucketLocationCommand({ Bucket: nowhere })),
  ),
  s3('GetPublicAccessBlock', (client) => client.send(new GetPublicAccessBlockCommand({ Bucket }))),
  s3('GetPublicAccessBlock without configuration', (client) =>
    client.send(new GetPublicAccessBlockCommand({ Bucket: exports })),
  ),
  s3('GetPublicAccessBlock of an unknown bucket', (client) =>
    client.send(new GetPublicAccessBlockCommand({ Bucket: nowhere })),
  ),
  s3('GetPublicAccessBlock of another owner', (client) =>
    client.send(new GetPublicAccessBlockCommand({ Bucket, ExpectedBucketOwner })),
  ),
  s3('PutPublicAccessBlock', (client) =>
    client.send(
      new PutPublicAccessBlockCommand({
        Bucket: exports,
        PublicAccessBlockConfiguration: { BlockPublicPolicy: true },
      }),
    ),
  ),
  s3('GetPublicAccessBlock with one flag', (client) =>
    client.send(new GetPublicAccessBlockCommand({ Bucket: exports })),
  ),
  s3('DeletePublicAccessBlock', (client) => client.send(new DeletePublicAccessBlockCommand({ Bucket: exports }))),
  s3('DeletePublicAccessBlock of none', (client) =>
    client.send(new DeletePublicAccessBlockCommand({ Bucket: exports })),
  ),
  s3('GetBucketPolicy', (client) => client.send(new GetBucketPolicyCommand({ Bucket }))),
  s3('GetBucketPolicyStatus', (client) => client.send(new GetBucketPolicyStatusCommand({ Bucket }))),
  s3('GetBucketPolicy of an unknown bucket', (client) => client.send(new GetBucketPolicyCommand({ Bucket: nowhere }))),
  s3('GetBucketTagging', (client) => client.send(new GetBucketTaggingCommand({ Bucket }))),
  s3('GetBucketTagging of an unknown bucket', (client) =>
    client.send(new GetBucketTaggingCommand({ Bucket: nowhere })),
  ),
  s3('GetBucketAcl', (client) => client.send(new GetBucketAclCommand({ Bucket }))),
  s3('GetObject', (client) => client.send(new GetObjectCommand({ Bucket, Key: 'index.html' }))),
  s3('GetObject of an unknown key', (client) => client.send(new GetObjectCommand({ Bucket, Key: 'unknown' }))),
  s3('HeadObject', (client) => client.send(new HeadObjectCommand({ Bucket, Key: 'index.html' }))),
  s3('HeadObject of an unknown key', (client) => client.send(new HeadObjectCommand({ Bucket, Key: 'unknown' }))),
  s3('PutObject', (client) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'a name with spaces & more/é', Body: 'text' })),
  ),
  s3('ListObjectsV2', (client) => client.send(new ListObjectsV2Command({ Bucket }))),
  s3('ListObjectsV2 of an unknown bucket', (client) => client.send(new ListObjectsV2Command({ Bucket: nowhere }))),
  s3(
    'ListObjectsV2 in pages',
    (client) => pageSizes(paginateListObjectsV2({ client, pageSize: 1 }, { Bucket }), 'Contents'),
    true,
  ),
  // The last one: moto keeps what it is given and then cannot read it.
  s3('PutBucketPolicy of no policy', (client) =>
    client.send(new PutBucketPolicyCommand({ Bucket, Policy: '{"Statement":' })),
  ),
];
