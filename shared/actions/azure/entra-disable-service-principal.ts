import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { azureAction, type AzureSession } from './azure-action.ts';
import { readServicePrincipal, type ServicePrincipal, servicePrincipalPath } from './entra-service-principal.ts';

/** The tenants in which Microsoft registers its own applications. */
const microsoft = ['f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47'];

const refused = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

/** What Graph would refuse, and what somebody else answers for. */
function refuseOthers({ tenant }: AzureSession, found: ServicePrincipal): void {
  const { id, displayName, servicePrincipalType, appOwnerOrganizationId: owner } = found;
  const name = `${displayName} (${id})`;
  if (servicePrincipalType === 'ManagedIdentity')
    throw refused(
      'managed-identity',
      `${name} is a managed identity, which Entra does not disable`,
      'Take its role assignments away: azure.authorization.remove-role-assignment.',
    );
  if (owner && microsoft.includes(owner.toLowerCase()))
    throw refused(
      'microsoft-application',
      `${name} is an application of Microsoft, on which the tenant itself may rest`,
      'Take away what it was granted; ask Microsoft before it is disabled.',
    );
  if (owner && owner.toLowerCase() !== tenant.toLowerCase())
    throw refused(
      'foreign-application',
      `${name} belongs to the tenant ${owner}: another organisation runs it`,
      'Ask who uses it, then disable it by hand under Enterprise applications.',
    );
}

/**
 * Disables a service principal, so that its application gets no further tokens of this tenant
 * (learn.microsoft.com/graph/api/serviceprincipal-update, accountEnabled). Everything that runs as it stops. Graph has no
 * application permission for this alone, a role of Entra's own has: learn.microsoft.com/entra/identity/role-based-access-control/custom-enterprise-app-permissions.
 */
export const entraDisableServicePrincipal = azureAction({
  id: 'azure.entra.disable-service-principal',
  title: 'Disable a service principal of Entra',
  target: 'azure.entra.service-principal',
  d3fend: 'D3-AL',
  input: z.strictObject({
    servicePrincipal: z.guid().describe('Object id of the service principal, or the id of its application.'),
  }),
  value: z.strictObject({ accountEnabled: z.boolean() }),
  permissions: {
    read: [{ allow: 'graph:Application.Read.All', on: '*' }],
    write: ['disable', 'enable'].map((verb) => ({
      allow: `entra:microsoft.directory/servicePrincipals/${verb}`,
      on: '*',
    })),
  },
  settles: { seconds: 30 },
  restores: 'credentials',
  cautions: [
    'Tokens already issued stay valid for about an hour, except where continuous access evaluation is on.',
    'Everything that signs in as the application stops: pipelines, services, other people’s integrations.',
    'It is disabled in this tenant only: an application of several tenants works on in the others.',
    'A secret that was added to it stays: whoever enables it again lets the attacker in too.',
  ],
  portable: { verb: 'revoke-identity', with: { servicePrincipal: '${target.id}' } },
  examples: [{ servicePrincipal: '0a1b2c3d-0000-4000-8000-00000000a001' }],
}).does({
  async capture(azure, { servicePrincipal }, { signal }) {
    const found = await readServicePrincipal(azure, servicePrincipal, signal);
    if (!found) return {};
    refuseOthers(azure, found);
    return { [found.id]: { accountEnabled: found.accountEnabled } };
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((id) => [id, { accountEnabled: false }])),
  async apply(azure, { resource, to }, { signal }) {
    if (to) await azure.graph('PATCH', servicePrincipalPath(resource), signal, to);
  },
});
