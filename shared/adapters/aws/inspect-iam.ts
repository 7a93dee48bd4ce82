import { GetRoleCommand, GetUserCommand, IAMClient, type Tag } from '@aws-sdk/client-iam';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { parsePolicy } from '../../policy/document.ts';

const tagsOf = (tags: readonly Tag[] = []): JsonObject =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
const absent = ['NoSuchEntity'];

/** Path and tags of an IAM user. */
export async function inspectUser(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.iam.access-key' && target.type !== 'aws.iam.user') return {};
  const command = new GetUserCommand({ UserName: target.userName });
  const found = await unlessAbsent(absent, () => session.client(IAMClient).send(command));
  return found && { userArn: found.User?.Arn ?? '', userPath: found.User?.Path ?? '/', tags: tagsOf(found.User?.Tags) };
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
  const found = await unlessAbsent(absent, () => session.client(IAMClient).send(command));
  const role = found?.Role;
  if (!role) return undefined;
  return {
    roleArn: role.Arn ?? '',
    rolePath: role.Path ?? '/',
    roleId: role.RoleId ?? '',
    tags: tagsOf(role.Tags),
    trustedProviders: role.AssumeRolePolicyDocument === undefined ? ['*'] : trustedBy(role.AssumeRolePolicyDocument),
  };
}
