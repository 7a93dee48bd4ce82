import * as z from 'zod';
import { AzureFault } from './fault.ts';
import { users } from './entra-users.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

/** The template of the role of Global Administrator, the same in every tenant. */
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';

/** Members of a role by its template (learn.microsoft.com/graph/api/directoryrole-list-members). */
const listMembers: AzureOperation = {
  host: 'graph',
  method: 'GET',
  path: '/v1.0/{role}/members',
  operation: 'graph:directoryRoles/members/read',
  reads: true,
  needs: () => [
    { anyOf: ['RoleManagement.Read.Directory', 'RoleManagement.ReadWrite.Directory', 'Directory.Read.All'] },
  ],
  does({ view, params }) {
    const members = view.all(users).filter(([, user]) => user.globalAdministrator);
    // a role that nobody was ever given is not activated and cannot be found
    if (params['role'] !== `directoryRoles(roleTemplateId='${globalAdministrator}')` || members.length === 0)
      throw new AzureFault(404, 'Request_ResourceNotFound', 'Resource does not exist.');
    return {
      status: 200,
      body: {
        '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#directoryObjects',
        value: members.map(([, { id, userPrincipalName, accountEnabled }]) => ({
          '@odata.type': '#microsoft.graph.user',
          ...{ id, userPrincipalName, accountEnabled },
        })),
      },
    };
  },
};

/** Who holds the role of Global Administrator. */
export const entraRoles = azureNoun({
  name: 'directoryRoles',
  scope: 'tenant',
  estate: z.null().default(null),
  seed: () => undefined,
  operations: [listMembers],
});
