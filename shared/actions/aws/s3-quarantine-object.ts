import * as z from 'zod';
import type { Change, State, StepContext } from '../../action/action.ts';
import { AwsAccountId, AwsRegion, BucketName } from '../../model/identifiers.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { checkQuarantine, copyKey, copyLength, type Quarantine } from './s3-quarantine.ts';
import { atQuarantine, bringBack, Copy, destroy, forget, keep, remove, reveal } from './s3-quarantine-moves.ts';
import { look, placeOf, Source } from './s3-scanned-object.ts';
import { bareTag } from './s3-versions.ts';

const Value = z.union([Source, Copy]);
type Value = z.infer<typeof Value>;

const isCopy = (value: Value): value is Copy => 'copyOf' in value;

const quarantineIn = (input: {
  readonly quarantineBucket: string;
  readonly quarantineAccount: string;
  readonly quarantineRegion: string;
}): Quarantine => ({
  bucket: input.quarantineBucket,
  account: input.quarantineAccount,
  region: input.quarantineRegion,
});

async function applyToSource(aws: AwsSession, from: Source | null, to: Source | null, step: StepContext) {
  if (from && !to) await destroy(aws, from, step.signal);
  else if (to && !from) await bringBack(aws, to, step);
  else if (to?.standing === 'hidden') await remove(aws, to, to.eTag, step.signal);
  else if (to) await reveal(aws, to, step.signal);
}

async function apply(aws: AwsSession, { from, to }: Change<Value>, step: StepContext): Promise<void> {
  const value = to ?? from;
  if (!value) return;
  if (isCopy(value)) await (to ? keep(aws, value, step) : forget(aws, value, step.signal));
  else await applyToSource(aws, from && !isCopy(from) ? from : null, to && !isCopy(to) ? to : null, step);
}

const object = 'arn:{partition}:s3:::{bucket}/{key}';
const copies = 'arn:{partition}:s3:::{quarantineBucket}/cordon-quarantine/*';
const rights = (on: string, ...actions: string[]) => actions.map((action) => ({ allow: `s3:${action}`, on }));
const listing = [
  ...rights('arn:{partition}:s3:::{bucket}', 'ListBucketVersions', 'GetBucketVersioning'),
  ...rights('arn:{partition}:s3:::{quarantineBucket}', 'ListBucket'),
  ...rights(object, 'GetObjectTagging'),
];

/**
 * Moves an object in which malware was found into the quarantine bucket
 * (docs.aws.amazon.com/guardduty/latest/ug/gdu-malware-protection-s3.html). It is bound to the ETag that was scanned:
 * an object that was written since stays where it is. Where the bucket keeps versions, a delete marker hides the
 * version, and a release takes just that marker away; where it keeps none, the object is deleted once its copy is there.
 */
export const s3QuarantineObject = awsAction({
  id: 'aws.s3.quarantine-object',
  title: 'Move an S3 object into quarantine',
  target: 'aws.s3.object',
  d3fend: 'D3-FEV',
  input: z.strictObject({
    bucket: BucketName.describe('The bucket that the object is in, by name.'),
    key: z.string().min(1).max(1024).describe('The key of the object.'),
    eTag: z
      .string()
      .regex(/^"?[0-9a-f]{32}(-\d{1,5})?"?$/i, 'an ETag looks like 98d1280e8f886d36b4106d524c0214c3')
      .describe('The content that was scanned.'),
    versionId: z
      .string()
      .regex(/^[\w.+/=-]{1,1024}$/, 'a version id has letters, digits and . _ + / = - only')
      .optional()
      .describe('The one version that is meant, where the same content may have been stored more than once.'),
    quarantineBucket: BucketName.describe('The bucket that the copy is kept in.'),
    quarantineAccount: AwsAccountId.describe('The account that owns the quarantine bucket.'),
    quarantineRegion: AwsRegion.describe('The region of the quarantine bucket.'),
  }),
  value: Value,
  permissions: {
    read: listing,
    write: [
      ...listing,
      ...rights(object, 'GetObject', 'GetObjectVersion', 'PutObject', 'PutObjectTagging'),
      ...rights(object, 'DeleteObject', 'DeleteObjectVersion'),
      ...rights(copies, 'GetObject', 'PutObject', 'PutObjectTagging', 'DeleteObject'),
    ],
  },
  settles: { seconds: 5 },
  cautions: [
    'Whoever has already downloaded the object still has it.',
    'Where the bucket keeps versions, whoever may read versions (s3:GetObjectVersion) still reads it by its version id.',
    'Earlier versions of the key are not looked at, and one that another version lies over is left as it is.',
    'An object above 5 GB, one in Glacier, or one under a KMS key that the writer may not use cannot be copied: with versions it is hidden all the same, without them it is reported and stays.',
    'Where the bucket keeps no versions, a release copies the object back, with tags of Cordon’s in place of its own.',
  ],
  portable: {
    verb: 'quarantine-object',
    with: {
      bucket: '${target.bucket}',
      key: '${target.key}',
      eTag: '${target.eTag}',
      quarantineBucket: '${settings.quarantineBucket.name}',
      quarantineAccount: '${settings.quarantineBucket.account}',
      quarantineRegion: '${settings.quarantineBucket.region}',
    },
  },
  examples: [
    {
      bucket: 'example-uploads',
      key: 'incoming/Invoice 4711.docm',
      eTag: '98d1280e8f886d36b4106d524c0214c3',
      quarantineBucket: 'example-quarantine',
      quarantineAccount: '111111111111',
      quarantineRegion: 'eu-west-1',
    },
  ],
}).does({
  async capture(aws, { bucket, key, versionId, ...input }, { signal }): Promise<State<Value>> {
    const scanned = { bucket, key, eTag: bareTag(input.eTag) };
    const quarantine = quarantineIn(input);
    checkQuarantine(scanned, quarantine);
    const client = await atQuarantine(aws, quarantine);
    const [looked, length] = await Promise.all([
      look(aws, { ...scanned, versionId, quarantine }, signal),
      copyLength(client, quarantine, scanned, signal),
    ]);
    const found = looked?.found;
    if (!looked || (!found && length === undefined)) return {};
    const onlyCopy = found ? !found.isOurs : looked.enabled;
    const copy = length === undefined ? null : { copyOf: scanned, length, onlyCopy, quarantine };
    const copied = placeOf(quarantine.bucket, copyKey(scanned));
    return { [placeOf(bucket, key)]: found?.source ?? null, [copied]: copy };
  },
  plan({ bucket, key, quarantineBucket, ...input }, seen): State<Value> {
    const scanned = { bucket, key, eTag: bareTag(input.eTag) };
    const place = placeOf(bucket, key);
    const source = seen[place] ?? null;
    if (!source || isCopy(source) || source.eTag !== scanned.eTag || source.standing === 'superseded') return {};
    const { length, quarantine, keeps } = source;
    const copy = {
      [placeOf(quarantineBucket, copyKey(scanned))]: { copyOf: scanned, length, onlyCopy: false, quarantine },
    };
    if (source.standing === 'hidden') return copy;
    // what can be taken back at once comes first: a copy that fails must not hold it up
    if (keeps) return { [place]: { ...source, standing: 'hidden', markers: source.markers + 1 }, ...copy };
    return { ...copy, [place]: null };
  },
  apply,
});
