import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import {
  accessKeys,
  groups,
  managedPolicies,
  type RoleRow,
  roles,
  type UserRow,
  users,
} from '../../../shared/sandbox/aws/iam-rows.ts';
import { rowsOf, type Seeding, tagList } from './seeding.ts';

const inlineOf = ({ inline }: UserRow | RoleRow) => Object.entries(inline);

/** Policies of the account itself: reading AWS's own ones takes moto seconds for every life. */
const attachedOf = ({ attached, account }: UserRow | RoleRow) =>
  attached.filter((arn) => arn.split(':')[4] === account);

async function seedPolicies({ rows, account, client }: Seeding): Promise<void> {
  const iam = client(IAMClient);
  for (const [arn, { name, document }] of rows.all(managedPolicies))
    if (arn.split(':')[4] === account)
      await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }));
}

async function seedGroups(to: Seeding): Promise<void> {
  const iam = to.client(IAMClient);
  for (const { name: GroupName, attached, inline } of rowsOf(to, groups)) {
    await iam.send(new CreateGroupCommand({ GroupName }));
    for (const PolicyArn of attached) await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));
    for (const [PolicyName, PolicyDocument] of Object.entries(inline))
      await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument }));
  }
}

async function seedUser({ client, ids }: Seeding, user: UserRow): Promise<void> {
  const iam = client(IAMClient);
  const { name: UserName, path: Path, boundary: PermissionsBoundary, groups: memberOf, tags } = user;
  const bounded = PermissionsBoundary === undefined ? {} : { PermissionsBoundary };
  const { User } = await iam.send(new CreateUserCommand({ UserName, Path, Tags: tagList(tags), ...bounded }));
  ids.set(user.userId, User?.UserId ?? '');
  for (const PolicyArn of attachedOf(user)) await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  for (const GroupName of memberOf) await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
  for (const [PolicyName, PolicyDocument] of inlineOf(user))
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
}

async function seedKeys(to: Seeding): Promise<void> {
  const iam = to.client(IAMClient);
  for (const { userName: UserName, accessKeyId, status: Status } of rowsOf(to, accessKeys)) {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId = '' } = AccessKey ?? {};
    to.ids.set(accessKeyId, AccessKeyId);
    if (Status !== 'Active') await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
  }
}

async function seedRole({ client, ids }: Seeding, role: RoleRow): Promise<void> {
  const iam = client(IAMClient);
  const { name: RoleName, path: Path, trust: AssumeRolePolicyDocument, boundary: PermissionsBoundary, tags } = role;
  const bounded = PermissionsBoundary === undefined ? {} : { PermissionsBoundary };
  const made = { RoleName, Path, AssumeRolePolicyDocument, Tags: tagList(tags), ...bounded };
  const { Role } = await iam.send(new CreateRoleCommand(made));
  ids.set(role.roleId, Role?.RoleId ?? '');
  for (const PolicyArn of attachedOf(role)) await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  for (const [PolicyName, PolicyDocument] of inlineOf(role))
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

/** Policies, groups, users with their keys, and roles. Sessions of roles are not put on moto: no action reads them. */
export async function seedIam(to: Seeding): Promise<void> {
  await seedPolicies(to);
  await seedGroups(to);
  for (const user of rowsOf(to, users)) await seedUser(to, user);
  await seedKeys(to);
  for (const role of rowsOf(to, roles)) await seedRole(to, role);
}

/** An instance profile with the role of the same name, where there is one. */
export async function seedProfile(to: Seeding, arn: string): Promise<string> {
  const iam = to.client(IAMClient);
  const InstanceProfileName = arn.slice(arn.lastIndexOf('/') + 1);
  const { InstanceProfile } = await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  if (to.rows.get(roles, `${to.account}/${InstanceProfileName}`))
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: InstanceProfileName }));
  return InstanceProfile?.InstanceProfileId ?? '';
}
