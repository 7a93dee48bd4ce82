import { GetBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { CordonError } from '../../model/error.ts';
import type { AwsSession } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { Quarantine, type Scanned } from './s3-quarantine.ts';
import { scannedTag, type Versions, versionsOf } from './s3-versions.ts';

/** The version that was scanned, as it stands in its bucket. */
export const Source = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  eTag: z.string(),
  /** `null` where the bucket keeps no versions. */
  versionId: z.string(),
  length: z.int(),
  /** Whether the bucket keeps what is deleted. */
  keeps: z.boolean(),
  /** `hidden` below a delete marker; `superseded` below another version. */
  standing: z.enum(['current', 'hidden', 'superseded']),
  /** How many delete markers there are of its key. */
  markers: z.int(),
  quarantine: Quarantine,
});
export type Source = z.infer<typeof Source>;

/** How an object stands in a plan: its address, as the AWS CLI writes it. */
export const placeOf = (bucket: string, key: string): string => `s3://${bucket}/${key}`;

type Wanted = Scanned & { readonly quarantine: Quarantine; readonly versionId?: string | undefined };

/** Whether S3 keeps a version when its key is deleted: where versioning is suspended, all but the one called `null`. */
const isKept = (status: string | undefined, versionId: string): boolean =>
  status === 'Enabled' || (status === 'Suspended' && versionId !== 'null');

/** Where versioning is suspended, a delete marker takes the place of whatever is called `null`. */
function checkMarker(status: string | undefined, { versions, markers }: Versions, place: string): void {
  if (status !== 'Suspended' || ![...versions.map(({ versionId }) => versionId), ...markers].includes('null')) return;
  throw new CordonError({
    code: 'versioning-suspended',
    message: `${place} cannot be hidden without losing its version null, as its bucket suspends versioning`,
    remedy: 'Turn versioning of the bucket on, or move the object by hand.',
  });
}

/** What lies under the key: the scanned version, or what a plain read finds in its place. */
type Found = {
  readonly source: Source;
  readonly isOurs: boolean;
  /** As it is stored now: what was copied back may have got another one. */
  readonly storedTag: string;
};
type Looked = { readonly found: Found | undefined; readonly enabled: boolean };

/** The scanned version where it is in its bucket. What was copied back may have another ETag, and says in a tag which it had. */
async function oursIn(aws: AwsSession, wanted: Wanted, { versions, hiddenBy }: Versions, signal: AbortSignal) {
  const { bucket, key, eTag, versionId } = wanted;
  const ours = versions.find((one) => one.eTag === eTag && one.versionId === (versionId ?? one.versionId));
  const [newest] = versions;
  if (ours || newest?.versionId !== 'null' || hiddenBy !== undefined) return ours;
  return (await scannedTag(aws, bucket, key, signal)) === eTag ? newest : undefined;
}

/** Where the scanned version is now; undefined where there is no such bucket. */
export async function look(aws: AwsSession, wanted: Wanted, signal: AbortSignal): Promise<Looked | undefined> {
  const { bucket, key, quarantine } = wanted;
  const versioning = new GetBucketVersioningCommand({ Bucket: bucket, ExpectedBucketOwner: aws.account });
  const read = await unlessAbsent(['NoSuchBucket'], () =>
    Promise.all([aws.client(S3Client).send(versioning, { abortSignal: signal }), versionsOf(aws, bucket, key, signal)]),
  );
  if (!read) return undefined;
  const [{ Status }, stored] = read;
  const enabled = Status === 'Enabled';
  const [newest] = stored.versions;
  const ours = await oursIn(aws, wanted, stored, signal);
  const there = ours ?? (stored.hiddenBy === undefined ? newest : undefined);
  if (!there) return { found: undefined, enabled };
  const above = stored.hiddenBy === undefined ? 'current' : 'hidden';
  const standing = there === newest ? above : 'superseded';
  const { versionId, length, eTag: storedTag } = there;
  const keeps = isKept(Status, versionId);
  if (ours && keeps && standing === 'current') checkMarker(Status, stored, placeOf(bucket, key));
  const eTag = ours ? wanted.eTag : storedTag;
  const markers = stored.markers.length;
  const source = { bucket, key, eTag, versionId, length, keeps, standing, markers, quarantine } as const;
  return { found: { source, isOurs: ours !== undefined, storedTag }, enabled };
}

/** The scanned version, or nothing where it is not in its bucket. */
export async function oursNow(aws: AwsSession, wanted: Wanted, signal: AbortSignal): Promise<Found | undefined> {
  const found = (await look(aws, wanted, signal))?.found;
  return found?.isOurs ? found : undefined;
}
