import {
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  paginateListEntitiesForPolicy,
  type Tag,
} from '@aws-sdk/client-iam';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
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

/** Path and tags of an IAM user, and whether it is the last administrator. */
export async function inspectUser(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.iam.access-key' && target.type !== 'aws.iam.user') return {};
  const command = new GetUserCommand({ UserName: target.userName });
  const [found, lastAdministrator] = await Promise.all([
    unlessAbsent(absent, () => session.client(IAMClient).send(command)),
    isLastAdministrator(session, { user: target.userName }),
  ]);
  const { Arn = '', Path = '/', Tags } = found?.User ?? {};
  return found && { userArn: Arn, userPath: Path, tags: tagsOf(Tags), lastAdministrator };
}

/** Every principal that a trust policy lets in, as written. */
function trustedBy(document: string): string[] {
  const { Statement } = parsePolicy(document);
  const principals = Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Principal }) =>
    Principal === undefined ? ['*'] : Object.values(Principal).flatMap((listed) => listed ?? []),
  );
  return [...new Set(principals)].sort();
}

/** Path, tags and trust of the role behind a session. A trust policy that says NotPrincipal trusts everybody: `*`. */
export async function inspectRoleSession(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.iam.role-session') return {};
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
