import type { Target } from '../../model/target.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const nobody = /^[0-]+$/;

/** An object, application or tenant id in lower case; undefined for anything else, and for the id that stands for nobody. */
export const guidOf = (text: string | undefined): string | undefined =>
  text !== undefined && guid.test(text) && !nobody.test(text) ? text.toLowerCase() : undefined;

export type EntraPerson = { readonly userId?: string | undefined; readonly userPrincipalName?: string | undefined };

/** A user of a tenant, by object id, else by principal name; undefined where neither is given. */
export function entraUser(person: EntraPerson, tenant: string, role: Target['role']): Target | undefined {
  const { userPrincipalName } = person;
  const userId = guidOf(person.userId);
  const id = userId ?? userPrincipalName?.toLowerCase();
  if (id === undefined) return undefined;
  const common = { id, name: userPrincipalName ?? id, account: tenant, region: '', role };
  return { type: 'azure.entra.user', ...common, userId, userPrincipalName };
}

export type EntraApplication = {
  readonly servicePrincipalId?: string | undefined;
  readonly appId?: string | undefined;
  readonly name?: string | undefined;
};

/** A service principal of a tenant, by object id, else by application id; undefined where neither is given. */
export function entraServicePrincipal(
  application: EntraApplication,
  tenant: string,
  role: Target['role'],
): Target | undefined {
  const servicePrincipalId = guidOf(application.servicePrincipalId);
  const appId = guidOf(application.appId);
  const id = servicePrincipalId ?? appId;
  if (id === undefined) return undefined;
  const common = { id, name: application.name ?? id, account: tenant, region: '', role };
  return { type: 'azure.entra.service-principal', ...common, servicePrincipalId, appId };
}
