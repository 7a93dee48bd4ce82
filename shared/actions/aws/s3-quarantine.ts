import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { shortDigest } from '../../model/json.ts';
import { unlessAbsent } from './fault.ts';

/** The bucket that copies are kept in. */
export const Quarantine = z.strictObject({ bucket: z.string(), account: z.string(), region: z.string() });
export type Quarantine = z.infer<typeof Quarantine>;

/** The content that was scanned: an ETag names it, whatever version it is stored as. */
export type Scanned = { readonly bucket: string; readonly key: string; readonly eTag: string };

/** Where in the quarantine bucket the copy of it lies: the same for every run that finds it. */
export const copyKey = ({ bucket, key, eTag }: Scanned): string =>
  `cordon-quarantine/${bucket}/${shortDigest({ bucket, key, eTag })}`;

/** Refuses a quarantine bucket whose own objects would be moved into it. */
export function checkQuarantine({ bucket }: Scanned, quarantine: Quarantine): void {
  if (bucket === quarantine.bucket)
    throw new InvalidInput({
      code: 'already-quarantined',
      message: `${bucket} is the quarantine bucket itself`,
      remedy: 'Leave the quarantine bucket out of malware scanning.',
    });
}

/** How long the copy is; undefined where there is none. Listing tells it without the right to read malware. */
export async function copyLength(
  client: S3Client,
  { bucket, account }: Quarantine,
  scanned: Scanned,
  abortSignal: AbortSignal,
): Promise<number | undefined> {
  const Prefix = copyKey(scanned);
  const command = new ListObjectsV2Command({ Bucket: bucket, ExpectedBucketOwner: account, Prefix, MaxKeys: 1 });
  const found = await unlessAbsent(['NoSuchBucket'], () => client.send(command, { abortSignal }));
  if (!found)
    throw new InvalidInput({
      code: 'no-quarantine-bucket',
      message: `there is no bucket ${bucket} to keep the copy in`,
      remedy: 'Make it, let the reader and the writer of every account into it, and set aws.quarantineBucket.',
    });
  return found.Contents?.find(({ Key }) => Key === Prefix)?.Size;
}
