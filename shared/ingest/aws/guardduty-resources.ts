import { formatArn } from '../../model/identifiers.ts';
import { isObject, own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import type { BucketDetails, Detail, InstanceDetails } from './guardduty-detail.ts';
import { sequenceTargets } from './guardduty-sequence.ts';
import { isArnOf, keyIn, placeOf, s3Object, typed, typedParts } from './guardduty-targets.ts';

type Other = Extract<Target, { type: 'other' }>;

/** What one member of `resource` names. */
type Piece = { readonly member: string; readonly targets: readonly Target[] };

function instance({ partition, region, accountId }: Detail, details: InstanceDetails): Target {
  const { instanceId, imageId, tags } = details;
  const resource = `instance/${instanceId}`;
  return {
    type: 'aws.ec2.instance',
    id: formatArn({ partition, service: 'ec2', region, account: accountId, resource }),
    name: instanceId,
    account: accountId,
    region,
    role: 'affected',
    tags,
    instanceId,
    imageId,
    instanceProfileArn: details.iamInstanceProfile?.arn,
    interfaces: (details.networkInterfaces ?? []).map((one) => ({
      networkInterfaceId: one.networkInterfaceId,
      subnetId: one.subnetId,
      vpcId: one.vpcId,
      privateIp: one.privateIpAddress,
      publicIp: one.publicIp,
      securityGroups: (one.securityGroups ?? []).map(({ groupId }) => groupId),
    })),
  };
}

const bucket = ({ partition, region, accountId }: Detail, { name, arn, tags }: BucketDetails): Target => ({
  type: 'aws.s3.bucket',
  id: arn ?? `arn:${partition}:s3:::${name}`,
  name,
  account: accountId,
  region,
  role: 'affected',
  tags,
  bucket: name,
});

const other = ({ region, accountId }: Detail, kind: string, id: string, name: string): Other => ({
  type: 'other',
  id,
  name,
  account: accountId,
  region,
  role: 'affected',
  kind,
});

/** Members of `resource` beside instance and buckets: where their parts are, and what names one that has no type. */
const others: readonly { member: string; kind: string; inside?: readonly string[]; ids: readonly string[] }[] = [
  { member: 'eksClusterDetails', kind: 'EKSCluster', ids: ['arn', 'name'] },
  { member: 'ecsClusterDetails', kind: 'ECSCluster', ids: ['arn', 'name'] },
  { member: 'ecsClusterDetails', kind: 'ECSTask', inside: ['taskDetails'], ids: ['arn'] },
  {
    member: 'kubernetesDetails',
    kind: 'KubernetesWorkload',
    inside: ['kubernetesWorkloadDetails'],
    ids: ['uid', 'name'],
  },
  { member: 'containerDetails', kind: 'Container', ids: ['id', 'name', 'image'] },
  { member: 'lambdaDetails', kind: 'Lambda', ids: ['functionArn', 'functionName'] },
  { member: 'rdsDbInstanceDetails', kind: 'RDSDBInstance', ids: ['dbInstanceArn', 'dbInstanceIdentifier'] },
  { member: 'rdsLimitlessDbDetails', kind: 'RDSLimitlessDB', ids: ['dbShardGroupArn', 'dbShardGroupIdentifier'] },
  { member: 'rdsDbUserDetails', kind: 'RDSDBUser', ids: ['user'] },
  {
    member: 'ebsVolumeDetails',
    kind: 'EBSVolume',
    inside: ['scannedVolumeDetails', 'skippedVolumeDetails'],
    ids: ['volumeArn', 'deviceName'],
  },
  { member: 'ebsSnapshotDetails', kind: 'EBSSnapshot', ids: ['snapshotArn'] },
  { member: 'ec2ImageDetails', kind: 'EC2Image', ids: ['imageArn'] },
  { member: 'recoveryPointDetails', kind: 'RecoveryPoint', ids: ['recoveryPointArn'] },
  { member: 'bedrockGuardrailDetails', kind: 'BedrockGuardrail', ids: ['guardrailArn'] },
  { member: 'modelDetails', kind: 'Model', ids: ['modelId'] },
];

const known = new Set([
  'accessKeyDetails',
  'instanceDetails',
  's3BucketDetails',
  ...others.map(({ member }) => member),
]);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isObject(value) ? [value] : []);

const firstText = (value: unknown, keys: readonly string[]): string | undefined =>
  keys.map((key) => own(value, key)).find((text): text is string => typeof text === 'string' && text !== '');

/** Each part as the target it names, or under its own id; one without an id under the finding's, so that it is still seen. */
const otherPieces = (detail: Detail): readonly Piece[] =>
  others.map(({ member, kind, inside, ids }) => {
    const whole = own(detail.resource, member);
    const parts = inside ? inside.flatMap((name) => listOf(own(whole, name))) : listOf(whole);
    const targets = parts.map((part) => {
      const id = firstText(part, ids) ?? detail.arn.arn;
      const shown = () => other(detail, kind, id, firstText(part, ['name', ...ids]) ?? id);
      return typedParts.get(kind)?.(detail, part) ?? shown();
    });
    return { member, targets };
  });

