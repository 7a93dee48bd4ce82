import type * as z from 'zod';
import { InstanceId } from '../../model/identifiers.ts';
import type { Finding } from '../../model/finding.ts';
import { own } from '../../model/json.ts';
import type { Interface, Target } from '../../model/target.ts';
import type { Detail } from './guardduty-detail.ts';
import { type Principal, principalOf } from './guardduty-principal.ts';
import {
  ClusterData,
  ContainerData,
  InstanceData,
  InterfaceData,
  KeyData,
  ObjectData,
  type SequenceActor,
  type SequenceResource,
  TaskData,
  WorkloadData,
} from './guardduty-sequence-detail.ts';
import {
  ecsCluster,
  ecsTask,
  eksCluster,
  eksWorkload,
  isArnOf,
  type Place,
  s3Object,
  typed,
} from './guardduty-targets.ts';

/** One resource among the others of its sequence, in its own account and region. */
type Member = {
  readonly one: SequenceResource;
  readonly place: Place;
  readonly detail: Detail;
  readonly all: readonly SequenceResource[];
};
type Maker = (member: Member) => readonly (Target | undefined)[];

const lastOf = (uid: string): string => uid.slice(Math.max(uid.lastIndexOf('/'), uid.lastIndexOf(':')) + 1);

/** One member of `data`, empty where it is missing or of another shape. */
const dataOf = <T>(schema: z.ZodType<T>, { data }: SequenceResource, member: string): Partial<T> =>
  schema.safeParse(own(data, member)).data ?? {};

const byUid = (
  { all }: Member,
  type: string,
  uids: readonly string[] | null | undefined,
): readonly SequenceResource[] => all.filter(({ uid, resourceType }) => resourceType === type && uids?.includes(uid));

const imagesOf = (member: Member, uids: readonly string[] | null | undefined): string[] =>
  byUid(member, 'CONTAINER', uids).flatMap((one) => dataOf(ContainerData, one, 'container').image ?? []);

function interfaceOf(one: SequenceResource): Interface {
  const { subNetId, vpcId, publicIp, ...more } = dataOf(InterfaceData, one, 'ec2NetworkInterface');
  return {
    networkInterfaceId: lastOf(one.uid),
    subnetId: subNetId,
    vpcId,
    privateIp: more.privateIpAddresses?.[0]?.privateIpAddress,
    publicIp,
    securityGroups: (more.securityGroups ?? []).map(({ groupId }) => groupId),
  };
}

function instance(member: Member): Target | undefined {
  const { one, place } = member;
  if (!InstanceId.safeParse(lastOf(one.uid)).success) return undefined;
  const { ec2NetworkInterfaceUids: uids, IamInstanceProfile: profile } = dataOf(InstanceData, one, 'ec2Instance');
  const target = typed(place, 'aws.ec2.instance', 'AWS::EC2::Instance', one.uid);
  const interfaces = byUid(member, 'EC2_NETWORK_INTERFACE', uids).map(interfaceOf);
  return target && { ...target, instanceProfileArn: profile?.arn, interfaces };
}

const keyId = /^A[KS]IA[A-Z0-9]{12,124}$/;

/** Who an actor or the holder of a key is. */
const principal = (
  { partition, account, region }: Place,
  details: Parameters<typeof principalOf>[1],
): Principal | undefined =>
  principalOf(
    { partition, account, region, remoteAccount: undefined, instanceId: undefined, lambdaRole: undefined },
    details,
  );

function accessKey({ one, place }: Member): readonly Target[] {
  const { principalId, userName, userType } = dataOf(KeyData, one, 'accessKey');
  const accessKeyId = [lastOf(one.uid), one.name].find((text) => text !== undefined && keyId.test(text));
  return principal(place, { accessKeyId, principalId, userName, userType })?.targets ?? [];
}

function object({ one, place }: Member): Target | undefined {
  const { key, eTag, versionId } = dataOf(ObjectData, one, 's3Object');
  const [, bucket, inArn] = /^arn:[^:]+:s3:::([^/]+)\/(.+)$/s.exec(one.uid) ?? [];
  return bucket === undefined ? undefined : s3Object(place, { bucket, key: key ?? inArn, eTag, versionId });
}

/** The one cluster that a workload can be in; the workload itself does not say. */
function workload(member: Member): Target | undefined {
  const { one, place, all } = member;
  const [cluster, ...more] = all.filter(
    ({ resourceType, accountId }) => resourceType === 'EKS_CLUSTER' && accountId === one.accountId,
  );
  const home = cluster && more.length === 0 ? eksCluster(place, cluster.uid, cluster.name) : undefined;
  const { namespace, type: kind, containerUids } = dataOf(WorkloadData, one, 'kubernetesWorkload');
  const images = imagesOf(member, containerUids);
  return (
    home && eksWorkload(home, { name: one.name, namespace, kind, uid: one.uid, images, serviceAccount: undefined })
  );
}

