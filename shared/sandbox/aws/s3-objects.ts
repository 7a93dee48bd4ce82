import { createHash } from 'node:crypto';
import type * as s3 from '@aws-sdk/client-s3';
import * as z from 'zod';
import { judge } from './authorise.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { bucketOf, reachBucket } from './s3-buckets.ts';
import { type BucketRow, type CannedAcl, cannedAcls, type ObjectRow, objects } from './s3-rows.ts';
import { putObject, versionIn } from './s3-versions.ts';

/** What a request names an object by. */
export type Keyed = {
  readonly Bucket?: string | undefined;
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
};

export const bucketArn = ({ Bucket }: Keyed, { partition }: Call): string => `arn:${partition}:s3:::${Bucket ?? ''}`;
export const objectArn = (input: Keyed, call: Call): string => `${bucketArn(input, call)}/${input.Key ?? ''}`;

/** In quotes, as S3 writes it. */
export const eTagOf = ({ eTag, body }: Pick<ObjectRow, 'eTag' | 'body'>): string =>
  `"${eTag ?? createHash('md5').update(body).digest('hex')}"`;

/** The right that reading takes: another one for a version that is named. */
const readRight = ({ VersionId }: Keyed): string => (VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion');

/** An object; whoever may not list the bucket is not told that there is none. */
export function objectOf(input: Keyed, call: Call): ObjectRow {
  const { world, caller, region, view } = call;
  const { name, arn, account } = bucketOf(input, call);
  const object = versionIn(view, `${name}/${input.Key ?? ''}`, input.VersionId);
  if (object && !('marker' in object)) return object;
  if (object)
    throw new AwsFault('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
      fields: { Method: 'GET', ResourceType: 'DeleteMarker' },
    });
  const wish = { action: 's3:ListBucket', resource: arn, resourceAccount: account, region, context: {} };
  if (judge(world, caller, wish).decision !== 'allowed')
    throw new AwsFault('AccessDenied', 'Access Denied', { status: 403 });
  throw new AwsFault('NoSuchKey', 'The specified key does not exist.', {
    status: 404,
    fields: { Key: input.Key ?? '' },
  });
}

const headOf = (object: ObjectRow) => ({
  ContentLength: Buffer.byteLength(object.body),
  ETag: eTagOf(object),
  LastModified: new Date(object.modifiedAt),
  ...(object.versionId !== undefined && { VersionId: object.versionId }),
});

const isCanned = (acl: string): acl is CannedAcl => cannedAcls.some((known) => known === acl);

/** The access control list a new object gets, where its bucket lets it have one. */
function listFor({ ownership, publicAccessBlock }: BucketRow, acl: string | undefined): CannedAcl {
  if (acl === undefined || acl === 'private' || acl === 'bucket-owner-full-control') return 'private';
  if (ownership === 'BucketOwnerEnforced')
    throw new AwsFault('AccessControlListNotSupported', 'The bucket does not allow ACLs', { status: 400 });
  if (!isCanned(acl)) throw new AwsFault('InvalidArgument', `${acl} is not modelled by the sandbox`, { status: 400 });
  if (publicAccessBlock?.blockPublicAcls)
    throw new AwsFault('AccessDenied', 'Access Denied because public access control lists are blocked.', {
      status: 403,
    });
  return acl;
}

/** Refuses to write over an object where the request says so (docs.aws.amazon.com/AmazonS3, "Conditional writes"). */
export function refuseSecond(condition: string | undefined, exists: boolean): void {
  if (condition === undefined) return;
  if (condition !== '*')
    throw new AwsFault('NotImplemented', 'A header you provided implies functionality that is not implemented.', {
      status: 501,
      fields: { Header: 'If-None-Match' },
    });
  if (exists)
    throw new AwsFault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
      status: 412,
      fields: { Condition: 'If-None-Match' },
    });
}

/** Content must have the SHA-256 that the request gives it. */
function checkSum(body: Uint8Array, wanted: string | undefined): void {
  if (wanted === undefined || wanted === createHash('sha256').update(body).digest('base64')) return;
  throw new AwsFault('BadDigest', 'The SHA256 you specified did not match the calculated checksum.', { status: 400 });
}

const bytesOf = (body: unknown): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array());

const operations = operationsOf<typeof s3>()({
  GetObject: {
    action: readRight,
    on: objectArn,
    reaches: reachBucket,
    does(input, call) {
      const object = objectOf(input, call);
      // The wire takes bytes for what the SDK hands out as a stream.
      const body = Buffer.from(object.body) as unknown as NonNullable<s3.GetObjectCommandOutput['Body']>;
      return { ...headOf(object), Body: body };
    },
  },
  HeadObject: {
    action: readRight,
    on: objectArn,
    reaches: reachBucket,
    does: (input, call) => headOf(objectOf(input, call)),
  },
  PutObject: {
    action: ({ ACL }) => ['s3:PutObject', ...(ACL === undefined ? [] : ['s3:PutObjectAcl'])],
    on: objectArn,
    reaches: reachBucket,
    context: ({ IfNoneMatch }) => (IfNoneMatch === undefined ? {} : { 's3:if-none-match': IfNoneMatch }),
    does(input, call) {
      const bucket = bucketOf(input, call);
      const { Key: key = '' } = input;
      const bytes = bytesOf(input.Body);
      checkSum(bytes, input.ChecksumSHA256);
      refuseSecond(input.IfNoneMatch, call.world.rows.get(objects, `${bucket.name}/${key}`) !== undefined);
      const body = Buffer.from(bytes).toString();
      const object = { bucket: bucket.name, key, body, acl: listFor(bucket, input.ACL) };
      const { versionId } = putObject(call.world, bucket, { ...object, modifiedAt: call.world.clock.now() });
      return { ETag: eTagOf(object), ...(versionId !== undefined && { VersionId: versionId }) };
    },
  },
  ListObjectsV2: {
    action: 's3:ListBucket',
    on: bucketArn,
    reaches: reachBucket,
    context: ({ Prefix }) => (Prefix === undefined ? {} : { 's3:prefix': Prefix }),
    does(input, call) {
      const { Prefix = '', StartAfter = '', ContinuationToken, MaxKeys = 1_000, Delimiter } = input;
      if (Delimiter !== undefined)
        throw new AwsFault('NotImplemented', 'the sandbox lists objects without a delimiter', { status: 501 });
      const { name } = bucketOf(input, call);
      const all = call.view
        .all(objects)
        .flatMap(([, object]) => (object.bucket === name ? [object] : []))
        .filter(({ key }) => key.startsWith(Prefix) && key > StartAfter)
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      const { items, next } = page(all, ContinuationToken, MaxKeys);
      return {
        Name: name,
        Prefix,
        KeyCount: items.length,
        MaxKeys,
        IsTruncated: next !== undefined,
        NextContinuationToken: next,
        Contents: items.map((object) => ({
          Key: object.key,
          Size: Buffer.byteLength(object.body),
          ETag: eTagOf(object),
          LastModified: new Date(object.modifiedAt),
        })),
      };
    },
  },
});

/** The objects in S3 buckets; an estate lists them under their bucket. */
export const s3Objects = awsNoun({
  name: 'objects',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { s3: operations },
});