/** Members that GuardDuty added after this was written. */
const newPieces = (detail: Detail): readonly Piece[] =>
  Object.entries(detail.resource)
    .filter(([member]) => member.endsWith('Details') && !known.has(member))
    .map(([member, value]) => ({
      member,
      targets: listOf(value).map((part) => {
        const texts = Object.values(isObject(part) ? part : {}).filter((value) => typeof value === 'string');
        const id = texts.find((text) => text.startsWith('arn:')) ?? detail.arn.arn;
        return other(detail, detail.resource.resourceType ?? member, id, id);
      }),
    }));

/** Objects inside the buckets are named beside them. */
const objects = (detail: Detail): readonly Target[] =>
  (detail.resource.s3BucketDetails ?? []).flatMap(({ name: bucket, s3ObjectDetails }) =>
    (s3ObjectDetails ?? []).map(({ objectArn, key = keyIn(objectArn, detail.partition, bucket), ...version }) => {
      const id = objectArn ?? `arn:${detail.partition}:s3:::${bucket}/${key ?? ''}`;
      return s3Object(placeOf(detail), { bucket, key, ...version }) ?? other(detail, 'S3Object', id, key ?? id);
    }),
  );

/** The role that a function runs as, and trails that a call was about: they stand beside what the finding means. */
function beside(detail: Detail): readonly Target[] {
  const role = detail.resource.lambdaDetails?.role;
  const held = isArnOf(role, 'iam', 'role/')
    ? typed(placeOf(detail), 'aws.iam.role', 'AWS::IAM::Role', role)
    : undefined;
  const called = own(detail.service.action?.awsApiCallAction?.affectedResources, 'AWS::CloudTrail::Trail');
  const trail =
    typeof called === 'string'
      ? typed(placeOf(detail), 'aws.cloudtrail.trail', 'AWS::CloudTrail::Trail', called)
      : undefined;
  return [held, trail].flatMap((target) => (target ? [{ ...target, role: 'related' as const }] : []));
}

/** `resourceType` and the members that are meant by it; others stand beside them. */
const meant: ReadonlyMap<string, readonly string[]> = new Map([
  ['Instance', ['instanceDetails']],
  ['S3Bucket', ['s3BucketDetails']],
  ['S3Object', ['s3ObjectDetails']],
  ['EKSCluster', ['eksClusterDetails', 'kubernetesDetails']],
  ['ECSCluster', ['ecsClusterDetails']],
  ['Container', ['containerDetails']],
  ['Lambda', ['lambdaDetails']],
  ['RDSDBInstance', ['rdsDbInstanceDetails']],
  ['RDSLimitlessDB', ['rdsLimitlessDbDetails']],
  ['EBSSnapshot', ['ebsSnapshotDetails']],
  ['EC2Image', ['ec2ImageDetails']],
]);

/**
 * The resources of a finding other than its principal (docs.aws.amazon.com/guardduty, "Finding details").
 * What `resourceType` means is `affected`, the rest `related`; all but the objects in buckets are `affected` where it
 * means none of them.
 */
export function resourcesOf(detail: Detail): readonly Target[] {
  const { resourceType = '', instanceDetails, s3BucketDetails } = detail.resource;
  const inBuckets = { member: 's3ObjectDetails', targets: objects(detail) };
  const pieces: readonly Piece[] = [
    { member: 'instanceDetails', targets: instanceDetails ? [instance(detail, instanceDetails)] : [] },
    { member: 's3BucketDetails', targets: (s3BucketDetails ?? []).map((one) => bucket(detail, one)) },
    ...otherPieces(detail),
    ...newPieces(detail),
    { member: 'sequence', targets: sequenceTargets(detail) },
  ];
  const main = meant.get(resourceType) ?? [];
  const present = [...pieces, inBuckets].some(({ member, targets }) => main.includes(member) && targets.length > 0);
  const isMeant = (member: string): boolean => !present || main.includes(member);
  const placed = pieces.flatMap(({ member, targets }) =>
    targets.map((one): Target => (isMeant(member) ? one : { ...one, role: 'related' })),
  );
  const role = main.includes(inBuckets.member) ? 'affected' : 'related';
  return [...placed, ...inBuckets.targets.map((one): Target => ({ ...one, role })), ...beside(detail)];
}

/** What stands for a finding whose resource has no member at all. */
export const unnamedResource = (detail: Detail): Target =>
  other(detail, detail.resource.resourceType ?? 'unknown', detail.arn.arn, detail.type);
