import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreateLoginProfileCommand,
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
import { loginProfiles } from '../../../shared/sandbox/aws/iam-login-profiles.ts';
import { idOn, rowsOf, type Seeding, tagList } from './seeding.ts';

const inlineOf = ({ inline }: UserRow | RoleRow) => Object.entries(inline);

/** Those that the estate has a document of. */
const attachedOf = ({ rows }: Pick<Seeding, 'rows'>, { attached }: UserRow | RoleRow) =>
  attached.filter((arn) => rows.get(managedPolicies, arn) !== undefined);

/** AWS's own policies take moto seconds for every life: one of the account stands for each that somebody has. */
async function seedPolicies(to: Seeding): Promise<void> {
  const iam = to.client(IAMClient);
  const given = new Set(
    [users, roles].flatMap((table) => rowsOf<UserRow | RoleRow>(to, table)).flatMap(({ attached }) => attached),
  );
  for (const [arn, { name, document }] of to.rows.all(managedPolicies)) {
    const owner = arn.split(':')[4];
    if (owner !== to.account && !(owner === 'aws' && given.has(arn))) continue;
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }));
    if (Policy?.Arn !== undefined && Policy.Arn !== arn) to.ids.set(arn, Policy.Arn);
  }
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

async function seedUser(to: Seeding, user: UserRow): Promise<void> {
  const iam = to.client(IAMClient);
  const { name: UserName, path: Path, boundary: PermissionsBoundary, groups: memberOf, tags } = user;
  const bounded = PermissionsBoundary === undefined ? {} : { PermissionsBoundary };
  const { User } = await iam.send(new CreateUserCommand({ UserName, Path, Tags: tagList(tags), ...bounded }));
  to.ids.set(user.userId, User?.UserId ?? '');
  for (const arn of attachedOf(to, user))
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: idOn(to, arn) }));
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

async function seedRole(to: Seeding, role: RoleRow): Promise<void> {
  const iam = to.client(IAMClient);
  const { name: RoleName, path: Path, trust: AssumeRolePolicyDocument, boundary: PermissionsBoundary, tags } = role;
  const bounded = PermissionsBoundary === undefined ? {} : { PermissionsBoundary };
  const made = { RoleName, Path, AssumeRolePolicyDocument, Tags: tagList(tags), ...bounded };
  const { Role } = await iam.send(new CreateRoleCommand(made));
  to.ids.set(role.roleId, Role?.RoleId ?? '');
  for (const arn of attachedOf(to, role))
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: idOn(to, arn) }));
  for (const [PolicyName, PolicyDocument] of inlineOf(role))
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

async function seedLogins(to: Seeding): Promise<void> {
  for (const { userName: UserName, password: Password } of rowsOf(to, loginProfiles))
    await to.client(IAMClient).send(new CreateLoginProfileCommand({ UserName, Password }));
}

/** Policies, groups, users with their keys and passwords, and roles. Sessions of roles are not put on moto: no action reads them. */
export async function seedIam(to: Seeding): Promise<void> {
  await seedPolicies(to);
  await seedGroups(to);
  for (const user of rowsOf(to, users)) await seedUser(to, user);
  await seedKeys(to);
  await seedLogins(to);
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
