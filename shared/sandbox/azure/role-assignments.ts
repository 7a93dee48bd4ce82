import * as z from 'zod';
import type { JsonObject } from '../../model/json.ts';
import type { AzureAssignment } from '../../policy/azure.ts';
import { roleGiven } from '../../policy/role-assigning.ts';
import { table, type View } from '../rows.ts';
import { list } from './arm.ts';
import { users } from './entra-users.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import { scopeOf } from './authorise.ts';
import type { AzureCall, AzureOperation, Need } from './operation.ts';
import { builtInRoles } from './role-definitions.ts';
import { principals } from './rows.ts';

const type = 'Microsoft.Authorization/roleAssignments';

const Conditional = {
  description: z.string().optional(),
  condition: z.string().optional(),
  conditionVersion: z.string().optional(),
};
export type RoleAssignmentRow = {
  readonly name: string;
  readonly scope: string;
  readonly principalId: string;
  /** The id of a built-in role. */
  readonly roleId: string;
  readonly more: Readonly<Record<string, string | undefined>>;
};

/** Keyed by the ARM id in lower case. What a removed assignment allowed may go on for a while: `azure.authorization` lags. */
export const roleAssignments = table<RoleAssignmentRow>('azure.authorization.roleAssignments');

export const roleAssignmentId = ({ scope, name }: Pick<RoleAssignmentRow, 'scope' | 'name'>): string =>
  `${scope === '/' ? '' : scope}/providers/${type}/${name}`;

/** The roles that a principal has by assignments, as the gate of ARM knows them. */
export const assignedTo = (view: View, principalId: string): readonly AzureAssignment[] =>
  view.all(roleAssignments).flatMap(([, row]) => {
    const held = builtInRoles[row.roleId];
    if (!held || row.principalId !== principalId) return [];
    return [{ scope: row.scope, role: held.role, condition: row.more['condition'] }];
  });

const subscriptionIn = (scope: string): string => /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? '';

function principalTypeOf({ world: { rows } }: Pick<AzureCall, 'world'>, id: string): 'User' | 'ServicePrincipal' {
  if (rows.get(principals, id)) return 'ServicePrincipal';
  if (rows.get(users, id)) return 'User';
  throw new AzureFault(400, 'PrincipalNotFound', `Principal ${id} does not exist in the directory.`);
}

const onWire = (call: AzureCall, row: RoleAssignmentRow): JsonObject => ({
  id: roleAssignmentId(row),
  name: row.name,
  type,
  properties: {
    roleDefinitionId: `${subscriptionIn(row.scope)}/providers/Microsoft.Authorization/roleDefinitions/${row.roleId}`,
    principalId: row.principalId,
    principalType: principalTypeOf(call, row.principalId),
    scope: row.scope,
    ...Object.fromEntries(Object.entries(row.more).flatMap(([key, one]) => (one === undefined ? [] : [[key, one]]))),
  },
});

const keyOf = ({ url }: AzureCall): string => decodeURIComponent(url.pathname).toLowerCase();
const scopeIn = ({ url }: AzureCall): string =>
  decodeURIComponent(url.pathname).replace(/\/providers\/Microsoft\.Authorization\/roleAssignments(\/[^/]+)?$/i, '') ||
  '/';

const Body = z.object({
  properties: z.object({
    roleDefinitionId: z.string(),
    principalId: z.uuid(),
    principalType: z.string().optional(),
    delegatedManagedIdentityResourceId: z.string().optional(),
    ...Conditional,
  }),
});

/** Refuses what ARM refuses: no such role or principal, a name that is taken, or the same given already. */
function accepted(call: AzureCall): RoleAssignmentRow {
  const name = call.params['name'] ?? '';
  const { roleDefinitionId, principalId, principalType: _, ...more } = Body.parse(call.body).properties;
  const roleId = roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1);
  if (!z.uuid().safeParse(name).success)
    throw new AzureFault(
      400,
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. It must be a GUID.`,
    );
  if (!builtInRoles[roleId])
    throw new AzureFault(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition '${roleId}' does not exist.`,
    );
  principalTypeOf(call, principalId);
  const row = { name, scope: scopeIn(call), principalId, roleId, more };
  const { rows } = call.world;
  const there = rows.get(roleAssignments, keyOf(call));
  if (there && (there.principalId !== principalId || there.roleId !== roleId))
    throw new AzureFault(
      403,
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    );
  const same = ([, one]: readonly [string, RoleAssignmentRow]): boolean =>
    one.scope.toLowerCase() === row.scope.toLowerCase() && one.principalId === principalId && one.roleId === roleId;
  if (!there && rows.all(roleAssignments).some(same))
    throw new AzureFault(409, 'RoleAssignmentExists', 'The role assignment already exists.');
  return row;
}

