import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { bareTag, versionsOf } from '../../actions/aws/s3-versions.ts';
import type { Finding } from '../../model/finding.ts';
import type { Confirmation } from '../../ports/clouds.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/**
 * A scan result is kept nowhere: what can be read again is whether the object is still the one that was scanned. Its
 * versions are listed, which takes no right to read malware, rather than asked for by HeadObject, which tells nothing
 * of why it refuses.
 */
export async function confirmObject(session: AwsSession, { resources }: Finding): Promise<Confirmation> {
  const object = resources.find((one) => one.type === 'aws.s3.object' && one.role === 'affected');
  if (object?.type !== 'aws.s3.object' || object.eTag === undefined) return 'unknown';
  const { bucket, key, versionId, eTag } = object;
  const found = await unlessAbsent(['NoSuchBucket'], () => versionsOf(session, bucket, key, deadline()));
  const [newest] = found?.versions ?? [];
  const scanned = versionId === undefined ? newest : found?.versions.find((one) => one.versionId === versionId);
  if (!scanned) return 'unknown';
  return scanned.eTag === bareTag(eTag) ? 'same' : 'different';
}