function task(member: Member): Target | undefined {
  const { one, place } = member;
  const { launchType, containerUids } = dataOf(TaskData, one, 'ecsTask');
  return ecsTask(place, one.uid, {
    clusterArn: undefined,
    launchType,
    images: imagesOf(member, containerUids),
    tags: one.tags,
  });
}

/** An instance profile does not tell its role, which may have another name: only an actor that holds one of its name does. */
function profileRole({ one, place, detail }: Member): Target | undefined {
  const name = lastOf(one.uid);
  const held = actorsOf(detail).find(({ actor }) => actor.role?.name === name && actor.account === place.account);
  return held?.actor.role && typed(place, 'aws.iam.role', 'AWS::IAM::Role', held.actor.role.arn);
}

function cluster({ one, place }: Member): Target | undefined {
  const found = eksCluster(place, one.uid, one.name);
  return found && { ...found, vpcId: dataOf(ClusterData, one, 'eksCluster').vpcId };
}

function container({ one, place: { account, region } }: Member): Target {
  const { image } = dataOf(ContainerData, one, 'container');
  return { type: 'aws.container', id: one.uid, name: one.name ?? one.uid, account, region, role: 'affected', image };
}

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['EC2_INSTANCE', (member) => [instance(member)]],
  ['ACCESS_KEY', accessKey],
  ['S3_BUCKET', ({ one, place }) => [typed(place, 'aws.s3.bucket', 'AWS::S3::Bucket', one.uid)]],
  ['S3_OBJECT', (member) => [object(member)]],
  ['EKS_CLUSTER', (member) => [cluster(member)]],
  ['KUBERNETES_WORKLOAD', (member) => [workload(member)]],
  ['CONTAINER', (member) => [container(member)]],
  ['ECS_CLUSTER', ({ one, place }) => [ecsCluster(place, one.uid, one.name)]],
  ['ECS_TASK', (member) => [task(member)]],
  ['EC2_IMAGE', ({ one, place }) => [typed(place, 'aws.ec2.image', 'AWS::EC2::Image', one.uid)]],
  ['IAM_INSTANCE_PROFILE', (member) => [profileRole(member)]],
]);

/** Kinds that are told by their ARN alone, whatever the sequence calls them. */
const byArn = [
  ['iam', 'role/', 'aws.iam.role', 'AWS::IAM::Role'],
  ['lambda', 'function:', 'aws.lambda.function', 'AWS::Lambda::Function'],
  ['rds', 'db:', 'aws.rds.instance', 'AWS::RDS::DBInstance'],
  ['cloudtrail', 'trail/', 'aws.cloudtrail.trail', 'AWS::CloudTrail::Trail'],
] as const;

const named = ({ one, place }: Member): Target | undefined => {
  const [, , type, kind] = byArn.find(([service, form]) => isArnOf(one.uid, service, form)) ?? [];
  return type && kind && typed(place, type, kind, one.uid);
};

const other = ({ one, place: { account, region } }: Member): Target => ({
  type: 'other',
  id: one.uid,
  name: one.name ?? one.uid,
  account,
  region,
  role: 'affected',
  kind: one.resourceType,
});

function targetsOf(member: Member): readonly Target[] {
  const { one } = member;
  const made = makers.get(one.resourceType)?.(member) ?? [named(member)];
  const [first, ...rest] = made.flatMap((target) => target ?? []);
  const main: Target = { ...(first ?? other(member)), role: 'affected', tags: one.tags };
  return [main, ...rest.map((target): Target => ({ ...target, role: 'related' }))];
}

/** What an attack sequence names, each in its own account and region. */
export function sequenceTargets(detail: Detail): readonly Target[] {
  const { partition, accountId, region, service } = detail;
  const all = service.detection?.sequence?.resources ?? [];
  return all.flatMap((one) => {
    const place = { partition, account: one.accountId ?? accountId, region: one.region ?? region };
    return targetsOf({ one, place, detail, all });
  });
}

/** Who acted in an attack sequence. One of another account belongs to that account. */
export const actorsOf = ({ partition, accountId, region, service }: Detail): readonly Principal[] =>
  (service.detection?.sequence?.actors ?? []).flatMap(({ user }: SequenceActor) => {
    const { account, name: userName, uid: principalId, type: userType, credentialUid: accessKeyId } = user ?? {};
    const place = { partition, account: account?.uid ?? accountId, region };
    return (user && principal(place, { userName, principalId, userType, accessKeyId })) ?? [];
  });

/** The observations that an attack sequence is made of; undefined for any other finding. */
export function signalsOf({ service }: Detail): Finding['signals'] {
  const signals = service.detection?.sequence?.signals;
  return signals?.flatMap(({ uid, type, name, severity, count, lastSeenAt }) => {
    const id = uid ?? name;
    if (id === undefined) return [];
    const counted = { severity: severity ?? undefined, count: count ?? undefined, lastSeenAt };
    return [{ id, kind: type ?? '', name: name ?? id, ...counted }];
  });
}
