import { type Json, type JsonObject, own } from '../../../shared/model/json.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';
import type { Case, Families } from './case.ts';

type Members = Readonly<Record<string, Json | undefined>>;
/** An event of the fixtures, and what is otherwise in it. */
type Kind = { readonly fixture: string; readonly with?: Members };

const detailOf = (fixture: string, ...path: readonly string[]): Json => {
  const found = ['detail', ...path].reduce<unknown>((at, key) => own(at, key), readEvent(`guardduty/${fixture}`));
  if (found === undefined) throw new Error(`${fixture} has no ${path.join('.')}`);
  return found as Json; // a member of JSON
};

const holderOf = (fixture: string): Json => detailOf(fixture, 'resource', 'accessKeyDetails');
/** A call on a bucket by whoever holds this. */
const bucketBy = (fixture: string): Kind => ({
  fixture: 'public-bucket',
  with: { 'detail.resource.resourceType': 'S3Bucket', 'detail.resource.accessKeyDetails': holderOf(fixture) },
});
/** On an instance that Northwind has. */
const onInstance: Members = {
  account: production,
  'detail.accountId': production,
  'detail.id': detailOf('compromised-instance', 'id'),
  'detail.arn': detailOf('compromised-instance', 'arn'),
  'detail.resource.instanceDetails': detailOf('compromised-instance', 'resource', 'instanceDetails'),
};
/** A call to a cluster by whoever holds this; `user` is who that is in Kubernetes. */
const clusterBy = (user: string, holder?: Json): Kind => ({
  fixture: 'eks-audit-log',
  with: {
    'detail.resource.kubernetesDetails.kubernetesUserDetails.username': user,
    'detail.resource.kubernetesDetails.kubernetesWorkloadDetails': detailOf(
      'eks-workload',
      'resource',
      'kubernetesDetails',
      'kubernetesWorkloadDetails',
    ),
    ...(holder !== undefined && { 'detail.resource.accessKeyDetails': holder }),
  },
});
/** Something that was scanned and does not run. */
const scanned = (resourceType: string, member: string, details: Json): Kind => ({
  fixture: 'ebs-volumes',
  with: { 'detail.resource': { resourceType, [member]: details } },
});
const arn = (service: string, rest: string): string => `arn:aws:${service}:eu-west-1:${production}:${rest}`;

/** One more resource of an attack sequence. */
const sequence = 'detail.service.detection.sequence';
const member = (resourceType: string, uid: string, data: JsonObject = {}): JsonObject => ({
  uid,
  name: uid.slice(uid.lastIndexOf('/') + 1),
  accountId: production,
  resourceType,
  region: 'eu-west-1',
  service: 'ecs',
  cloudPartition: 'aws',
  tags: [],
  data,
});
const ecsCluster = member('ECS_CLUSTER', arn('ecs', 'cluster/shop'));
const ecsTask = member('ECS_TASK', arn('ecs', 'task/shop/0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f'), {
  ecsTask: { launchType: 'FARGATE', containerUids: [] },
});
/** Of a sequence of the fixtures only what fits the kind. */
const only = (fixture: string, kinds: readonly string[]): Json => {
  const all = detailOf(fixture, 'service', 'detection', 'sequence', 'resources');
  return Array.isArray(all) ? all.filter((one: Json) => kinds.includes(String(own(one, 'resourceType')))) : [];
};

const kinds: Readonly<Record<string, Kind>> = {
  instance: { fixture: 'compromised-instance' },
  'attacked instance': { fixture: 'ssh-brute-force-target', with: onInstance },
  'probed instance': { fixture: 'port-probe', with: onInstance },
  'scanned instance': { fixture: 'ebs-volumes' },
  'access key': { fixture: 'leaked-access-key' },
  'federated session': { fixture: 'saml-session' },
  'Identity Center session': { fixture: 'sso-session' },
  'session of an instance': { fixture: 'instance-credential-exfiltration-outside' },
  'root user': { fixture: 'root-usage' },
  bucket: bucketBy('leaked-access-key'),
  'bucket, by an access key': bucketBy('leaked-access-key'),
  'bucket, by a federated session': bucketBy('saml-session'),
  'bucket, by an Identity Center session': bucketBy('sso-session'),
  object: { fixture: 's3-object' },
  pod: { fixture: 'eks-workload' },
  'cluster, by an access key': clusterBy('ci-deploy', holderOf('leaked-access-key')),
  'cluster, by a federated session': clusterBy('northwind-federated-admin', holderOf('saml-session')),
  'cluster, by anybody': clusterBy('system:anonymous'),
  'ECS task': { fixture: 'ecs-task' },
  'container on an instance': { fixture: 'container' },
  function: { fixture: 'lambda' },
  database: { fixture: 'rds-login' },
  image: scanned('EC2Image', 'ec2ImageDetails', { imageArn: arn('ec2', 'image/ami-0aa11bb22cc33d601') }),
  snapshot: scanned('EBSSnapshot', 'ebsSnapshotDetails', {
    snapshotArn: arn('ec2', 'snapshot/snap-0aa11bb22cc33d501'),
  }),
  'recovery point': scanned('RecoveryPoint', 'recoveryPointDetails', {
    recoveryPointArn: arn('backup', 'recovery-point:0a1b2c3d-0000-4000-8000-00000000f001'),
  }),
  'sequence on instances': {
    fixture: 'attack-sequence-compute',
    with: {
      [`${sequence}.resources`]: only('attack-sequence-compute', ['EC2_INSTANCE', 'IAM_INSTANCE_PROFILE']),
      [`${sequence}.actors`]: [detailOf('attack-sequence-compute', 'service', 'detection', 'sequence', 'actors', '0')],
    },
  },
  'sequence on a cluster of ECS': {
    fixture: 'attack-sequence-compute',
    with: { [`${sequence}.resources`]: [ecsCluster, ecsTask], [`${sequence}.actors`]: [] },
  },
  'sequence on a cluster of EKS': { fixture: 'attack-sequence-eks' },
  'sequence with credentials': {
    fixture: 'attack-sequence-credentials',
    with: { [`${sequence}.resources`]: only('attack-sequence-credentials', ['ACCESS_KEY']) },
  },
  'sequence on data': { fixture: 'attack-sequence-credentials' },
};

