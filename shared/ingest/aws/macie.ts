import * as z from 'zod';
import type { Finding, Severity } from '../../model/finding.ts';
import { AwsAccountId, AwsPartition, AwsRegion, BucketName } from '../../model/identifiers.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import { Instant, isAddress, Text } from '../shape.ts';
import { found, type Reading, type Source } from '../source.ts';
import { type Principal, principalOf } from './guardduty-principal.ts';
import { readDetail } from './service-event.ts';

const Tags = z
  .array(z.object({ key: z.string(), value: Text }))
  .nullish()
  .transform((tags) => tags && Object.fromEntries(tags.map(({ key, value = '' }) => [key, value])))
  .transform((tags) => tags ?? undefined);

const Bucket = z.object({ name: BucketName, tags: Tags });
const BucketObject = z.object({ key: z.string().min(1), versionId: Text, eTag: Text, tags: Tags });

/** One caller in any of the forms of `userIdentity`: who they are stands in the member named after their type. */
const Caller = z
  .object({
    accountId: Text,
    accessKeyId: Text,
    principalId: Text,
    userName: Text,
    sessionContext: z.object({ sessionIssuer: z.object({ userName: Text }).nullish() }).nullish(),
  })
  .nullish();

const Identity = z
  .object({ type: Text, assumedRole: Caller, iamUser: Caller, federatedUser: Caller, root: Caller, awsAccount: Caller })
  .nullish();

const PolicyDetails = z
  .object({
    actor: z.object({ ipAddressDetails: z.object({ ipAddressV4: Text }).nullish(), userIdentity: Identity }).nullish(),
  })
  .nullish();

/** docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html */
const Detail = z.object({
  id: z.string().min(1),
  accountId: AwsAccountId,
  region: AwsRegion,
  partition: AwsPartition.default('aws'),
  type: z.string().min(1),
  category: Text,
  title: Text,
  description: Text,
  severity: z.object({ description: Text }).nullish(),
  createdAt: Instant,
  updatedAt: Instant,
  count: z.int().nonnegative().nullish(),
  archived: z.boolean().nullish(),
  sample: z.boolean().nullish(),
  resourcesAffected: z.object({ s3Bucket: Bucket.nullish(), s3Object: BucketObject.nullish() }).nullish(),
  policyDetails: PolicyDetails,
});
type Detail = z.infer<typeof Detail>;

const severities: ReadonlyMap<string, Severity> = new Map([
  ['Low', 'Low'],
  ['Medium', 'Medium'],
  ['High', 'High'],
]);

function statusOf({ archived, count }: Detail): Finding['status'] {
  if (archived) return 'archived';
  return (count ?? 1) > 1 ? 'updated' : 'new';
}

/** Macie spells the caller as CloudTrail does; what is called `userName` is the role's name for a session. */
function callerOf({ partition, accountId, region, policyDetails }: Detail): Principal | undefined {
  const {
    type: userType,
    assumedRole,
    iamUser,
    federatedUser,
    root,
    awsAccount,
  } = policyDetails?.actor?.userIdentity ?? {};
  const caller = assumedRole ?? iamUser ?? federatedUser ?? root ?? awsAccount;
  if (!caller) return undefined;
  const { accountId: owner, accessKeyId, principalId, sessionContext } = caller;
  const userName = caller.userName ?? sessionContext?.sessionIssuer?.userName;
  const remoteAccount = owner === accountId ? undefined : owner;
  const scene = { partition, region, remoteAccount, instanceId: undefined, lambdaRole: undefined };
  return principalOf({ ...scene, account: owner ?? accountId }, { userType, userName, accessKeyId, principalId });
}

function actorOf({ policyDetails }: Detail, caller: Principal | undefined): Actor | undefined {
  const addresses = [policyDetails?.actor?.ipAddressDetails?.ipAddressV4].filter(isAddress);
  if (caller) return { ...caller.actor, addresses };
  return addresses.length > 0 ? { type: 'other', addresses } : undefined;
}

/** The bucket, and the object in it that holds sensitive data; a finding that names neither stands for itself. */
function thingsOf(detail: Detail): readonly Target[] {
  const { id, type, partition, accountId: account, region, category, resourcesAffected } = detail;
  const { s3Bucket, s3Object } = resourcesAffected ?? {};
  const place = { account, region, role: 'affected' } as const;
  if (!s3Bucket) return [{ type: 'other', id, name: type, kind: 'S3Bucket', ...place }];
  const { name: bucket, tags } = s3Bucket;
  const arn = `arn:${partition}:s3:::${bucket}`;
  const whole: Target = { type: 'aws.s3.bucket', id: arn, name: bucket, tags, bucket, ...place };
  if (!s3Object) return [whole];
  const { key, versionId, eTag, tags: objectTags } = s3Object;
  const held = category === 'CLASSIFICATION' || type.startsWith('SensitiveData:');
  return [
    whole,
    {
      ...{ type: 'aws.s3.object', id: `${arn}/${key}`, name: key, tags: objectTags, ...place },
      ...{ role: held ? 'affected' : 'related', bucket, key, versionId, eTag },
    },
  ];
}

function findingOf(detail: Detail): Reading {
  const { id, type, title, description, severity, accountId: account, region } = detail;
  const caller = callerOf(detail);
  return found({
    id,
    provider: 'macie',
    cloud: 'aws',
    type,
    title: title ?? type,
    description: description ?? '',
    severity: severities.get(severity?.description ?? '') ?? 'Unknown',
    severityOriginal: severity?.description ?? '',
    status: statusOf(detail),
    account,
    region,
    createdAt: detail.createdAt,
    updatedAt: detail.updatedAt,
    count: detail.count ?? 1,
    sample: detail.sample ?? false,
    snapshot: false,
    actor: actorOf(detail, caller),
    resources: [...thingsOf(detail), ...(caller?.targets ?? []).map((one) => ({ ...one, role: 'actor' as const }))],
    link: { findingId: id },
  });
}

/** Findings of Amazon Macie: buckets that were opened, and sensitive data in their objects. */
export const macie: Source = {
  id: 'macie',
  title: 'Amazon Macie findings',
  delivery: 'EventBridge, source aws.macie, detail-type "Macie Finding"',
  identity: 'detail.id; a newer version has a later updatedAt and a higher count',
  confirm: 'state',
  sampleMarker: 'detail.sample is true',
  forgeable: [
    'finding.actor.sessionName',
    'finding.actor.userName',
    'finding.resources.name',
    'finding.resources.key',
    'finding.resources.tags',
    'event.detail.resourcesAffected.s3Object.path',
  ],
  reference: 'https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html',
  envelopes: ['aws.macie/Macie Finding', 'aws.macie/*'],
  read: (event) => readDetail(event, { service: 'Macie', kinds: ['Macie Finding'], detail: Detail }, findingOf),
};
