import * as z from 'zod';
import { AzureFault } from './fault.ts';
import { users } from './entra-users.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';
import { principals } from './rows.ts';

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

/** The custom role of a principal, as one that allows all that it may do in the directory (learn.microsoft.com/graph/api/rbacapplication-list-roleassignments). */
const listAssignments: AzureOperation = {
  host: 'graph',
  method: 'GET',
  path: '/v1.0/roleManagement/directory/roleAssignments',
  operation: 'graph:roleManagement/directory/roleAssignments/read',
  reads: true,
  needs: () => [
    { anyOf: ['RoleManagement.Read.Directory', 'RoleManagement.ReadWrite.Directory', 'Directory.Read.All'] },
  ],
  does({ view, url }) {
    const principalId = /^principalId eq '([^']+)'$/.exec(url.searchParams.get('$filter') ?? '')?.[1] ?? '';
    const { directory = [] } = view.get(principals, principalId) ?? {};
    const roleDefinition = { isBuiltIn: false, rolePermissions: [{ allowedResourceActions: [...directory] }] };
    const one = { principalId, directoryScopeId: '/', roleDefinition };
    return { status: 200, body: { value: directory.length > 0 ? [one] : [] } };
  },
};

/** Who holds the role of Global Administrator, and what custom roles allow. */
export const entraRoles = azureNoun({
  name: 'directoryRoles',
  scope: 'tenant',
  estate: z.null().default(null),
  seed: () => undefined,
  operations: [listMembers, listAssignments],
});
