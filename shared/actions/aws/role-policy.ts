import {
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  type Role,
} from '@aws-sdk/client-iam';
import type { Change, State, StepContext } from '../../action/action.ts';
import { CordonError } from '../../model/error.ts';
import type { JsonObject } from '../../model/json.ts';
import type { AwsSession } from './aws-action.ts';
import { readDocument } from './deny-policy.ts';
import { unlessAbsent } from './fault.ts';

const absent = ['NoSuchEntity'];

/** AWS answers UnmodifiableEntity when such a role is edited, so nothing is planned for it. */
export function refuseProtected({ RoleName, Path = '/' }: Role): void {
  const reserved = Path.startsWith('/aws-reserved/');
  if (!reserved && !Path.startsWith('/aws-service-role/')) return;
  throw new CordonError({
    code: 'role-unmodifiable',
    message: `role ${RoleName} belongs to ${reserved ? 'IAM Identity Center' : 'an AWS service'} and cannot be edited`,
    remedy: reserved ? 'Use aws.sso.deny-user-in-permission-sets.' : 'Contain the resource that makes the service act.',
  });
}

/** One inline policy of a role by `role/policy`, null where it has none; undefined where there is no such role. */
export async function captureRolePolicy(
  aws: AwsSession,
  { RoleName, PolicyName }: { readonly RoleName: string; readonly PolicyName: string },
  { signal: abortSignal }: StepContext,
): Promise<{ readonly role: Role; readonly state: State<JsonObject> } | undefined> {
  const client = aws.client(IAMClient);
  const [found, policy] = await Promise.all([
    unlessAbsent(absent, () => client.send(new GetRoleCommand({ RoleName }), { abortSignal })),
    unlessAbsent(absent, () => client.send(new GetRolePolicyCommand({ RoleName, PolicyName }), { abortSignal })),
  ]);
  if (!found?.Role) return undefined;
  refuseProtected(found.Role);
  const document = policy?.PolicyDocument;
  return {
    role: found.Role,
    state: { [`${RoleName}/${PolicyName}`]: document === undefined ? null : readDocument(document) },
  };
}

/** Writes the policy `to`, or takes it away. */
export async function applyRolePolicy(
  aws: AwsSession,
  { resource, to }: Change<JsonObject>,
  { signal: abortSignal }: StepContext,
): Promise<void> {
  const [RoleName, PolicyName] = resource.split('/');
  const client = aws.client(IAMClient);
  if (to) {
    const PolicyDocument = JSON.stringify(to);
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }), { abortSignal });
    return;
  }
  await unlessAbsent(absent, () => client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), { abortSignal }));
}
