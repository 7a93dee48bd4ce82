import * as z from 'zod';
import { AwsAccountId, BucketName, formatArn, parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { Text } from '../shape.ts';
import type { Detail } from './guardduty-detail.ts';
import { TagList } from './guardduty-sequence-detail.ts';
import { namedResource } from './named-resource.ts';

type Of<T extends Target['type']> = Extract<Target, { type: T }>;

/** Where a resource is unless its ARN says otherwise. */
export type Place = { readonly partition: string; readonly account: string; readonly region: string };
export const placeOf = ({ partition, accountId: account, region }: Detail): Place => ({ partition, account, region });

/** Whether text is the ARN of such a thing: `isArnOf(text, 'eks', 'cluster/')`. */
export function isArnOf(text: string | undefined, service: string, kind: string): text is string {
  const arn = parseArn(text ?? '');
  const owned = arn?.account === '' || AwsAccountId.safeParse(arn?.account).success;
  return arn?.service === service && owned && arn.resource.startsWith(kind);
}

/** A resource by its ARN or name, if it becomes a target of this type. */
export function typed<T extends Target['type']>(place: Place, type: T, kind: string, id: string): Of<T> | undefined {
  const target = namedResource({ ...place, role: 'affected', type: kind, id });
  return target.type === type ? (target as Of<T>) : undefined; // told by its type just now
}

const Images = z
  .array(z.object({ image: Text }))
  .nullish()
  .transform((containers) => (containers ?? []).flatMap(({ image }) => image ?? []));

const EksCluster = z.object({ arn: Text, name: Text, vpcId: Text, tags: TagList });
const EcsTask = z.object({ arn: Text, launchType: Text, tags: TagList, containers: Images });
const EcsCluster = z.object({ arn: Text, name: Text, tags: TagList });
const Workload = z.object({
  name: Text,
  type: Text,
  uid: Text,
  namespace: Text,
  serviceAccountName: Text,
  containers: Images,
});
const Container = z.object({ id: Text, name: Text, image: Text });
const Lambda = z.object({ functionArn: Text, functionName: Text, role: Text, tags: TagList });
const DbInstance = z.object({
  dbInstanceArn: Text,
  dbInstanceIdentifier: Text,
  dbClusterIdentifier: Text,
  engine: Text,
  tags: TagList,
});

/** A part of the finding that does not have the shape of its kind is left to be shown as it is. */
const read = <T>(schema: z.ZodType<T>, part: unknown): T | undefined => schema.safeParse(part).data;

/** An EKS cluster by its ARN, or by its name where it has none. */
export function eksCluster(place: Place, arn: string | undefined, name: string | undefined) {
  const id = arn === undefined ? name : isArnOf(arn, 'eks', 'cluster/') ? arn : undefined;
  return id === undefined ? undefined : typed(place, 'aws.eks.cluster', 'AWS::EKS::Cluster', id);
}

function eksClusterIn(detail: Detail, part: unknown): Of<'aws.eks.cluster'> | undefined {
  const { arn, name, vpcId, tags } = read(EksCluster, part) ?? {};
  const cluster = eksCluster(placeOf(detail), arn, name);
  return cluster && { ...cluster, vpcId, tags };
}

const kubernetesName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

type WorkloadParts = Pick<Of<'aws.eks.workload'>, 'uid' | 'serviceAccount' | 'images'> & {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly kind: string | undefined;
};

/** A workload in its cluster: Kubernetes has no ARNs, so its path stands below the cluster's. */
export function eksWorkload(
  { id: clusterArn, clusterName, account, region }: Of<'aws.eks.cluster'>,
  { name, namespace, kind: type, ...more }: WorkloadParts,
): Of<'aws.eks.workload'> | undefined {
  const kind = type?.toLowerCase();
  if (!name || !namespace || !kind || ![name, namespace, kind].every((one) => kubernetesName.test(one)))
    return undefined;
  return {
    type: 'aws.eks.workload',
    id: `${clusterArn}/namespaces/${namespace}/${kind}/${name}`,
    name: `${namespace}/${name}`,
    account,
    region,
    role: 'affected',
    clusterName,
    clusterArn,
    namespace,
    workload: name,
    kind,
    ...more,
  };
}

function workloadIn(detail: Detail, part: unknown): Of<'aws.eks.workload'> | undefined {
  const cluster = eksClusterIn(detail, own(detail.resource, 'eksClusterDetails'));
  const found = read(Workload, part);
  if (!cluster || !found) return undefined;
  const { name, namespace, type, uid, serviceAccountName: serviceAccount, containers: images } = found;
  return eksWorkload(cluster, { name, namespace, kind: type, uid, serviceAccount, images });
}

/** An ECS cluster by its ARN, or by its name where it has none. */
export function ecsCluster(place: Place, arn: string | undefined, name: string | undefined) {
  const id = arn === undefined ? name : isArnOf(arn, 'ecs', 'cluster/') ? arn : undefined;
  return id === undefined ? undefined : typed(place, 'aws.ecs.cluster', 'AWS::ECS::Cluster', id);
}

function ecsClusterIn(detail: Detail, part: unknown): Of<'aws.ecs.cluster'> | undefined {
  const { arn, name, tags } = read(EcsCluster, part) ?? {};
  const cluster = ecsCluster(placeOf(detail), arn, name);
  return cluster && { ...cluster, tags };
}

/** A task by its ARN. */
export function ecsTask(
  { account, region }: Place,
  arn: string | undefined,
  more: Pick<Of<'aws.ecs.task'>, 'clusterArn' | 'launchType' | 'images' | 'tags'>,
): Of<'aws.ecs.task'> | undefined {
  if (!isArnOf(arn, 'ecs', 'task/')) return undefined;
  const parts = parseArn(arn);
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  return {
    type: 'aws.ecs.task',
    id: arn,
    name,
    account: parts?.account || account,
    region: parts?.region || region,
    role: 'affected',
    taskArn: arn,
    ...more,
  };
}

function ecsTaskIn(detail: Detail, part: unknown): Of<'aws.ecs.task'> | undefined {
  const { arn, launchType, tags, containers: images = [] } = read(EcsTask, part) ?? {};
  const clusterArn = ecsClusterIn(detail, own(detail.resource, 'ecsClusterDetails'))?.id;
  return ecsTask(placeOf(detail), arn, { clusterArn, launchType, tags, images });
}

/** A container has no ARN: it is known by the id that its runtime gave it. */
function containerIn(detail: Detail, part: unknown): Of<'aws.container'> | undefined {
  const { id, name, image } = read(Container, part) ?? {};
  const { account, region } = placeOf(detail);
  const known = id ?? name;
  if (known === undefined) return undefined;
  const instanceId = detail.resource.instanceDetails?.instanceId;
  return {
    type: 'aws.container',
    id: known,
    name: name ?? known,
    account,
    region,
    role: 'affected',
    image,
    instanceId,
  };
}

function functionIn(detail: Detail, part: unknown): Of<'aws.lambda.function'> | undefined {
  const { functionArn, functionName, role, tags } = read(Lambda, part) ?? {};
  const id = functionArn === undefined || isArnOf(functionArn, 'lambda', 'function:') ? functionArn : undefined;
  const named = functionArn === undefined ? functionName : id;
  const target = named && typed(placeOf(detail), 'aws.lambda.function', 'AWS::Lambda::Function', named);
  return target ? { ...target, roleArn: role, tags } : undefined;
}

/** The login that a database finding is about. */
const dbUserOf = ({ resource }: Detail): string | undefined =>
  read(z.object({ user: Text }), own(resource, 'rdsDbUserDetails'))?.user;

function dbInstanceIn(detail: Detail, part: unknown): Of<'aws.rds.instance'> | undefined {
  const { dbInstanceArn, dbInstanceIdentifier, dbClusterIdentifier, engine, tags } = read(DbInstance, part) ?? {};
  const place = placeOf(detail);
  const made = dbInstanceIdentifier && formatArn({ ...place, service: 'rds', resource: `db:${dbInstanceIdentifier}` });
  const arn = dbInstanceArn ?? made;
  const target = isArnOf(arn, 'rds', 'db:') && typed(place, 'aws.rds.instance', 'AWS::RDS::DBInstance', arn);
  if (!target) return undefined;
  return { ...target, clusterIdentifier: dbClusterIdentifier, engine, user: dbUserOf(detail), tags };
}

/** A volume, a snapshot or an image by the ARN in one member. */
const byArn =
  <T extends Target['type']>(type: T, kind: string, member: string, form: string) =>
  (detail: Detail, part: unknown): Of<T> | undefined => {
    const arn = own(part, member);
    return typeof arn === 'string' && isArnOf(arn, 'ec2', form) ? typed(placeOf(detail), type, kind, arn) : undefined;
  };

/** What a part of each member of `resource` becomes; undefined where it does not name one for certain. */
export const typedParts: ReadonlyMap<string, (detail: Detail, part: unknown) => Target | undefined> = new Map<
  string,
  (detail: Detail, part: unknown) => Target | undefined
>([
  ['EKSCluster', eksClusterIn],
  ['KubernetesWorkload', workloadIn],
  ['ECSCluster', ecsClusterIn],
  ['ECSTask', ecsTaskIn],
  ['Container', containerIn],
  ['Lambda', functionIn],
  ['RDSDBInstance', dbInstanceIn],
  ['EBSVolume', byArn('aws.ebs.volume', 'AWS::EC2::Volume', 'volumeArn', 'volume/')],
  ['EBSSnapshot', byArn('aws.ebs.snapshot', 'AWS::EC2::Snapshot', 'snapshotArn', 'snapshot/')],
  ['EC2Image', byArn('aws.ec2.image', 'AWS::EC2::Image', 'imageArn', 'image/')],
]);

const sha256 = /^[0-9a-f]{64}$/i;

/** An object as a scan or a finding names it: the version, where the bucket keeps versions. */
export type ObjectParts = {
  readonly bucket: string;
  readonly key: string | undefined;
  readonly eTag?: string | undefined;
  readonly versionId?: string | undefined;
  readonly hash?: string | undefined;
};

/** An object in a bucket. One id for all its versions, as an ARN knows none; S3 quotes ETags, others do not. */
export function s3Object(
  { partition, account, region }: Place,
  { bucket, key, eTag, versionId, hash }: ObjectParts,
): Of<'aws.s3.object'> | undefined {
  if (!key?.isWellFormed() || !BucketName.safeParse(bucket).success) return undefined;
  return {
    type: 'aws.s3.object',
    id: `arn:${partition}:s3:::${bucket}/${key}`,
    name: key,
    account,
    region,
    role: 'affected',
    bucket,
    key,
    versionId,
    eTag: eTag?.replaceAll('"', ''),
    sha256: hash !== undefined && sha256.test(hash) ? hash : undefined,
  };
}

/** The key in the ARN of an object in this bucket. */
export function keyIn(arn: string | undefined, partition: string, bucket: string): string | undefined {
  const start = `arn:${partition}:s3:::${bucket}/`;
  return arn?.startsWith(start) && arn.length > start.length ? arn.slice(start.length) : undefined;
}
