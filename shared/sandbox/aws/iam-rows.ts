import { table } from '../rows.ts';

/** Policies of a user, role or group: managed ones by ARN, inline ones by name, as JSON text. */
type Policies = { readonly attached: readonly string[]; readonly inline: Readonly<Record<string, string>> };

export type UserRow = Policies & {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly userId: string;
  readonly arn: string;
  readonly groups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly boundary?: string;
};
export type KeyRow = {
  readonly account: string;
  readonly userName: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAt: string;
};
export type RoleRow = Policies & {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly roleId: string;
  readonly arn: string;
  /** Trust policy, as JSON text. */
  readonly trust: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly boundary?: string;
};
export type SessionRow = {
  readonly account: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** Session policies, as JSON text. */
  readonly policies: readonly string[];
  readonly context: Readonly<Record<string, string>>;
};
export type PolicyRow = { readonly arn: string; readonly name: string; readonly document: string };
/** Managed policies that a user may have attached (docs.aws.amazon.com/IAM, "IAM and AWS STS quotas"). */
export const policiesPerUser = 10;
export type GroupRow = Policies & { readonly account: string; readonly name: string; readonly arn: string };

/** Keyed by `account/name`. */
export const users = table<UserRow>('aws.iam.users');
export const roles = table<RoleRow>('aws.iam.roles');
export const groups = table<GroupRow>('aws.iam.groups');
/** Keyed by access key id. */
export const accessKeys = table<KeyRow>('aws.iam.access-keys');
export const sessions = table<SessionRow>('aws.sts.sessions');
/** Managed policies, keyed by ARN. */
export const managedPolicies = table<PolicyRow>('aws.iam.policies');
/** Service control policies of an account, keyed by account id. */
export const serviceControls = table<{ readonly documents: readonly string[] }>('aws.organizations.policies');
/** Resource policies, keyed by the resource's ARN; JSON text. */
export const resourcePolicies = table<{ readonly account: string; readonly document: string }>('aws.policy.resources');
