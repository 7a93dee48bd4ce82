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
export const UserKey = target('aws.iam.access-key', { userName: z.string(), accessKeyId: z.string() });
export const User = target('aws.iam.user', { userName: z.string(), accessKeyId: z.string().optional() });
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
export const SecurityGroup = target('aws.ec2.security-group', { groupId: z.string() });

export const VirtualMachine = target('azure.compute.virtual-machine', { resourceGroup: z.string() });
export const StorageAccount = target('azure.storage.account', { resourceGroup: z.string() });
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
export const NetworkSecurityGroup = target('azure.network.security-group', { resourceGroup: z.string() });

export const Address = target('network.address', { address: z.string(), direction: z.enum(['inbound', 'outbound']) });
/** A resource that no playbook can act on yet: kept, so that a person sees it. */
export const Other = target('other', { kind: z.string() });

/** One resource of a finding. */
export const Target = z.discriminatedUnion('type', [
  Instance,
  UserKey,
  User,
  RoleSession,
  Bucket,
  SecurityGroup,
  VirtualMachine,
  StorageAccount,
  Blob,
  EntraUser,
  NetworkSecurityGroup,
  Address,
  Other,
]);
export type Target = z.infer<typeof Target>;
export type TargetType = Target['type'];
export type Instance = z.infer<typeof Instance>;
export type RoleSession = z.infer<typeof RoleSession>;
export type Interface = z.infer<typeof Interface>;

/** Who did it. Kept apart from what it was done to, even where both are the same principal. */
export const Actor = z.object({
  type: z.enum([
    'iam-user',
    'role-session',
    'federated-user',
    'root',
    'aws-account',
    'aws-service',
    'entra-user',
    'other',
  ]),
  account: z.string().optional(),
  userName: z.string().optional(),
  accessKeyId: z.string().optional(),
  principalId: z.string().optional(),
  sessionName: z.string().optional(),
  sessionKind: z.enum(sessionKinds).optional(),
  role: z.object({ name: z.string(), arn: z.string() }).optional(),
  permissionSet: z.string().optional(),
  instanceId: z.string().optional(),
  userId: z.string().optional(),
  userPrincipalName: z.string().optional(),
  addresses: z.array(z.string()),
});
export type Actor = z.infer<typeof Actor>;
