import { parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import { isAddress } from '../shape.ts';
import { type Asff, type AsffResource, regionOf } from './asff.ts';
import { openingsIn } from './cloudtrail-openings.ts';
import { type Principal, principalOf } from './guardduty-principal.ts';
import { type Named, namedResource } from './named-resource.ts';

/** CloudFormation's names for the types of ASFF that are targets here. */
const types: ReadonlyMap<string, string> = new Map([
  ['AwsAccount', 'AWS::::Account'],
  ['AwsCloudTrailTrail', 'AWS::CloudTrail::Trail'],
  ['AwsEc2Instance', 'AWS::EC2::Instance'],
  ['AwsEc2SecurityGroup', 'AWS::EC2::SecurityGroup'],
  ['AwsEc2Volume', 'AWS::EC2::Volume'],
  ['AwsEcsCluster', 'AWS::ECS::Cluster'],
  ['AwsEksCluster', 'AWS::EKS::Cluster'],
  ['AwsIamRole', 'AWS::IAM::Role'],
  ['AwsIamUser', 'AWS::IAM::User'],
  ['AwsLambdaFunction', 'AWS::Lambda::Function'],
  ['AwsRdsDbClusterSnapshot', 'AWS::RDS::DBClusterSnapshot'],
  ['AwsRdsDbInstance', 'AWS::RDS::DBInstance'],
  ['AwsRdsDbSnapshot', 'AWS::RDS::DBSnapshot'],
  ['AwsS3Bucket', 'AWS::S3::Bucket'],
]);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** One of the details of a resource, where it is text. */
export const detailIn = ({ Details, Type }: AsffResource, name: string): string | undefined =>
  text(own(own(Details, Type), name));

/** What an access key in ASFF says of who holds it. */
export function accessKeyIn(resource: AsffResource) {
  const inId = resource.Id.replace(/^AWS::IAM::AccessKey:/, '');
  return {
    accessKeyId: detailIn(resource, 'AccessKeyId') ?? (inId.startsWith('A') ? inId : undefined),
    principalId: detailIn(resource, 'PrincipalId'),
    userType: detailIn(resource, 'PrincipalType'),
    userName: detailIn(resource, 'PrincipalName') ?? detailIn(resource, 'UserName'),
  };
}

type Place = Omit<Named, 'type' | 'id'>;

const placeOf = (finding: Asff, { Partition, Region, ResourceRole }: AsffResource): Place => ({
  partition: Partition ?? finding.ProductArn.partition,
  account: finding.AwsAccountId,
  region: Region ?? regionOf(finding),
  role: ResourceRole === 'Actor' ? 'actor' : 'affected',
});

/** A key with nothing said of its holder is the key of a user: temporary ones start otherwise. */
function holderOf(finding: Asff, resource: AsffResource): Principal | undefined {
  const key = accessKeyIn(resource);
  const userType = key.userType ?? (key.accessKeyId?.startsWith('AKIA') ? 'IAMUser' : undefined);
  const account = detailIn(resource, 'AccountId') ?? finding.AwsAccountId;
  const { partition, region } = placeOf(finding, resource);
  const scene = { partition, account, region, remoteAccount: undefined, instanceId: undefined, lambdaRole: undefined };
  return principalOf(scene, { ...key, userType });
}

/** `arn:…:s3:::bucket/key`; a key may hold anything. */
function objectOf(place: Place, id: string): Target | undefined {
  const [bucket = '', ...key] = parseArn(id)?.resource.split('/') ?? [];
  const name = key.join('/');
  if (bucket === '' || name === '') return undefined;
  const { account, region, role } = place;
  return { type: 'aws.s3.object', id, name, account, region, role, bucket, key: name };
}

/** The holder of a key is what happened to it, unless the finding says that it acted. */
function keyTargets(finding: Asff, resource: AsffResource): readonly Target[] {
  const { role } = placeOf(finding, resource);
  const [first, ...rest] = holderOf(finding, resource)?.targets ?? [];
  return first ? [{ ...first, role }, ...rest] : [];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What the group's rules, as far as the finding lists them, open to everybody. */
function openingsOf({ Details, Type }: AsffResource) {
  const openings = listOf(own(own(Details, Type), 'IpPermissions')).flatMap((rule) =>
    openingsIn({
      protocol: own(rule, 'IpProtocol'),
      from: own(rule, 'FromPort'),
      to: own(rule, 'ToPort'),
      blocks: [
        ...listOf(own(rule, 'IpRanges')).map((range) => own(range, 'CidrIp')),
        ...listOf(own(rule, 'Ipv6Ranges')).map((range) => own(range, 'CidrIpv6')),
      ],
    }),
  );
  return openings.length > 0 ? [...openings] : undefined;
}

function targetsIn(finding: Asff, resource: AsffResource): readonly Target[] {
  const { Type, Id } = resource;
  const place = placeOf(finding, resource);
  const key = Type === 'AwsIamAccessKey' ? keyTargets(finding, resource) : [];
  if (key.length > 0) return key;
  const object = Type === 'AwsS3Object' ? objectOf(place, Id) : undefined;
  const target = object ?? namedResource({ ...place, type: types.get(Type) ?? Type, id: Id });
  const tags = resource.Tags.size > 0 ? Object.fromEntries(resource.Tags) : undefined;
  if (target.type === 'aws.lambda.function') return [{ ...target, tags, roleArn: detailIn(resource, 'Role') }];
  if (target.type === 'aws.ec2.security-group') return [{ ...target, tags, openings: openingsOf(resource) }];
  if (target.type !== 'aws.ec2.instance') return [{ ...target, tags }];
  const instanceProfileArn = detailIn(resource, 'IamInstanceProfileArn');
  return [{ ...target, tags, imageId: detailIn(resource, 'ImageId'), instanceProfileArn }];
}

/** The resources of a finding; where all of them acted, it is about them. */
export function hubTargets(finding: Asff, resources: readonly AsffResource[] = finding.Resources): readonly Target[] {
  const all = resources.flatMap((resource) => targetsIn(finding, resource));
  return all.some(({ role }) => role === 'affected') ? all : all.map((one) => ({ ...one, role: 'affected' }));
}

/** Who did it, and from where, as far as a product says that in ASFF. */
export function hubActor(finding: Asff): Actor | undefined {
  const { AwsApiCallAction: call, NetworkConnectionAction: connection, PortProbeAction: probe } = finding.Action ?? {};
  const inwards = connection?.ConnectionDirection === 'OUTBOUND' ? undefined : connection;
  const remotes = [call, inwards, ...(probe?.PortProbeDetails ?? [])];
  const addresses = [...new Set(remotes.map((at) => at?.RemoteIpDetails?.IpAddressV4).filter(isAddress))];
  const key = finding.Resources.find(
    ({ Type, ResourceRole }) => Type === 'AwsIamAccessKey' && ResourceRole === 'Actor',
  );
  const who = key && holderOf(finding, key)?.actor;
  if (who) return { ...who, addresses };
  return addresses.length > 0 ? { type: 'other', addresses } : undefined;
}