const covers = (above: string, scope: string): boolean =>
  above === '/' ||
  above.toLowerCase().startsWith('/providers/microsoft.management/') ||
  `${scope.toLowerCase()}/`.startsWith(`${above.toLowerCase()}/`);

/** At, above and below the scope; `atScope()` leaves out what is below (learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope). */
function listed(call: AzureCall) {
  const scope = scopeIn(call);
  const filter = call.url.searchParams.get('$filter') ?? '';
  const principal = /principalId eq '([^']+)'/i.exec(filter)?.[1]?.toLowerCase();
  const fits = ({ scope: at, principalId }: RoleAssignmentRow): boolean =>
    (covers(at, scope) || (!/atScope\(\)/i.test(filter) && covers(scope, at))) &&
    (principal === undefined || principalId === principal);
  // what is there shows at once; what it allows may lag
  const rows = call.world.rows.all(roleAssignments).map(([, row]) => row);
  return list(
    call,
    rows.filter(fits).map((row) => onWire(call, row)),
  );
}

const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';

/** The last Owner of a subscription cannot be removed; those above it do not count (learn.microsoft.com/azure/role-based-access-control/troubleshooting). */
function refuseLastOwner({ world: { rows } }: AzureCall, { roleId, scope }: RoleAssignmentRow): void {
  if (roleId !== owner || subscriptionIn(scope) !== scope) return;
  const owners = rows.all(roleAssignments).filter(([, one]) => one.roleId === owner && one.scope === scope);
  if (owners.length > 1) return;
  throw new AzureFault(412, 'CannotDeleteLastRbacAdminAssignment', 'Cannot delete the last RBAC admin assignment.');
}

function gone(call: AzureCall) {
  const { rows } = call.world;
  const row = rows.get(roleAssignments, keyOf(call));
  if (!row) return { status: 204 };
  refuseLastOwner(call, row);
  rows.delete(roleAssignments, keyOf(call));
  return { status: 200, body: onWire(call, row) };
}

function found(call: AzureCall) {
  const row = call.world.rows.get(roleAssignments, keyOf(call));
  if (row) return { status: 200, body: onWire(call, row) };
  throw new AzureFault(
    404,
    'RoleAssignmentNotFound',
    `The role assignment '${call.params['name'] ?? ''}' is not found.`,
  );
}

function put(call: AzureCall) {
  const row = accepted(call);
  call.world.rows.put(roleAssignments, keyOf(call), row);
  return { status: 201, body: onWire(call, row) };
}

const scopes = [
  '',
  '/providers/Microsoft.Management/managementGroups/{group}',
  '/subscriptions/{subscription}',
  '/subscriptions/{subscription}/resourceGroups/{resourceGroup}',
  '/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/{namespace}/{type}/{resource}',
];

/** Conditions ask which role is given to whom (learn.microsoft.com/azure/role-based-access-control/conditions-authorization-actions-attributes). */
function toGive({ url, body }: AzureCall): readonly Need[] {
  const { roleDefinitionId, principalId } = Body.parse(body).properties;
  const roleId = roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1);
  return [{ action: `${type}/write`, scope: scopeOf(url), attributes: roleGiven(roleId, principalId) }];
}

const at = (scope: string): readonly AzureOperation[] => {
  const path = `${scope}/providers/${type}`;
  const one = `${path}/{name}`;
  const reading = { host: 'arm', method: 'GET', operation: `${type}/read`, reads: true } as const;
  return [
    { ...reading, path, does: listed },
    { ...reading, path: one, does: found },
    { host: 'arm', method: 'PUT', path: one, operation: `${type}/write`, reads: false, needs: toGive, does: put },
    { host: 'arm', method: 'DELETE', path: one, operation: `${type}/delete`, reads: false, does: gone },
  ];
};

const idOf = (name: string): string => {
  const [id] = Object.entries(builtInRoles).find(([, one]) => one.name === name) ?? [];
  if (id === undefined) throw new Error(`the sandbox knows no role ${name}`);
  return id;
};

/** Who has which of Azure's own roles, and where (learn.microsoft.com/rest/api/authorization/role-assignments). */
export const roleAssignmentNoun = azureNoun({
  name: 'roleAssignments',
  scope: 'tenant',
  estate: z
    .array(
      z.strictObject({ name: z.uuid(), scope: z.string(), principalId: z.uuid(), role: z.string(), ...Conditional }),
    )
    .default([]),
  seed(rows, all) {
    for (const { name, scope, principalId, role, ...more } of all) {
      const row = { name, scope, principalId, roleId: idOf(role), more };
      rows.put(roleAssignments, roleAssignmentId(row).toLowerCase(), row);
    }
  },
  operations: scopes.flatMap(at),
});
