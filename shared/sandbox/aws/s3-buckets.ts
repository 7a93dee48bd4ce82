import type * as s3 from '@aws-sdk/client-s3';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { parsePolicy } from '../../policy/document.ts';
import { resourcePolicies } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { PolicySource, policyText } from './policy-source.ts';
import { AwsFault } from './protocol/fault.ts';
import { isPublicPolicy } from './s3-access.ts';
import { type BucketRow, buckets, type CannedAcl, cannedAcls, objects, ownerships, versionings } from './s3-rows.ts';

const Flags = z.strictObject({
  blockPublicAcls: z.boolean().default(false),
  ignorePublicAcls: z.boolean().default(false),
  blockPublicPolicy: z.boolean().default(false),
  restrictPublicBuckets: z.boolean().default(false),
});
const acl = z.enum(cannedAcls).default('private');
const Bucket = z.strictObject({
  name: z.string(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  publicAccessBlock: Flags.exactOptional(),
  ownership: z.enum(ownerships).default('BucketOwnerEnforced'),
  acl,
  policy: PolicySource.optional(),
  versioning: z.enum(versionings).exactOptional(),
  /** By key; the body is text. */
  objects: z
    .record(
      z.string(),
      z.strictObject({
        body: z.string().default(''),
        acl,
        versionId: z.string().exactOptional(),
        tags: z.record(z.string(), z.string()).exactOptional(),
      }),
    )
    .default({}),
});

type InBucket = { readonly Bucket?: string | undefined; readonly ExpectedBucketOwner?: string | undefined };

const bucketArn = ({ Bucket }: InBucket, { view, partition }: Call): string =>
  view.get(buckets, Bucket ?? '')?.arn ?? `arn:${partition}:s3:::${Bucket ?? ''}`;

function existing({ Bucket = '' }: InBucket, { view }: Call): BucketRow {
  const bucket = view.get(buckets, Bucket);
  if (bucket) return bucket;
  throw new AwsFault('NoSuchBucket', 'The specified bucket does not exist', {
    status: 404,
    fields: { BucketName: Bucket },
  });
}

/** What S3 answers to everybody, whatever their rights: that a bucket is not there, or is in another region. */
export function reachBucket(input: InBucket, call: Call): void {
  const bucket = existing(input, call);
  if (bucket.region !== call.region)
    throw new AwsFault(
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      { status: 301, fields: { Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com`, Bucket: bucket.name } },
    );
}

/** A bucket that belongs to whom the request says. */
export function bucketOf(input: InBucket, call: Call): BucketRow {
  const bucket = existing(input, call);
  if ((input.ExpectedBucketOwner ?? bucket.account) === bucket.account) return bucket;
  throw new AwsFault('AccessDenied', 'Access Denied', { status: 403 });
}

const onBucket = (action: string) => ({ action: `s3:${action}`, on: bucketArn, reaches: reachBucket });

const policyOf = (input: InBucket, call: Call): string => {
  const { arn, name } = bucketOf(input, call);
  const document = call.view.get(resourcePolicies, arn)?.document;
  if (document !== undefined) return document;
  throw new AwsFault('NoSuchBucketPolicy', 'The bucket policy does not exist', {
    status: 404,
    fields: { BucketName: name },
  });
};

/** A policy that S3 accepts. */
function checked(text: string): string {
  try {
    parsePolicy(text);
    return text;
  } catch (thrown) {
    if (thrown instanceof InvalidInput) throw new AwsFault('MalformedPolicy', thrown.message, { status: 400 });
    throw thrown;
  }
}

const groups = 'http://acs.amazonaws.com/groups/global';
const everybody: s3.Grantee = { Type: 'Group', URI: `${groups}/AllUsers` };
const granted: Readonly<Record<CannedAcl, readonly s3.Grant[]>> = {
  private: [],
  'public-read': [{ Grantee: everybody, Permission: 'READ' }],
  'public-read-write': [
    { Grantee: everybody, Permission: 'READ' },
    { Grantee: everybody, Permission: 'WRITE' },
  ],
  'authenticated-read': [{ Grantee: { Type: 'Group', URI: `${groups}/AuthenticatedUsers` }, Permission: 'READ' }],
};

const operations = operationsOf<typeof s3>()({
  ListBuckets: {
    action: 's3:ListAllMyBuckets',
    does({ MaxBuckets, ContinuationToken, Prefix, BucketRegion }, { view, account }) {
      // S3 tells regions only where the request has a parameter.
      const tellsRegion = [MaxBuckets, ContinuationToken, Prefix, BucketRegion].some((given) => given !== undefined);
      const own = view
        .all(buckets)
        .flatMap(([, bucket]) => (bucket.account === account ? [bucket] : []))
        .filter(({ name, region }) => name.startsWith(Prefix ?? '') && region === (BucketRegion ?? region));
      const { items, next } = page(own, ContinuationToken, MaxBuckets ?? 10_000);
      return {
        Buckets: items.map(({ name, region, createdAt }) => ({
          Name: name,
          ...(tellsRegion && { BucketRegion: region }),
          CreationDate: new Date(createdAt),
        })),
        Owner: { ID: account.padStart(64, '0') },
        ContinuationToken: next,
      };
    },
  },
  GetBucketLocation: {
    ...onBucket('GetBucketLocation'),
    reaches: (input, call) => void existing(input, call),
    does(input, call) {
      const { region } = bucketOf(input, call);
      // The model lists the regions by name, and leaves out the first one, which has none.
      return region === 'us-east-1' ? {} : { LocationConstraint: region as s3.BucketLocationConstraint };
    },
  },
  HeadBucket: {
    ...onBucket('ListBucket'),
    does: (input, call) => ({ BucketRegion: bucketOf(input, call).region }),
  },
  GetBucketTagging: {
    ...onBucket('GetBucketTagging'),
    does(input, call) {
      const { tags, name } = bucketOf(input, call);
      if (!tags)
        throw new AwsFault('NoSuchTagSet', 'The TagSet does not exist', { status: 404, fields: { BucketName: name } });
      return { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  },
  GetPublicAccessBlock: {
    ...onBucket('GetBucketPublicAccessBlock'),
    does(input, call) {
      const { publicAccessBlock: flags, name } = bucketOf(input, call);
      if (!flags)
        throw new AwsFault(
          'NoSuchPublicAccessBlockConfiguration',
          'The public access block configuration was not found',
          { status: 404, fields: { BucketName: name } },
        );
      return {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: flags.blockPublicAcls,
          IgnorePublicAcls: flags.ignorePublicAcls,
          BlockPublicPolicy: flags.blockPublicPolicy,
          RestrictPublicBuckets: flags.restrictPublicBuckets,
        },
      };
    },
  },
  PutPublicAccessBlock: {
    ...onBucket('PutBucketPublicAccessBlock'),
    does(input, call) {
      const { PublicAccessBlockConfiguration: flags = {} } = input;
      const publicAccessBlock = {
        blockPublicAcls: flags.BlockPublicAcls ?? false,
        ignorePublicAcls: flags.IgnorePublicAcls ?? false,
        blockPublicPolicy: flags.BlockPublicPolicy ?? false,
        restrictPublicBuckets: flags.RestrictPublicBuckets ?? false,
      };
      const bucket = bucketOf(input, call);
      call.world.rows.put(buckets, bucket.name, { ...bucket, publicAccessBlock });
      return {};
    },
  },
  DeletePublicAccessBlock: {
    ...onBucket('PutBucketPublicAccessBlock'),
    does(input, call) {
      const { publicAccessBlock: _, ...bucket } = bucketOf(input, call);
      call.world.rows.put(buckets, bucket.name, bucket);
      return {};
    },
  },
  GetBucketPolicy: {
    ...onBucket('GetBucketPolicy'),
    does: (input, call) => ({ Policy: policyOf(input, call) }),
  },
  GetBucketPolicyStatus: {
    ...onBucket('GetBucketPolicyStatus'),
    does: (input, call) => ({ PolicyStatus: { IsPublic: isPublicPolicy(parsePolicy(policyOf(input, call))) } }),
  },
  PutBucketPolicy: {
    ...onBucket('PutBucketPolicy'),
    does(input, call) {
      const { arn, account, publicAccessBlock } = bucketOf(input, call);
      const document = checked(input.Policy ?? '');
      if (publicAccessBlock?.blockPublicPolicy && isPublicPolicy(parsePolicy(document)))
        throw new AwsFault(
          'AccessDenied',
          'User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
          { status: 403 },
        );
      call.world.rows.put(resourcePolicies, arn, { account, document });
      return {};
    },
  },
  GetBucketVersioning: {
    ...onBucket('GetBucketVersioning'),
    does(input, call) {
      const { versioning } = bucketOf(input, call);
      return versioning === undefined ? {} : { Status: versioning };
    },
  },
  GetBucketAcl: {
    ...onBucket('GetBucketAcl'),
    does(input, call) {
      const bucket = bucketOf(input, call);
      const owner = { ID: bucket.account.padStart(64, '0') };
      const full: s3.Grant = { Grantee: { Type: 'CanonicalUser', ...owner }, Permission: 'FULL_CONTROL' };
      return { Owner: owner, Grants: [full, ...granted[bucket.acl]] };
    },
  },
});

/** S3 buckets with what stands between them and the public. */
export const s3Buckets = awsNoun({
  name: 'buckets',
  scope: 'region',
  estate: z.array(Bucket).default([]),
  seed(rows, list, { partition, account, region }) {
    const modifiedAt = '2025-06-01T00:00:00.000Z';
    for (const { policy, objects: kept, ...bucket } of list) {
      const { name } = bucket;
      const arn = `arn:${partition}:s3:::${name}`;
      rows.put(buckets, name, { ...bucket, arn, account, region, createdAt: '2025-01-01T00:00:00.000Z' });
      if (policy) rows.put(resourcePolicies, arn, { account, document: policyText(policy) });
      for (const [key, object] of Object.entries(kept))
        rows.put(objects, `${name}/${key}`, { ...object, bucket: name, key, modifiedAt });
    }
  },
  operations: { s3: operations },
});
