import * as z from 'zod';
import type { AzureSession } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

/** Of a service principal, as Graph shows it (learn.microsoft.com/graph/api/resources/serviceprincipal). */
const ServicePrincipal = z.object({
  id: z.string(),
  appId: z.string(),
  displayName: z.string(),
  accountEnabled: z.boolean(),
  servicePrincipalType: z.string(),
  /** The tenant that the application is registered in; a managed identity has none. */
  appOwnerOrganizationId: z.string().nullish(),
});
export type ServicePrincipal = z.infer<typeof ServicePrincipal>;

const fields = Object.keys(ServicePrincipal.shape).join(',');

export const servicePrincipalPath = (id: string): string => `/servicePrincipals/${encodeURIComponent(id)}`;

/** A service principal by its object id, else by the id of its application; undefined where the tenant has none. */
export async function readServicePrincipal(
  azure: AzureSession,
  id: string,
  signal: AbortSignal,
): Promise<ServicePrincipal | undefined> {
  const read = (path: string) => unlessAbsent(() => azure.graph('GET', `${path}?$select=${fields}`, signal));
  const found =
    (await read(servicePrincipalPath(id))) ?? (await read(`/servicePrincipals(appId='${encodeURIComponent(id)}')`));
  return found === undefined ? undefined : ServicePrincipal.parse(found);
}
