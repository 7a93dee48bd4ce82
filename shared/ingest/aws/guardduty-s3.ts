import * as z from 'zod';
import { AwsAccountId, AwsRegion, BucketName } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { Instant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { s3Object } from './guardduty-targets.ts';

const kind = 'GuardDuty Malware Protection Object Scan Result';

/** The event, as far as a threat in it makes a finding; the plan of the bucket stands among its resources. */
const Event = z.object({
  id: Text,
  account: AwsAccountId,
  region: AwsRegion,
  time: Instant,
  resources: z.array(z.string()).nullish(),
  detail: z.object({
    s3ObjectDetails: z.object({
      bucketName: BucketName,
      objectKey: z
        .string()
        .min(1)
        .refine((key) => key.isWellFormed(), 'half a character'),
      eTag: Text,
      versionId: Text,
    }),
    scanResultDetails: z.object({ threats: z.array(z.object({ name: Text })).nullish() }),
  }),
});
type Event = z.infer<typeof Event>;

const partitionOf = ({ resources }: Event): string =>
  /^arn:(aws(?:-[a-z]+)*):/.exec(resources?.[0] ?? '')?.[1] ?? 'aws';

function findingOf(event: Event): Reading {
  const { account, region, time, detail } = event;
  const { bucketName: bucket, objectKey: key, versionId, eTag } = detail.s3ObjectDetails;
  const partition = partitionOf(event);
  const object = s3Object({ partition, account, region }, { bucket, key, versionId, eTag });
  if (!object) return malformed('detail.s3ObjectDetails names no object.', remedy);
  const around: Target = {
    type: 'aws.s3.bucket',
    id: `arn:${partition}:s3:::${bucket}`,
    name: bucket,
    account,
    region,
    role: 'related',
    bucket,
  };
  const names = (detail.scanResultDetails.threats ?? []).flatMap(({ name }) => name ?? []);
  return found({
    id: [object.id, versionId ?? '', object.eTag ?? ''].join('#'),
    provider: 'guardduty-s3',
    cloud: 'aws',
    type: `${kind}/THREATS_FOUND`,
    title: 'Malware found in an S3 object',
    description: `GuardDuty found ${names.join(', ') || 'a threat'} in ${key} of the bucket ${bucket}.`,
    severity: 'High',
    severityOriginal: 'THREATS_FOUND',
    status: 'new',
    account,
    region,
    createdAt: time,
    updatedAt: time,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [object, around],
    link: {
      ...(event.id !== undefined && { eventId: event.id }),
      ...(event.resources?.[0] !== undefined && { protectionPlan: event.resources[0] }),
    },
  });
}

const remedy = 'Send the event as EventBridge delivers it, unchanged.';

/** What the scan came to, where it found no threat: in the words of GuardDuty. */
function otherwise(detail: unknown): string | undefined {
  const [scan, result] = [own(detail, 'scanStatus'), own(own(detail, 'scanResultDetails'), 'scanResultStatus')];
  if (result === 'THREATS_FOUND') return undefined;
  if (typeof scan !== 'string' && typeof result !== 'string') return undefined;
  return `The scan ended with ${quoted(result ?? scan)}, not THREATS_FOUND.`;
}

/** Results of GuardDuty Malware Protection for S3, which sends one for every object that it scans. */
export const guarddutyS3: Source = {
  id: 'guardduty-s3',
  title: 'GuardDuty Malware Protection for S3 scan results',
  delivery: `EventBridge, source aws.guardduty, detail-type "${kind}"`,
  identity: 'the ARN of the object with its versionId and its eTag; a later scan of the same is a newer version',
  confirm: 'state',
  sampleMarker: 'none: a test file (EICAR) is reported as malware',
  forgeable: ['finding.description', 'finding.resources.name', 'finding.resources.key'],
  reference: 'https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html',

  envelopes: [`aws.guardduty/${kind}`],

  read(event) {
    const detail = own(event, 'detail');
    const other = otherwise(detail);
    if (other !== undefined) return ignored(other);
    if (own(own(detail, 'scanResultDetails'), 'scanResultStatus') !== 'THREATS_FOUND')
      return malformed('detail.scanResultDetails.scanResultStatus: not a text.', remedy);
    const parsed = Event.safeParse(event);
    return parsed.success ? findingOf(parsed.data) : malformed(problemOf(parsed.error, ''), remedy);
  },
};
