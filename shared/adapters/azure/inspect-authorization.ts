import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { readUser } from '../../actions/azure/entra-user.ts';
import { isPowerful, readAssignment } from '../../actions/azure/role-assignment.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/** Who was given which role: a user by name too, because people are protected by their names. */
export async function inspectRoleAssignment(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const found = await readAssignment(session, target.id, deadline());
  if (!found) return undefined;
  const { principalId, principalType = '', roleDefinitionId } = found.assigned;
  const user =
    principalType === 'User' ? await readUser(session, principalId, ['userPrincipalName'], deadline()) : undefined;
  const userPrincipalName = user?.field('userPrincipalName');
  return {
    principalId,
    principalType,
    roleDefinitionId,
    powerful: isPowerful(found.assigned),
    ...(typeof userPrincipalName === 'string' && { userPrincipalName }),
  };
}
