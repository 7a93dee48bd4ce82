import {
  type DeleteMarkerEntry,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  S3Client,
} from '@aws-sdk/client-s3';
import type { AwsSession } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

/** One version of an object; `null` is the id of what was stored while the bucket kept none. */
export type Version = { readonly versionId: string; readonly eTag: string; readonly length: number };

/** What is stored under one key. */
export type Versions = {
  /** The newest first. */
  readonly versions: readonly Version[];
  /** Ids of delete markers. */
  readonly markers: readonly string[];
  /** The marker that hides the newest version, where one does. */
  readonly hiddenBy: string | undefined;
};

/** An ETag without its quotes. */
export const bareTag = (eTag: string): string => eTag.replaceAll('"', '');

/** As S3 writes a key with `EncodingType: url`: XML cannot hold every key that S3 can. */
const decoded = (key: string | undefined): string => decodeURIComponent((key ?? '').replaceAll('+', ' '));

const versionOf = ({ VersionId = 'null', ETag = '', Size = 0 }: ObjectVersion): Version => ({
  versionId: VersionId,
  eTag: bareTag(ETag),
  length: Size,
});

/** A key that is the beginning of others comes first, so that its pages are the first ones. */
async function pagesOf(aws: AwsSession, bucket: string, key: string, abortSignal: AbortSignal) {
  const pages: ListObjectVersionsCommandOutput[] = [];
  for (let last: ListObjectVersionsCommandOutput | undefined; ; ) {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket,
      ExpectedBucketOwner: aws.account,
      Prefix: key,
      EncodingType: 'url',
      ...(last && { KeyMarker: decoded(last.NextKeyMarker), VersionIdMarker: last.NextVersionIdMarker ?? '' }),
    });
    last = await aws.client(S3Client).send(command, { abortSignal });
    pages.push(last);
    if (!last.IsTruncated || decoded(last.NextKeyMarker) !== key) return pages;
  }
}

/** Every version of one object (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html). */
export async function versionsOf(
  aws: AwsSession,
  bucket: string,
  key: string,
  abortSignal: AbortSignal,
): Promise<Versions> {
  const isOurs = ({ Key }: ObjectVersion | DeleteMarkerEntry): boolean => decoded(Key) === key;
  const pages = await pagesOf(aws, bucket, key, abortSignal);
  const versions = pages.flatMap(({ Versions = [] }) => Versions.filter(isOurs).map(versionOf));
  const markers = pages.flatMap(({ DeleteMarkers = [] }) => DeleteMarkers.filter(isOurs));
  const hiddenBy = markers.find(({ IsLatest }) => IsLatest)?.VersionId;
  return { versions, markers: markers.map(({ VersionId = 'null' }) => VersionId), hiddenBy };
}

/** The tag of a copy, and of an object that was copied back, that tells the ETag of what was scanned. */
export const tagKey = 'cordon-etag';

/** What that tag of an object says. */
export async function scannedTag(
  aws: AwsSession,
  bucket: string,
  key: string,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const command = new GetObjectTaggingCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: aws.account });
  const found = await unlessAbsent(['NoSuchKey'], () => aws.client(S3Client).send(command, { abortSignal }));
  return found?.TagSet?.find(({ Key }) => Key === tagKey)?.Value;
}
