import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, ListTagsCommand } from '@aws-sdk/client-lambda';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { formatArn, parseArn } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

/** The role that a finding says a function works with; its id is in no finding. */
async function roleOf(session: AwsSession, roleArn: string | undefined): Promise<JsonObject> {
  const RoleName = parseArn(roleArn ?? '')
    ?.resource.split('/')
    .at(-1);
  if (RoleName === undefined) return {};
  const command = new GetRoleCommand({ RoleName });
  const found = await unlessAbsent(['NoSuchEntity'], () => session.client(IAMClient).send(command));
  return found?.Role?.RoleId === undefined ? {} : { roleName: RoleName, roleId: found.Role.RoleId };
}

/**
 * Tags of a function, and its role. GetFunctionConfiguration would tell more, and with it the environment variables,
 * in which secrets are kept.
 */
export async function inspectFunction(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.lambda.function') return {};
  const { partition, region, account } = session;
  const resource = `function:${target.functionName}`;
  const command = new ListTagsCommand({
    Resource: formatArn({ partition, service: 'lambda', region, account, resource }),
  });
  const [found, role] = await Promise.all([
    unlessAbsent(['ResourceNotFound'], () => session.client(LambdaClient).send(command)),
    roleOf(session, target.roleArn),
  ]);
  return found && { ...role, tags: found.Tags ?? {} };
}
