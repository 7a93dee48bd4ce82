import * as z from 'zod';

/** Tags are readable by attackers' hands too: they may make a decision stricter, never laxer. */
export const Tags = z.record(z.string(), z.string());

const common = {
  /** ARN, ARM id or plain id, spelt as it arrived; compare with `comparable`. */
  id: z.string().min(1),
  name: z.string(),
  /** AWS account id or Azure subscription id; for Entra the tenant id. */
  account: z.string().min(1),
  /** Empty where the service is global. */
  region: z.string(),
  /** `affected`: what the finding is about. `actor`: who did it. `related`: named beside them. */
  role: z.enum(['affected', 'actor', 'related']),
  tags: Tags.optional(),
};

const target = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), ...common, ...shape });

export const Interface = z.object({
  networkInterfaceId: z.string().optional(),
  subnetId: z.string().optional(),
  vpcId: z.string().optional(),
  privateIp: z.string().optional(),
  publicIp: z.string().optional(),
  securityGroups: z.array(z.string()),
});

export const Instance = target('aws.ec2.instance', {
  instanceId: z.string(),
  imageId: z.string().optional(),
  instanceProfileArn: z.string().optional(),
  interfaces: z.array(Interface),
});
export const UserKey = target('aws.iam.access-key', {
  /** Absent where the finding names the key alone; inspection finds out whose it is. */
  userName: z.string().optional(),
  accessKeyId: z.string(),
});
export const User = target('aws.iam.user', {
  userName: z.string(),
  accessKeyId: z.string().optional(),
  /** The policy by which a call made an administrator of it: an ARN, or the name of an inline one. */
  administrator: z.string().optional(),
});
/** How a role session came to be, as far as the finding tells; `assumed` where only the role's trust policy can. */
export const sessionKinds = ['instance', 'lambda', 'sso', 'saml', 'oidc', 'assumed'] as const;
export const RoleSession = target('aws.iam.role-session', {
  principalId: z.string(),
  sessionName: z.string(),
  accessKeyId: z.string().optional(),
  kind: z.enum(sessionKinds),
  roleName: z.string(),
  instanceId: z.string().optional(),
  permissionSet: z.string().optional(),
});
export const Bucket = target('aws.s3.bucket', { bucket: z.string() });
/** Inbound ports that one rule opens: from `port` to `toPort`, of every protocol where `all`. */
const Opening = z.object({
  protocol: z.enum(['tcp', 'udp', 'all']),
  port: z.int().min(0).max(65_535),
  toPort: z.int().min(0).max(65_535),
  cidr: z.string(),
});
export const SecurityGroup = target('aws.ec2.security-group', {
  groupId: z.string(),
  /** What a call opened to everybody, but for TCP ports 80 and 443 alone. */
  openings: z.array(Opening).optional(),
});
export const Role = target('aws.iam.role', {
  roleName: z.string(),
  /** The policy by which a call made an administrator of it: an ARN, or the name of an inline one. */
  administrator: z.string().optional(),
  /** Whom a call lets in from outside the account: `*`, or principals of other accounts as the trust policy writes them. */
  letsIn: z.array(z.string()).optional(),
});
export const S3Object = target('aws.s3.object', {
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().optional(),
  eTag: z.string().optional(),
  sha256: z.string().optional(),
});
export const LambdaFunction = target('aws.lambda.function', {
  functionName: z.string(),
  roleArn: z.string().optional(),
  /** The statement that a call put into a policy, and the alias or version whose policy that is: empty for the function's own. */
  statementId: z.string().optional(),
  qualifier: z.string().optional(),
  /** Whom a call lets in: everybody, another account, or whoever knows its URL. */
  letsIn: z.enum(['everybody', 'account', 'url']).optional(),
});
export const DbInstance = target('aws.rds.instance', {
  instanceIdentifier: z.string(),
  clusterIdentifier: z.string().optional(),
  engine: z.string().optional(),
  /** Of the login that is meant, where the finding names one. */
  user: z.string().optional(),
});
/** A manual snapshot of a DB instance, or of a cluster. */
export const DbSnapshot = target('aws.rds.snapshot', {
  snapshotIdentifier: z.string(),
  ofCluster: z.boolean(),
  /** Whom a call shared it with: account ids, and `all`. */
  sharedWith: z.array(z.string()).optional(),
});
export const EksCluster = target('aws.eks.cluster', { clusterName: z.string(), vpcId: z.string().optional() });
/** A pod, or what makes pods, in an EKS cluster. */
export const EksWorkload = target('aws.eks.workload', {
  clusterName: z.string(),
  clusterArn: z.string().optional(),
  namespace: z.string(),
  workload: z.string(),
  /** As Kubernetes calls it, in lower case: pods, deployments, daemonsets. */
  kind: z.string(),
  uid: z.string().optional(),
  serviceAccount: z.string().optional(),
  images: z.array(z.string()),
});
export const EcsCluster = target('aws.ecs.cluster', { clusterName: z.string() });
export const EcsTask = target('aws.ecs.task', {
  taskArn: z.string(),
  clusterArn: z.string().optional(),
  launchType: z.string().optional(),
  images: z.array(z.string()),
});
export const Container = target('aws.container', {
  image: z.string().optional(),
  /** Of the host that it runs on. */
  instanceId: z.string().optional(),
});
export const Volume = target('aws.ebs.volume', { volumeId: z.string() });
export const Snapshot = target('aws.ebs.snapshot', {
  snapshotId: z.string(),
  /** With whom a call has just shared it: `all`, or accounts. */
  sharedWith: z.array(z.string()).optional(),
});
export const Image = target('aws.ec2.image', {
  imageId: z.string(),
  /** With whom a call has just shared it: `all`, accounts, or ARNs of organisations. */
  sharedWith: z.array(z.string()).optional(),
});
/** What a call took from a trail: all of it, the logging, or a part of what is logged. */
export const TrailLoss = z.enum([
  'trail',
  'logging',
  'management-events',
  'other-regions',
  'global-services',
  'validation',
]);
export type TrailLoss = z.infer<typeof TrailLoss>;
export const Trail = target('aws.cloudtrail.trail', { trailName: z.string(), lost: z.array(TrailLoss).optional() });
/** What a call took from a GuardDuty detector. */
export const DetectorLoss = z.enum(['detector', 'monitoring', 'features']);
export type DetectorLoss = z.infer<typeof DetectorLoss>;
export const Detector = target('aws.guardduty.detector', {
  detectorId: z.string(),
  lost: z.array(DetectorLoss).optional(),
  /** Protections that the call switched off, as GuardDuty names them: S3_DATA_EVENTS. */
  features: z.array(z.string()),
});
/** What a call took from the recorder of AWS Config. */
export const RecorderLoss = z.enum(['recorder', 'recording']);
export type RecorderLoss = z.infer<typeof RecorderLoss>;
export const Recorder = target('aws.config.recorder', {
  recorderName: z.string(),
  lost: z.array(RecorderLoss).optional(),
});
/** The account as a whole: its root user, its bill, its settings. `id` is `arn:…:iam::account:root`. */
export const Account = target('aws.account', {});

