import * as z from 'zod';
import type { JsonObject } from '../../model/json.ts';
import type { View } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';
import { type PasswordRow, type PrincipalRow, principals } from './rows.ts';

const actions = z.array(z.string()).default([]);
const Assignment = z.strictObject({
  scope: z.string(),
  actions,
  notActions: actions,
  dataActions: actions,
  notDataActions: actions,
});

/** By object id, or as `servicePrincipals(appId='…')` by the id of the application. */
function find(view: View, { params, url }: AzureCall): PrincipalRow {
  const appId = /\/servicePrincipals\(appId='([^']+)'\)/i.exec(decodeURIComponent(url.pathname))?.[1]?.toLowerCase();
  const id = params['id']?.toLowerCase() ?? '';
  const row =
    appId === undefined ? view.get(principals, id) : view.all(principals).find(([, one]) => one.appId === appId)?.[1];
  if (row) return row;
  throw new AzureFault(
    404,
    'Request_ResourceNotFound',
    `Resource '${appId ?? id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

function findApplication(view: View, { params }: AzureCall): PrincipalRow {
  const id = params['id']?.toLowerCase() ?? '';
  const [, row] = view.all(principals).find(([, one]) => one.applicationId === id) ?? [];
  if (row) return row;
  throw new AzureFault(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist.`);
}

/** Of a secret never more than its name. */
const credentials = ({ passwords = [] }: PrincipalRow, on: PasswordRow['on']): JsonObject => ({
  keyCredentials: [],
  passwordCredentials: passwords
    .filter((one) => one.on === on)
    .map(({ keyId, displayName }) => ({ keyId, displayName, secretText: null })),
});

/** What Graph tells of a service principal, as far as the sandbox keeps it (learn.microsoft.com/graph/api/resources/serviceprincipal). */
const shown = (row: PrincipalRow): JsonObject => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#servicePrincipals/$entity',
  id: row.id,
  appId: row.appId ?? row.id,
  displayName: row.name,
  accountEnabled: row.accountEnabled ?? true,
  servicePrincipalType: row.kind ?? 'Application',
  appOwnerOrganizationId: row.kind === 'ManagedIdentity' ? null : (row.ownerTenant ?? row.tenant),
  ...credentials(row, undefined),
});

const shownApplication = (row: PrincipalRow): JsonObject => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#applications/$entity',
  id: row.applicationId ?? '',
  appId: row.appId ?? row.id,
  displayName: row.name,
  ...credentials(row, 'application'),
});

const wide = ['Application.ReadWrite.All', 'Directory.ReadWrite.All'];
const reading = { anyOf: ['Application.Read.All', 'Directory.Read.All', ...wide] };
const Patch = z.strictObject({ accountEnabled: z.boolean() });

/** Takes a secret away from what holds it (learn.microsoft.com/graph/api/application-removepassword). */
const removePassword = (
  path: string,
  kind: 'applications' | 'servicePrincipals',
  holder: (call: AzureCall) => PrincipalRow,
): AzureOperation => ({
  host: 'graph',
  method: 'POST',
  path: `${path}/removePassword`,
  operation: `graph:${kind}/removePassword`,
  reads: false,
  needs: () => [{ anyOf: [`microsoft.directory/${kind}/credentials/update`, ...wide] }],
  does(call) {
    const row = holder(call);
    const on = kind === 'applications' ? 'application' : undefined;
    const { keyId } = z.strictObject({ keyId: z.uuid() }).parse(call.body);
    const passwords = (row.passwords ?? []).filter((one) => one.keyId !== keyId || one.on !== on);
    if (passwords.length === (row.passwords ?? []).length)
      throw new AzureFault(400, 'Request_BadRequest', 'No password credential found with keyId.');
    call.world.rows.put(principals, row.id, { ...row, passwords });
    return { status: 204 };
  },
});

const at = (path: string): readonly AzureOperation[] => [
  {
    host: 'graph',
    method: 'GET',
    path,
    operation: 'graph:servicePrincipals/read',
    reads: true,
    needs: () => [reading],
    does: (call) => ({ status: 200, body: shown(find(call.view, call)) }),
  },
  {
    host: 'graph',
    method: 'PATCH',
    path,
    operation: 'graph:servicePrincipals/update',
    reads: false,
    needs: ({ body }) => [
      {
        anyOf: [
          `microsoft.directory/servicePrincipals/${body['accountEnabled'] === true ? 'enable' : 'disable'}`,
          ...wide,
        ],
      },
    ],
    does(call) {
      const row = find(call.world.rows, call);
      const { accountEnabled } = Patch.parse(call.body);
      if (row.kind === 'ManagedIdentity')
        throw new AzureFault(400, 'Request_BadRequest', 'Updates to managed identities are not allowed.');
      call.world.rows.put(principals, row.id, { ...row, accountEnabled });
      return { status: 204 };
    },
  },
  removePassword(path, 'servicePrincipals', (call) => find(call.world.rows, call)),
];

/** Applications by their object ids, as far as their secrets go (learn.microsoft.com/graph/api/resources/application). */
const applications: readonly AzureOperation[] = [
  {
    host: 'graph',
    method: 'GET',
    path: '/v1.0/applications/{id}',
    operation: 'graph:applications/read',
    reads: true,
    needs: () => [reading],
    does: (call) => ({ status: 200, body: shownApplication(findApplication(call.view, call)) }),
  },
  removePassword('/v1.0/applications/{id}', 'applications', (call) => findApplication(call.world.rows, call)),
];

/** Service principals and managed identities with their role assignments and Graph permissions. */
export const servicePrincipals = azureNoun({
  name: 'servicePrincipals',
  scope: 'tenant',
  estate: z
    .array(
      z.strictObject({
        id: z.uuid(),
        name: z.string(),
        assignments: z.array(Assignment).default([]),
        graph: z.array(z.string()).default([]),
        directory: z.array(z.string()).default([]),
        appId: z.uuid().optional(),
        applicationId: z.uuid().optional(),
        kind: z.enum(['Application', 'ManagedIdentity']).default('Application'),
        ownerTenant: z.uuid().optional(),
        accountEnabled: z.boolean().default(true),
        passwords: z
          .array(
            z.strictObject({
              keyId: z.uuid(),
              displayName: z.string(),
              secret: z.string(),
              on: z.literal('application').optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  seed(rows, list, { tenant }) {
    for (const { assignments, ...principal } of list)
      rows.put(principals, principal.id, {
        ...principal,
        tenant,
        assignments: assignments.map(({ scope, ...role }) => ({ scope, role })),
      });
  },
  operations: [...['/v1.0/servicePrincipals/{id}', '/v1.0/{servicePrincipal}'].flatMap(at), ...applications],
});
