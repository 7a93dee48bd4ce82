import type * as s3 from '@aws-sdk/client-s3';
import * as z from 'zod';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, type Right } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { bucketOf, reachBucket } from './s3-buckets.ts';
import { bucketArn, eTagOf, type Keyed, objectArn, objectOf, refuseSecond } from './s3-objects.ts';
import { histories, type MarkerRow, type ObjectRow, objects } from './s3-rows.ts';
import { deleteObject, putObject, versionsAt } from './s3-versions.ts';

const unmet = (Condition: string) =>
  new AwsFault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    fields: { Condition },
  });

/** Whether an ETag is the one that a request asks for, in quotes or not. */
const isTag = (eTag: string, wanted: string): boolean => wanted === '*' || eTag === `"${wanted.replaceAll('"', '')}"`;

/** `bucket/key?versionId=…`, with the key percent-encoded, as CopyObject names what it copies. */
function sourceOf({ CopySource = '', ExpectedSourceBucketOwner }: s3.CopyObjectRequest): Keyed {
  const [, Bucket = '', key = '', VersionId] = /^\/?([^/]+)\/([^?]*)(?:\?versionId=(.+))?$/s.exec(CopySource) ?? [];
  return {
    Bucket,
    Key: decodeURIComponent(key),
    ...(VersionId !== undefined && { VersionId }),
    ...(ExpectedSourceBucketOwner !== undefined && { ExpectedBucketOwner: ExpectedSourceBucketOwner }),
  };
}

/** What a copy reads beside what it writes. */
function copyRights(input: s3.CopyObjectRequest, call: Call): readonly Right[] {
  const source = sourceOf(input);
  const on = objectArn(source, call);
  const action = source.VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const tagging = source.VersionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging';
  const tags = input.TaggingDirective === 'REPLACE' ? [] : [{ action: tagging, on }];
  return [{ action, on }, ...tags];
}

const tagsIn = (text: string | undefined): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

/** As `EncodingType: url` writes a key. */
const encoded = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');

type Listed = { readonly key: string; readonly version: ObjectRow | MarkerRow; readonly latest: boolean };

/** Every version in a bucket, by key and the newest first. */
function listed({ view }: Call, bucket: string, prefix: string): readonly Listed[] {
  const paths = new Set([...view.all(objects), ...view.all(histories)].map(([path]) => path));
  return [...paths]
    .filter((path) => path.startsWith(`${bucket}/${prefix}`))
    .sort()
    .flatMap((path) => {
      const key = path.slice(bucket.length + 1);
      return versionsAt(view, path).map((version, at) => ({ key, version, latest: at === 0 }));
    });
}

const operations = operationsOf<typeof s3>()({
  CopyObject: {
    action: ({ Tagging }) => ['s3:PutObject', ...(Tagging === undefined ? [] : ['s3:PutObjectTagging'])],
    on: objectArn,
    also: copyRights,
    reaches: reachBucket,
    does(input, call) {
      const bucket = bucketOf(input, call);
      const { Key: key = '', CopySourceIfMatch, TaggingDirective, Tagging } = input;
      const { world } = call;
      const source = objectOf(sourceOf(input), { ...call, view: world.rows });
      if (CopySourceIfMatch !== undefined && !isTag(eTagOf(source), CopySourceIfMatch))
        throw unmet('x-amz-copy-source-If-Match');
      refuseSecond(input.IfNoneMatch, world.rows.get(objects, `${bucket.name}/${key}`) !== undefined);
      // an ETag that is not the MD5 of the content is that of an upload in parts, which a copy is not
      const { eTag: _, tags: had, ...plain } = source;
      const tags = TaggingDirective === 'REPLACE' ? tagsIn(Tagging) : had;
      const modifiedAt = world.clock.now();
      const copy = { ...plain, bucket: bucket.name, key, acl: 'private' as const, modifiedAt, ...(tags && { tags }) };
      const { versionId } = putObject(world, bucket, copy);
      return {
        CopyObjectResult: { ETag: eTagOf(copy), LastModified: new Date(modifiedAt) },
        ...(versionId !== undefined && { VersionId: versionId }),
      };
    },
  },
  DeleteObject: {
    action: ({ VersionId }) => (VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'),
    on: objectArn,
    // a condition on the ETag takes the right to read it
    also: (input, call) =>
      input.IfMatch === undefined ? [] : [{ action: 's3:GetObject', on: objectArn(input, call) }],
    reaches: reachBucket,
    does(input, call) {
      const bucket = bucketOf(input, call);
      const { Key: key = '', VersionId, IfMatch } = input;
      const { world } = call;
      if (IfMatch !== undefined && !isTag(eTagOf(objectOf(input, { ...call, view: world.rows })), IfMatch))
        throw unmet('If-Match');
      const { marker, versionId } = deleteObject(world, bucket, key, VersionId);
      return { ...(marker && { DeleteMarker: true }), ...(versionId !== undefined && { VersionId: versionId }) };
    },
  },
  GetObjectTagging: {
    action: ({ VersionId }) => (VersionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging'),
    on: objectArn,
    reaches: reachBucket,
    does: (input, call) => ({
      TagSet: Object.entries(objectOf(input, call).tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    }),
  },
  ListObjectVersions: {
    action: 's3:ListBucketVersions',
    on: bucketArn,
    reaches: reachBucket,
    context: ({ Prefix }) => (Prefix === undefined ? {} : { 's3:prefix': Prefix }),
    does(input, call) {
      const { Prefix = '', KeyMarker, VersionIdMarker, MaxKeys = 1_000, EncodingType } = input;
      const { name } = bucketOf(input, call);
      const all = listed(call, name, Prefix);
      const idOf = ({ version }: Listed): string => version.versionId ?? 'null';
      const after = all.findIndex((one) => one.key === KeyMarker && idOf(one) === VersionIdMarker);
      const rest = KeyMarker === undefined ? all : all.slice(after + 1);
      const items = rest.slice(0, MaxKeys);
      const last = items.at(-1);
      const written = (key: string): string => (EncodingType === 'url' ? encoded(key) : key);
      const common = (one: Listed) => ({
        Key: written(one.key),
        VersionId: idOf(one),
        IsLatest: one.latest,
        LastModified: new Date(one.version.modifiedAt),
      });
      const truncated = rest.length > items.length && last !== undefined;
      return {
        Name: name,
        Prefix: written(Prefix),
        MaxKeys,
        IsTruncated: truncated,
        ...(EncodingType !== undefined && { EncodingType }),
        ...(truncated && { NextKeyMarker: written(last.key), NextVersionIdMarker: idOf(last) }),
        Versions: items.flatMap((one) =>
          'marker' in one.version
            ? []
            : [{ ...common(one), ETag: eTagOf(one.version), Size: Buffer.byteLength(one.version.body) }],
        ),
        DeleteMarkers: items.flatMap((one) => ('marker' in one.version ? [common(one)] : [])),
      };
    },
  },
});

/** The versions of objects, what copies them and what deletes them. */
export const s3ObjectVersions = awsNoun({
  name: 'objectVersions',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { s3: operations },
});
