import { CopyObjectCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
import { CordonError } from '../../model/error.ts';
import type { AwsSession } from './aws-action.ts';
import { awsCode, unlessAbsent } from './fault.ts';
import { copyKey, copyLength, Quarantine, type Scanned } from './s3-quarantine.ts';
import { look, oursNow, placeOf, type Source } from './s3-scanned-object.ts';
import { tagKey, versionsOf } from './s3-versions.ts';

/** Its copy in quarantine, under a name that is made of bucket, key and ETag. */
export const Copy = z.strictObject({
  copyOf: z.strictObject({ bucket: z.string(), key: z.string(), eTag: z.string() }),
  length: z.int(),
  /** The version is neither where it was found nor back: something else lies there, so that nothing may happen to the copy. */
  onlyCopy: z.boolean(),
  quarantine: Quarantine,
});
export type Copy = z.infer<typeof Copy>;

/** Sent to the quarantine bucket's own region, in the name of the account that the object is in. */
export const atQuarantine = async (aws: AwsSession, { region }: Quarantine): Promise<S3Client> =>
  (region === aws.region ? aws : await aws.elsewhere({ region })).client(S3Client);

const sourceName = (bucket: string, key: string, versionId: string): string => {
  const path = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return versionId === 'null' ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
};

const replaced = (bucket: string, key: string): CordonError =>
  new CordonError({
    code: 'object-replaced',
    message: `${placeOf(bucket, key)} is not the version that was scanned`,
    remedy: 'Nothing was deleted; what lies there now is scanned on its own.',
    retryable: true,
  });

/** What S3 answers where a condition on an ETag, or on nothing being there, does not hold. */
async function unlessReplaced(bucket: string, key: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    if (awsCode(thrown) === 'PreconditionFailed') throw replaced(bucket, key);
    throw thrown;
  }
}

/** Tags of what Cordon has copied: whose copy it is, and which version of what. */
const tagsOf = (eTag: string, bucket: string, runId: string): string =>
  new URLSearchParams({ 'cordon-run': runId, 'cordon-source': bucket, [tagKey]: eTag }).toString();

/** Copies the scanned version into quarantine; S3 moves the content itself, so that malware never passes through here. */
export async function keep(
  aws: AwsSession,
  { copyOf, quarantine }: Copy,
  { runId, signal }: StepContext,
): Promise<void> {
  const { bucket, key, eTag } = copyOf;
  const found = await oursNow(aws, { ...copyOf, quarantine }, signal);
  if (!found) throw replaced(bucket, key);
  const command = new CopyObjectCommand({
    Bucket: quarantine.bucket,
    Key: copyKey(copyOf),
    ExpectedBucketOwner: quarantine.account,
    CopySource: sourceName(bucket, key, found.source.versionId),
    CopySourceIfMatch: `"${found.storedTag}"`,
    ExpectedSourceBucketOwner: aws.account,
    IfNoneMatch: '*',
    TaggingDirective: 'REPLACE',
    Tagging: tagsOf(eTag, bucket, runId),
  });
  const client = await atQuarantine(aws, quarantine);
  await unlessReplaced(bucket, key, () => client.send(command, { abortSignal: signal }));
}

/** Deletes the current version if it is the scanned one, which the service checks in the same moment. */
export async function remove(
  aws: AwsSession,
  { bucket, key }: Scanned,
  storedTag: string,
  signal: AbortSignal,
): Promise<void> {
  const where = { Bucket: bucket, Key: key, ExpectedBucketOwner: aws.account };
  const command = new DeleteObjectCommand({ ...where, IfMatch: `"${storedTag}"` });
  const send = () => aws.client(S3Client).send(command, { abortSignal: signal });
  await unlessReplaced(bucket, key, () => unlessAbsent(['NoSuchKey'], send));
}

/** Deletes for good, once the copy is there and is as long. */
export async function destroy(aws: AwsSession, source: Source, signal: AbortSignal): Promise<void> {
  const { bucket, key, length, quarantine } = source;
  const client = await atQuarantine(aws, quarantine);
  const [looked, copied] = await Promise.all([
    look(aws, source, signal),
    copyLength(client, quarantine, source, signal),
  ]);
  const found = looked?.found;
  if (!found) return;
  if (!found.isOurs) throw replaced(bucket, key);
  if (copied !== length)
    throw new CordonError({
      code: 'no-copy',
      message: `${placeOf(bucket, key)} has no copy in quarantine that is the same`,
      remedy: 'Look at the quarantine bucket; nothing was deleted.',
    });
  await remove(aws, source, found.storedTag, signal);
}

/** Takes the delete marker away that stands on the scanned version. */
export async function reveal(aws: AwsSession, { bucket, key }: Source, signal: AbortSignal): Promise<void> {
  const { hiddenBy } = await versionsOf(aws, bucket, key, signal);
  if (hiddenBy === undefined) return;
  const where = { Bucket: bucket, Key: key, ExpectedBucketOwner: aws.account };
  const command = new DeleteObjectCommand({ ...where, VersionId: hiddenBy });
  await aws.client(S3Client).send(command, { abortSignal: signal });
}

/** Copies the object back where nothing has been put in its place. */
export async function bringBack(aws: AwsSession, source: Source, { runId, signal }: StepContext): Promise<void> {
  const { bucket, key, eTag, quarantine } = source;
  const command = new CopyObjectCommand({
    Bucket: bucket,
    Key: key,
    ExpectedBucketOwner: aws.account,
    CopySource: sourceName(quarantine.bucket, copyKey(source), 'null'),
    ExpectedSourceBucketOwner: quarantine.account,
    IfNoneMatch: '*',
    TaggingDirective: 'REPLACE',
    Tagging: tagsOf(eTag, bucket, runId),
  });
  try {
    await aws.client(S3Client).send(command, { abortSignal: signal });
  } catch (thrown) {
    if (awsCode(thrown) !== 'PreconditionFailed') throw thrown;
    throw new ForeignEdit(`something else has been put at ${placeOf(bucket, key)}`);
  }
}

/** Deletes the copy once the scanned version is in its bucket: otherwise the copy may be all that is left. */
export async function forget(aws: AwsSession, { copyOf, quarantine }: Copy, signal: AbortSignal): Promise<void> {
  const { bucket, key } = copyOf;
  if (!(await oursNow(aws, { ...copyOf, quarantine }, signal)))
    throw new ForeignEdit(`${placeOf(bucket, key)} is not back, and the copy may be all that is left of it`);
  const client = await atQuarantine(aws, quarantine);
  const where = { Bucket: quarantine.bucket, ExpectedBucketOwner: quarantine.account };
  const command = new DeleteObjectCommand({ ...where, Key: copyKey(copyOf) });
  await client.send(command, { abortSignal: signal });
}