const holders = ['access key', 'federated session', 'Identity Center session'];
const bucketCallers = holders.map((holder) => `bucket, by an ${holder}`.replace('an f', 'a f'));
const clusterCallers = ['cluster, by a federated session', 'cluster, by an access key'];

/** What types are about (docs.aws.amazon.com/guardduty, "GuardDuty finding types"). */
export const guardDutyFamilies: Families = [
  [/^AttackSequence:EC2\//, ['sequence on instances']],
  [/^AttackSequence:ECS\//, ['sequence on a cluster of ECS']],
  [/^AttackSequence:EKS\//, ['sequence on a cluster of EKS']],
  [/^AttackSequence:IAM\//, ['sequence with credentials']],
  [/^AttackSequence:S3\//, ['sequence on data']],
  [/File!AMI$/, ['image']],
  [/File!Snapshot$/, ['snapshot']],
  [/File!RecoveryPoint$/, ['recovery point']],
  [/:EC2\/(Malicious|Suspicious)File$/, ['scanned instance']],
  [/:Container\//, ['container on an instance']],
  [/:ECS\//, ['ECS task']],
  [/:Kubernetes\/(Malicious|Suspicious)File$/, ['pod']],
  [/:Kubernetes\/SuccessfulAnonymousAccess$|^Policy:Kubernetes\//, ['cluster, by anybody']],
  [/:Kubernetes\//, clusterCallers],
  [/:Runtime\//, ['instance', 'pod', 'ECS task']],
  [/:EC2\/(PortProbe|Port.*Probe)/, ['probed instance']],
  [/:EC2\/(SSH|RDP)BruteForce$/, ['attacked instance', 'instance']],
  [/:EC2\//, ['instance']],
  [/:Lambda\//, ['function']],
  [/:RDS\//, ['database']],
  [/^Object:S3\//, ['object']],
  [/^(Policy|Stealth|DefenseImpairment):S3\//, ['bucket']],
  [/:S3\//, bucketCallers],
  [/RootCredentialUsage$/, ['root user']],
  [/:IAMUser\/InstanceCredentialExfiltration/, ['session of an instance']],
  [/:IAMUser\//, holders],
  // Custom detection rules: a call, whoever made it.
  [/:(IAM|Organizations|Route53Resolver|SageMaker|SES|RolesAnywhere)\//, ['access key', 'federated session']],
];

/** GuardDuty's bands (docs.aws.amazon.com/guardduty, "Severity levels"). */
const numbers: Readonly<Record<string, number>> = { Low: 2, Medium: 5, High: 8, Critical: 9.5 };

/** Types of the runtime agent whose resource calls somebody outside: the others are about what runs on it. */
const calling = /^(Backdoor|CryptoCurrency|Trojan|UnauthorizedAccess):|DomainRequest/;

const runtime = (type: string): Members =>
  /:Runtime\//.test(type)
    ? {
        'detail.service.featureName': 'RuntimeMonitoring',
        'detail.service.resourceRole': calling.test(type) ? 'ACTOR' : 'TARGET',
      }
    : {};

/** A finding as GuardDuty puts it on EventBridge. */
export function guardDutyEvent({ type, severity, about }: Case): JsonObject {
  const kind = kinds[about];
  if (!kind) throw new Error(`${type}: nothing is called ${about}`);
  return withMembers(readEvent(`guardduty/${kind.fixture}`), {
    'detail.type': type,
    'detail.severity': numbers[severity] ?? 5,
    ...runtime(type),
    ...kind.with,
  });
}
