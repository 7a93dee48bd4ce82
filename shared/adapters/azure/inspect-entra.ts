import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { readUser } from '../../actions/azure/entra-user.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadlineMilliseconds = 30_000;
const fields = ['userPrincipalName', 'accountEnabled', 'onPremisesSyncEnabled', 'userType'];

/** Who a user of Entra is, and who is master of the account (learn.microsoft.com/graph/api/user-get). */
export async function inspectUser(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'azure.entra.user') return {};
  const key = target.userId ?? target.userPrincipalName ?? target.id;
  const found = await readUser(session, key, fields, AbortSignal.timeout(deadlineMilliseconds));
  if (!found) return undefined;
  return {
    userId: found.id,
    userPrincipalName: String(found.field('userPrincipalName') ?? ''),
    accountEnabled: found.field('accountEnabled') !== false,
    onPremisesSyncEnabled: found.field('onPremisesSyncEnabled') === true,
    userType: String(found.field('userType') ?? 'Member'),
  };
}
