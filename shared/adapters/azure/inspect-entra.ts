import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { readServicePrincipal } from '../../actions/azure/entra-service-principal.ts';
import { readUser } from '../../actions/azure/entra-user.ts';
import * as z from 'zod';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadlineMilliseconds = 30_000;
const fields = ['userPrincipalName', 'accountEnabled', 'onPremisesSyncEnabled', 'userType'];

/** The template of the role of Global Administrator, the same in every tenant. */
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const Members = z.object({
  value: z.array(z.object({ id: z.string(), accountEnabled: z.boolean().nullish() })),
});

/**
 * The Global Administrators who can sign in (learn.microsoft.com/graph/api/directoryrole-list-members). Those who would
 * first have to activate the role, and members of groups that hold it, are not counted: the answer errs on the strict side.
 */
async function administrators(session: AzureSession, signal: AbortSignal): Promise<readonly string[]> {
  const path = `/directoryRoles(roleTemplateId='${globalAdministrator}')/members?$select=id,accountEnabled`;
  const found = await unlessAbsent(() => session.graph('GET', path, signal));
  if (found === undefined) return [];
  return Members.parse(found).value.flatMap(({ id, accountEnabled }) => (accountEnabled === true ? [id] : []));
}

/** Who a user of Entra is, whether it is the last administrator, and who is master of the account (learn.microsoft.com/graph/api/user-get). */
export async function inspectUser(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'azure.entra.user') return {};
  const key = target.userId ?? target.userPrincipalName ?? target.id;
  const signal = AbortSignal.timeout(deadlineMilliseconds);
  const [found, left] = await Promise.all([readUser(session, key, fields, signal), administrators(session, signal)]);
  if (!found) return undefined;
  return {
    userId: found.id,
    lastAdministrator: left.length === 1 && left.includes(found.id),
    userPrincipalName: String(found.field('userPrincipalName') ?? ''),
    accountEnabled: found.field('accountEnabled') !== false,
    onPremisesSyncEnabled: found.field('onPremisesSyncEnabled') === true,
    userType: String(found.field('userType') ?? 'Member'),
  };
}

/** What a service principal is, and whether it may sign in (learn.microsoft.com/graph/api/serviceprincipal-get). */
export async function inspectServicePrincipal(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const found = await readServicePrincipal(session, target.id, AbortSignal.timeout(deadlineMilliseconds));
  if (!found) return undefined;
  const { id, appId, accountEnabled, servicePrincipalType, displayName } = found;
  return { servicePrincipalId: id, appId, accountEnabled, servicePrincipalType, displayName };
}
