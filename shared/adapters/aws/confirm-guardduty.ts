import { type Finding as Known, GetFindingsCommand, GuardDutyClient, type Sequence } from '@aws-sdk/client-guardduty';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { CordonError } from '../../model/error.ts';
import { parseArn } from '../../model/identifiers.ts';
import type { Finding } from '../../model/finding.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';

type Name = string | undefined;
type Details = NonNullable<Known['Resource']>;

const objectName = (bucket: Name, key: Name): Name => bucket && key && `${bucket}/${key}`;
const workloadName = (cluster: Name, namespace: Name, kind: Name, name: Name): Name =>
  cluster && namespace && kind && name && `${cluster}/${namespace}/${kind.toLowerCase()}/${name}`;
/** The last part of an ARN, which names it; the whole of what is none. */
const lastOf = (arn: Name): Name => arn?.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);

/** What runs somewhere: clusters with their workloads and tasks, containers, functions. */
function runningIn({ EksClusterDetails: eks, EcsClusterDetails: ecs, ...more }: Details): readonly Name[] {
  const workload = more.KubernetesDetails?.KubernetesWorkloadDetails;
  const { ContainerDetails: container, LambdaDetails: lambda } = more;
  const user = more.KubernetesDetails?.KubernetesUserDetails;
  return [
    ...[eks?.Name, lastOf(eks?.Arn), ecs?.Name, lastOf(ecs?.Arn), ecs?.TaskDetails?.Arn],
    workloadName(eks?.Name ?? lastOf(eks?.Arn), workload?.Namespace, workload?.Type, workload?.Name),
    ...[container?.Id, container?.Name, lambda?.FunctionName, lambda?.FunctionArn, lambda?.Role, lastOf(lambda?.Role)],
    ...[user?.Username, user?.Uid, ...(user?.SessionName ?? [])],
  ];
}

/** What keeps data: buckets with their objects, databases, disks and what is made of them. */
function keepingIn({ S3BucketDetails = [], RdsDbInstanceDetails: db, EbsVolumeDetails: ebs, ...more }: Details) {
  const volumes = [...(ebs?.ScannedVolumeDetails ?? []), ...(ebs?.SkippedVolumeDetails ?? [])];
  const inBuckets = S3BucketDetails.flatMap(({ Name: bucket, S3ObjectDetails: objects = [] }) => [
    bucket,
    ...objects.flatMap(({ Key, ObjectArn, ETag, VersionId }) => [
      objectName(bucket, Key),
      ObjectArn?.split(':').slice(5).join(':'),
      ETag?.replaceAll('"', ''),
      VersionId,
    ]),
  ]);
  return [
    ...inBuckets,
    ...[db?.DbInstanceIdentifier, lastOf(db?.DbInstanceArn), more.RdsDbUserDetails?.User],
    ...volumes.map(({ VolumeArn }) => lastOf(VolumeArn)),
    ...[lastOf(more.EbsSnapshotDetails?.SnapshotArn), lastOf(more.Ec2ImageDetails?.ImageArn)],
  ];
}

/** What an attack sequence gathers, and who did it. */
function gatheredIn({ Actors = [], Resources = [] }: Partial<Sequence>): readonly Name[] {
  const clusters = Resources.filter(({ ResourceType }) => ResourceType === 'EKS_CLUSTER');
  const resources = Resources.flatMap(({ Uid, Name, Data }) => {
    const { AccessKey: key, S3Object: object, KubernetesWorkload: workload } = Data ?? {};
    const inCluster = clusters.map((one) =>
      workloadName(lastOf(one.Uid), workload?.Namespace, workload?.KubernetesResourcesTypes, Name),
    );
    return [
      ...[Uid, lastOf(Uid), Uid?.split(':').slice(5).join(':'), Name, ...inCluster],
      ...[key?.PrincipalId, key?.PrincipalId?.split(':')[1], key?.UserName],
      ...[
        object?.ETag?.replaceAll('"', ''),
        object?.VersionId,
        objectName(/:::([^/]+)/.exec(Uid ?? '')?.[1], object?.Key),
      ],
    ];
  });
  const actors = Actors.flatMap(({ User }) => [User?.Name, User?.Uid, User?.Uid?.split(':')[1], User?.CredentialUid]);
  return [...resources, ...actors];
}

/** What GuardDuty names as affected or acting, in its own words. */
function namesIn({ Resource = {}, Service }: Known): ReadonlySet<Name> {
  const { AccessKeyDetails: key, InstanceDetails: instance } = Resource;
  const called = Service?.Action?.AwsApiCallAction?.AffectedResources ?? {};
  return new Set([
    key?.AccessKeyId,
    key?.PrincipalId,
    key?.UserName,
    // The name of a session, which is the instance's where nothing else names it.
    key?.PrincipalId?.split(':')[1],
    instance?.InstanceId,
    ...runningIn(Resource),
    ...keepingIn(Resource),
    ...gatheredIn(Service?.Detection?.Sequence ?? {}),
    ...Object.values(called).map(lastOf),
  ]);
}

