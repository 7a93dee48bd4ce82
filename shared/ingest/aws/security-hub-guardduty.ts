import { parseArn } from '../../model/identifiers.ts';
import { isObject, type Json, type JsonObject, own } from '../../model/json.ts';
import { type Asff, type AsffResource, classifierOf, isSample, regionOf } from './asff.ts';
import { sequenceOf } from './security-hub-sequence.ts';
import { accessKeyIn, detailIn } from './security-hub-targets.ts';

const prefix = 'aws/guardduty/';
/** GuardDuty's own paths are not half as deep. */
const deepest = 16;
const element = /^(.+):(\d+)_?$/;

type Leaf = readonly [path: readonly string[], text: string];

/** `a/b:0_/c` as members of members; texts that say yes, no or a number stay texts. */
function treeOf(leaves: readonly Leaf[]): Json {
  const inside = new Map<string, Leaf[]>();
  for (const [[name, ...rest], text] of leaves) {
    if (name === undefined) continue;
    const below = inside.get(name) ?? [];
    below.push([rest, text]);
    inside.set(name, below);
  }
  if (inside.size === 0) return leaves[0]?.[1] ?? null;
  const plain: [string, Json][] = [];
  const lists = new Map<string, Json[]>();
  for (const [name, below] of inside) {
    const list = element.exec(name)?.[1];
    if (list === undefined) {
      plain.push([name, treeOf(below)]);
      continue;
    }
    const items = lists.get(list) ?? [];
    items.push(treeOf(below));
    lists.set(list, items);
  }
  return Object.fromEntries([...plain, ...lists]);
}

/** What GuardDuty flattens into `ProductFields`, as it was. */
function flattened({ ProductFields }: Asff): Json {
  const leaves = [...ProductFields]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]): Leaf => [key.slice(prefix.length).split('/'), text]);
  return treeOf(leaves.filter(([path]) => path.length <= deepest));
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const members = (value: unknown): object => (isObject(value) ? value : {});

type Remote = NonNullable<NonNullable<Asff['Action']>['AwsApiCallAction']>;
const remote = (at: Remote) => ({ remoteIpDetails: { ipAddressV4: at.RemoteIpDetails?.IpAddressV4 } });

/** The action in GuardDuty's spelling; where both tell it, what GuardDuty flattened tells more. */
function actionOf({ Action }: Asff, service: unknown): object {
  const { AwsApiCallAction: call, NetworkConnectionAction: connection, PortProbeAction: probe } = Action ?? {};
  return {
    ...(call && { awsApiCallAction: remote(call) }),
    ...(connection && {
      networkConnectionAction: { ...remote(connection), connectionDirection: connection.ConnectionDirection },
    }),
    ...members(own(service, 'action')),
    ...(probe?.PortProbeDetails && { portProbeAction: { portProbeDetails: probe.PortProbeDetails.map(remote) } }),
  };
}

const tagsOf = ({ Tags }: AsffResource) => [...Tags].map(([key, value]) => ({ key, value }));
/** What stands behind the kind of resource in an ARN. */
const nameIn = (arn: string): string => (parseArn(arn)?.resource ?? arn).replace(/^[^/:]*[/:]/, '');

/** Only the first interface is in the instance's own network details; groups are in no copy. */
function interfacesOf(resource: AsffResource): readonly object[] {
  const listed = own(own(resource.Details, resource.Type), 'NetworkInterfaces');
  const [first, ...others] = Array.isArray(listed)
    ? listed.map((one: unknown) => ({ networkInterfaceId: text(own(one, 'NetworkInterfaceId')) }))
    : [];
  const place = { vpcId: detailIn(resource, 'VpcId'), subnetId: detailIn(resource, 'SubnetId') };
  return first || place.vpcId ? [{ ...first, ...place }, ...others] : [];
}

function instance(resource: AsffResource): object {
  return {
    instanceId: nameIn(resource.Id),
    imageId: detailIn(resource, 'ImageId'),
    iamInstanceProfile: { arn: detailIn(resource, 'IamInstanceProfileArn') },
    networkInterfaces: interfacesOf(resource),
    tags: tagsOf(resource),
  };
}

const bucket = (resource: AsffResource, all: readonly AsffResource[]): object => ({
  name: nameOfBucket(resource.Id),
  arn: resource.Id,
  tags: tagsOf(resource),
  s3ObjectDetails: all
    .filter(({ Type, Id }) => Type === 'AwsS3Object' && Id.startsWith(`${resource.Id}/`))
    .map(({ Id }) => ({ objectArn: Id, key: Id.slice(resource.Id.length + 1) })),
});

const nameOfBucket = (arn: string): string => parseArn(arn)?.resource ?? arn;

type Rebuild = (resource: AsffResource, all: readonly AsffResource[]) => readonly [member: string, value: object];

