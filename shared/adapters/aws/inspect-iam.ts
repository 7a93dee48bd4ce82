import {
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  paginateListEntitiesForPolicy,
  type Tag,
} from '@aws-sdk/client-iam';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { IamName } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { parsePolicy } from '../../policy/document.ts';

const tagsOf = (tags: readonly Tag[] = []): JsonObject =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
const absent = ['NoSuchEntity'];

/**
 * Whether a user or role is the only one left that has AWS's AdministratorAccess, which is also what a permission set with
 * it gives its role. Policies of the account's own that allow as much are not counted, nor are members of groups apart.
 */
async function isLastAdministrator(session: AwsSession, { user, role }: { user?: string; role?: string }) {
  const PolicyArn = `arn:${session.partition}:iam::aws:policy/AdministratorAccess`;
  const pages = await Array.fromAsync(
    paginateListEntitiesForPolicy({ client: session.client(IAMClient) }, { PolicyArn }),
  );
  const groups = pages.flatMap(({ PolicyGroups = [] }) => PolicyGroups);
  const users = pages.flatMap(({ PolicyUsers = [] }) => PolicyUsers);
  const roles = pages.flatMap(({ PolicyRoles = [] }) => PolicyRoles);
  const itself =
    users.some(({ UserName }) => UserName !== undefined && UserName === user) ||
    roles.some(({ RoleName }) => RoleName !== undefined && RoleName === role);
  return itself && groups.length + users.length + roles.length === 1;
}

/** Whose a key is, where nothing but the key is known. The root user's has an owner that is no IAM user. */
async function ownerOf(session: AwsSession, AccessKeyId: string): Promise<{ readonly userName?: string } | undefined> {
  const command = new GetAccessKeyLastUsedCommand({ AccessKeyId });
  const found = await unlessAbsent(absent, () => session.client(IAMClient).send(command));
  const userName = IamName.safeParse(found?.UserName).data;
  return found && (userName === undefined ? {} : { userName });
}

/** Path and tags of an IAM user, and whether it is the last administrator; its name too where the finding has but a key. */
export async function inspectUser(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.iam.access-key' && target.type !== 'aws.iam.user') return {};
  const unknown = target.type === 'aws.iam.access-key' && target.userName === undefined;
  const owner = unknown ? await ownerOf(session, target.accessKeyId) : {};
  const user = target.userName ?? owner?.userName;
  if (user === undefined) return owner;
  const command = new GetUserCommand({ UserName: user });
  const [found, lastAdministrator] = await Promise.all([
    unlessAbsent(absent, () => session.client(IAMClient).send(command)),
    isLastAdministrator(session, { user }),
  ]);
  const { Arn = '', Path = '/', Tags } = found?.User ?? {};
  return found && { ...owner, userArn: Arn, userPath: Path, tags: tagsOf(Tags), lastAdministrator };
}

/** Every principal that a trust policy lets in, as written. */
function trustedBy(document: string): string[] {
  const { Statement } = parsePolicy(document);
  const principals = Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Principal }) =>
    Principal === undefined ? ['*'] : Object.values(Principal).flatMap((listed) => listed ?? []),
  );
  return [...new Set(principals)].sort();
}

/** Path, tags and trust of a role, or of the one behind a session. A trust policy that says NotPrincipal trusts everybody: `*`. */
export async function inspectRole(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.iam.role-session' && target.type !== 'aws.iam.role') return {};
  const command = new GetRoleCommand({ RoleName: target.roleName });
  const [found, lastAdministrator] = await Promise.all([
    unlessAbsent(absent, () => session.client(IAMClient).send(command)),
    isLastAdministrator(session, { role: target.roleName }),
  ]);
  const role = found?.Role;
  if (!role) return undefined;
  return {
    roleArn: role.Arn ?? '',
    rolePath: role.Path ?? '/',
    roleId: role.RoleId ?? '',
    tags: tagsOf(role.Tags),
    lastAdministrator,
    trustedProviders: role.AssumeRolePolicyDocument === undefined ? ['*'] : trustedBy(role.AssumeRolePolicyDocument),
  };
}