export const VirtualMachine = target('azure.compute.virtual-machine', { resourceGroup: z.string() });
export const StorageAccount = target('azure.storage.account', {
  resourceGroup: z.string(),
  /** The event itself says that this very change lets strangers in. */
  opened: z.boolean().optional(),
  /** By what whoever reached the data was let in, where the finding says so; `sas` is a signature of any kind. */
  letInBy: z.enum(['nothing', 'key', 'sas', 'identity']).optional(),
});
export const Blob = target('azure.storage.blob', {
  url: z.url(),
  storageAccount: z.string(),
  container: z.string(),
  blob: z.string(),
  eTag: z.string().optional(),
  sha256: z.string().optional(),
});
export const EntraUser = target('azure.entra.user', {
  userId: z.string().optional(),
  userPrincipalName: z.string().optional(),
});
export const NetworkSecurityGroup = target('azure.network.security-group', {
  resourceGroup: z.string(),
  /** The one rule of the group that the finding is about. */
  rule: z.string().optional(),
});
export const ServicePrincipal = target('azure.entra.service-principal', {
  /** Object id of the service principal. */
  servicePrincipalId: z.string().optional(),
  /** Application (client) id. */
  appId: z.string().optional(),
  /** Object id of its application, where the finding is about that. */
  applicationId: z.string().optional(),
  /** Ids of the secrets and certificates that a call added. */
  addedKeys: z.array(z.string()).optional(),
});
export const Subscription = target('azure.subscription', {});
/** A database server; `rule` is the one firewall rule that the finding is about. */
const database = { resourceGroup: z.string(), rule: z.string().optional() };
export const SqlServer = target('azure.sql.server', database);
export const PostgresServer = target('azure.postgres.server', database);
export const MysqlServer = target('azure.mysql.server', database);
export const AksCluster = target('azure.aks.cluster', { resourceGroup: z.string() });
/** A pod, or what makes pods, in an AKS cluster; `id` is the cluster's, then `/namespaces/…/kind/name`. */
export const AksWorkload = target('azure.aks.workload', {
  clusterId: z.string(),
  namespace: z.string(),
  workload: z.string(),
  kind: z.string(),
});
/** A web app or a function app. */
export const WebSite = target('azure.web.site', { resourceGroup: z.string() });
export const KeyVault = target('azure.key-vault.vault', { resourceGroup: z.string() });
export const RoleAssignment = target('azure.role-assignment', {
  scope: z.string(),
  /** What the scope is. */
  level: z.enum(['tenant', 'management-group', 'subscription', 'resource-group', 'resource']).optional(),
  principalId: z.string().optional(),
});