/** The member of GuardDuty's `resource` that a resource in ASFF was made from; the others are only shown. */
const rebuilders: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ['AwsIamAccessKey', (one) => ['accessKeyDetails', accessKeyIn(one)]],
  ['AwsEc2Instance', (one) => ['instanceDetails', instance(one)]],
  ['AwsS3Bucket', (one, all) => ['s3BucketDetails', [bucket(one, all)]]],
  ['AwsEksCluster', (one) => ['eksClusterDetails', { name: nameIn(one.Id), arn: one.Id, tags: tagsOf(one) }]],
  ['AwsEcsCluster', (one) => ['ecsClusterDetails', { name: nameIn(one.Id), arn: one.Id, tags: tagsOf(one) }]],
  [
    'AwsLambdaFunction',
    (one) => [
      'lambdaDetails',
      { functionArn: one.Id, functionName: nameIn(one.Id), role: detailIn(one, 'Role'), tags: tagsOf(one) },
    ],
  ],
  [
    'AwsRdsDbInstance',
    (one) => [
      'rdsDbInstanceDetails',
      {
        dbInstanceArn: one.Id,
        dbInstanceIdentifier: nameIn(one.Id),
        dbClusterIdentifier: detailIn(one, 'DBClusterIdentifier'),
        engine: detailIn(one, 'Engine'),
        tags: tagsOf(one),
      },
    ],
  ],
]);

/** The resources of a copy that GuardDuty's form of the finding has no place for: it has one of most kinds. */
export function leftOver({ Resources, Detection }: Asff): readonly AsffResource[] {
  if (Detection?.Sequence) return [];
  const taken = new Set<string>();
  return Resources.filter(({ Type, Id }) => {
    if (Type === 'AwsS3Bucket') return false;
    if (Type === 'AwsS3Object')
      return !Resources.some((one) => one.Type === 'AwsS3Bucket' && Id.startsWith(`${one.Id}/`));
    const first = rebuilders.has(Type) && !taken.has(Type);
    taken.add(Type);
    return !first;
  });
}

function resourceMembers(all: readonly AsffResource[]): Map<string, object> {
  const found = new Map<string, object>();
  for (const resource of all) {
    const [member, value] = rebuilders.get(resource.Type)?.(resource, all) ?? [];
    if (member === undefined || value === undefined) continue;
    const before = found.get(member);
    if (Array.isArray(before) && Array.isArray(value)) found.set(member, [...before, ...value]);
    else if (before === undefined) found.set(member, value);
  }
  return found;
}

/** GuardDuty's `resourceType` for what its types call the resource; the copy does not say it. */
const resourceTypes: ReadonlyMap<string, string> = new Map([
  ['EC2', 'Instance'],
  ['IAMUser', 'AccessKey'],
  ['S3', 'S3Bucket'],
  ['Object', 'S3Object'],
  ['Kubernetes', 'EKSCluster'],
  ['ECS', 'ECSCluster'],
  ['Lambda', 'Lambda'],
  ['RDS', 'RDSDBInstance'],
  ['Container', 'Container'],
]);

function resourceTypeOf(type: string, found: ReadonlyMap<string, object>): string | undefined {
  const [purpose, rest = ''] = type.split(':');
  // findings about the policy of a bucket are of the one who changed it
  if (purpose === 'Policy' && found.has('accessKeyDetails')) return 'AccessKey';
  if (purpose === 'AttackSequence') return purpose;
  return resourceTypes.get(rest.split('/')[0] ?? '');
}

const labels: ReadonlyMap<string, number> = new Map([
  ['LOW', 2],
  ['MEDIUM', 5],
  ['HIGH', 8],
  ['CRITICAL', 9],
]);

/** GuardDuty's own number; people change the label in Security Hub, and the label does not tell it. */
function severityOf({ Severity, FindingProviderFields: given }: Asff): number {
  const said = [Severity.Product, given?.Severity.Original, Severity.Original].map((value) => Number(value ?? 0));
  const label = given?.Severity.Label ?? Severity.Label ?? '';
  return said.find((value) => value > 0 && value <= 10) ?? labels.get(label) ?? 0;
}

/** One type has another name in Security Hub than its dashed form. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['Trojan:EC2/DNSDataExfiltration!DNS', 'Trojan:EC2/DNSDataExfiltration'],
]);

/**
 * The `detail` of the event that GuardDuty sent of a finding itself, rebuilt from its copy in Security Hub as far as
 * that tells it (docs.aws.amazon.com/guardduty/latest/ug/securityhub-integration.html).
 */
export function guardDutyDetail(copy: Asff): JsonObject {
  const service = members(own(flattened(copy), 'service'));
  const classifier = classifierOf(copy);
  const type = renamed.get(classifier) ?? classifier;
  const sequence = copy.Detection?.Sequence;
  const found = resourceMembers(sequence ? [] : copy.Resources);
  const resourceType = resourceTypeOf(type, found);
  const rebuilt = {
    id: copy.Id.split('/').at(-1),
    arn: copy.Id,
    accountId: copy.AwsAccountId,
    region: regionOf(copy),
    partition: copy.ProductArn.partition,
    type,
    title: copy.Title,
    description: copy.Description,
    severity: severityOf(copy),
    createdAt: copy.CreatedAt,
    updatedAt: copy.UpdatedAt,
    resource: { resourceType, ...Object.fromEntries(found) },
    service: {
      resourceRole: text(own(service, 'resourceRole')),
      action: actionOf(copy, service),
      archived: own(service, 'archived') === 'true',
      count: Number(own(service, 'count') ?? 1),
      eventLastSeen: text(own(service, 'eventLastSeen')) ?? copy.LastObservedAt,
      ...(sequence && { detection: { sequence: sequenceOf(sequence, copy.Resources) } }),
      additionalInfo: { ...members(own(service, 'additionalInfo')), sample: isSample(copy) },
    },
  };
  return JSON.parse(JSON.stringify(rebuilt));
}