/** What an action could be aimed at through a target, by type; a type that is not here has nothing that GuardDuty keeps. */
const aims: { readonly [T in Target['type']]?: (target: Extract<Target, { type: T }>) => readonly Name[] } = {
  'aws.iam.access-key': ({ userName, accessKeyId }) => [userName, accessKeyId],
  'aws.iam.user': ({ userName, accessKeyId }) => [userName, accessKeyId],
  'aws.iam.role-session': (one) => [one.roleName, one.principalId, one.sessionName, one.accessKeyId, one.instanceId],
  'aws.iam.role': ({ roleName }) => [roleName],
  'aws.ec2.instance': ({ instanceId }) => [instanceId],
  'aws.ec2.image': ({ imageId }) => [imageId],
  'aws.ebs.volume': ({ volumeId }) => [volumeId],
  'aws.ebs.snapshot': ({ snapshotId }) => [snapshotId],
  'aws.s3.bucket': ({ bucket }) => [bucket],
  'aws.s3.object': ({ bucket, key, eTag, versionId }) => [objectName(bucket, key), eTag, versionId],
  'aws.rds.instance': ({ instanceIdentifier, user }) => [instanceIdentifier, user],
  'aws.lambda.function': ({ functionName, roleArn }) => [functionName, roleArn],
  'aws.eks.cluster': ({ clusterName }) => [clusterName],
  'aws.eks.workload': (one) => [workloadName(one.clusterName, one.namespace, one.kind, one.workload)],
  'aws.ecs.cluster': ({ clusterName }) => [clusterName],
  'aws.ecs.task': ({ taskArn }) => [taskArn],
  'aws.container': ({ id, instanceId }) => [id, instanceId],
  'aws.cloudtrail.trail': ({ trailName }) => [trailName],
};

function namesOf(target: Target): readonly Name[] {
  const names = aims[target.type] as ((target: Target) => readonly Name[]) | undefined; // each takes the type it stands under
  return names?.(target) ?? [];
}

const namesOfActor = ({ actor }: Finding): readonly Name[] => [
  actor?.userName,
  actor?.accessKeyId,
  actor?.principalId,
  actor?.sessionName,
  actor?.role?.name,
  actor?.instanceId,
];

/** Where GuardDuty says that something is: its own region, and those of the ARNs it names. */
function regionsIn({ Region, Resource = {}, Service }: Known): ReadonlySet<Name> {
  const { EbsVolumeDetails: ebs, EcsClusterDetails: ecs } = Resource;
  const sequence = Service?.Detection?.Sequence?.Resources ?? [];
  const arns = [
    ...[Resource.EksClusterDetails?.Arn, ecs?.Arn, ecs?.TaskDetails?.Arn, Resource.LambdaDetails?.FunctionArn],
    ...[Resource.RdsDbInstanceDetails?.DbInstanceArn, Resource.Ec2ImageDetails?.ImageArn],
    Resource.EbsSnapshotDetails?.SnapshotArn,
    ...[...(ebs?.ScannedVolumeDetails ?? []), ...(ebs?.SkippedVolumeDetails ?? [])].map(({ VolumeArn }) => VolumeArn),
    ...Object.values(Service?.Action?.AwsApiCallAction?.AffectedResources ?? {}),
    ...sequence.map(({ Uid }) => Uid),
  ];
  const named = arns.map((arn) => parseArn(arn ?? '')?.region);
  return new Set(['', Region, ...named, ...sequence.map((one) => one.Region)]);
}

/** Whether it is the same finding about the same resources and principals: an event could be forged to aim at others. */
function isSame(known: Known, finding: Finding): boolean {
  const named = finding.resources.flatMap(namesOf);
  const [names, regions] = [namesIn(known), regionsIn(known)];
  return (
    known.Id === finding.link.findingId &&
    known.Type === finding.type &&
    known.AccountId === finding.account &&
    known.Region === finding.region &&
    finding.resources.every(({ region }) => regions.has(region)) &&
    [...named, ...namesOfActor(finding)].every((name) => name === undefined || names.has(name))
  );
}

/** The account and region of the detector, which may be an administrator's; undefined where Cordon has no way into it. */
async function detectorSession(
  session: AwsSession,
  { account, region, link }: Finding,
): Promise<AwsSession | undefined> {
  const { detectorAccount = account, detectorRegion = region } = link;
  try {
    return await session.elsewhere({ account: detectorAccount, region: detectorRegion });
  } catch (thrown) {
    if (thrown instanceof CordonError && thrown.code === 'account-unknown') return undefined;
    throw thrown;
  }
}

/** Reads a finding again where GuardDuty keeps it (docs.aws.amazon.com/guardduty/latest/APIReference, GetFindings). */
export async function confirmGuardDuty(session: AwsSession, finding: Finding): Promise<Confirmation> {
  const { detectorId: DetectorId, findingId } = finding.link;
  if (DetectorId === undefined || findingId === undefined) return 'unknown';
  const home = await detectorSession(session, finding);
  const command = new GetFindingsCommand({ DetectorId, FindingIds: [findingId] });
  // BadRequest: there is no such detector in that account and region.
  const answer = home && (await unlessAbsent(['BadRequest'], () => home.client(GuardDutyClient).send(command)));
  const [known] = answer?.Findings ?? [];
  if (!known) return 'unknown';
  return isSame(known, finding) ? 'same' : 'different';
}