/** A plan of Defender for Cloud on a scope; `id` ends in `/providers/Microsoft.Security/pricings/name`. */
export const DefenderPlan = target('azure.defender.plan', { scope: z.string() });
/** Where the logs of a resource or subscription are sent; `id` ends in `/providers/Microsoft.Insights/diagnosticSettings/name`. */
export const DiagnosticSetting = target('azure.monitor.diagnostic-setting', { scope: z.string() });

export const Address = target('network.address', { address: z.string(), direction: z.enum(['inbound', 'outbound']) });
/** A resource of a kind that has no name here: kept, so that a person sees it. `kind` is what its provider calls it. */
export const Other = target('other', { kind: z.string() });

/** One resource of a finding. */
export const Target = z.discriminatedUnion('type', [
  Instance,
  UserKey,
  User,
  RoleSession,
  Role,
  Bucket,
  S3Object,
  SecurityGroup,
  LambdaFunction,
  DbInstance,
  DbSnapshot,
  EksCluster,
  EksWorkload,
  EcsCluster,
  EcsTask,
  Container,
  Volume,
  Snapshot,
  Image,
  Trail,
  Detector,
  Recorder,
  Account,
  VirtualMachine,
  StorageAccount,
  Blob,
  EntraUser,
  ServicePrincipal,
  NetworkSecurityGroup,
  Subscription,
  SqlServer,
  PostgresServer,
  MysqlServer,
  AksCluster,
  AksWorkload,
  WebSite,
  KeyVault,
  RoleAssignment,
  DefenderPlan,
  DiagnosticSetting,
  Address,
  Other,
]);
export type Target = z.infer<typeof Target>;
export type TargetType = Target['type'];
export type Instance = z.infer<typeof Instance>;
export type RoleSession = z.infer<typeof RoleSession>;
export type Interface = z.infer<typeof Interface>;
