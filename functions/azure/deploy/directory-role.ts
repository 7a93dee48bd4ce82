import * as z from 'zod';
import type { CallGraph, GraphChange } from './graph-change.ts';

const url = 'https://graph.microsoft.com/v1.0/roleManagement/directory';

const Definition = z.object({
  id: z.string().min(1),
  isBuiltIn: z.boolean(),
  rolePermissions: z.array(z.object({ allowedResourceActions: z.array(z.string()) })),
});
const Definitions = z.object({ value: z.array(Definition) });
const Assignments = z.object({
  value: z.array(z.object({ id: z.string().min(1), principalId: z.string(), directoryScopeId: z.string() })),
});
const Made = z.object({ id: z.string().min(1) });

/** A custom role of Entra's own, what it allows, and the identity that alone has it. */
export type DirectoryRole = {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly principalId: string;
};

const sorted = (list: readonly string[]): string => [...list].sort().join('\n');
const body = ({ name, permissions }: DirectoryRole) => ({
  displayName: name,
  description: 'Makes and takes back the changes of Cordon’s playbooks in Entra, and nothing else.',
  isEnabled: true,
  rolePermissions: [{ allowedResourceActions: permissions }],
});
const lines = (sign: '+' | '-', { name, permissions }: Pick<DirectoryRole, 'name' | 'permissions'>): string =>
  permissions.map((one) => `${sign} ${one} (role ${name})`).join('\n  ');

/** The role and the identity's assignment of it, over the whole directory, made where neither is there. */
function made(call: CallGraph, role: DirectoryRole): GraphChange {
  return {
    line: lines('+', role),
    apply: async () => {
      const { id } = Made.parse(await call('post', `${url}/roleDefinitions`, body(role)));
      await call('post', `${url}/roleAssignments`, assignment(role, id));
    },
  };
}

const assignment = ({ principalId }: DirectoryRole, roleDefinitionId: string) => ({
  principalId,
  roleDefinitionId,
  directoryScopeId: '/',
});

/** What of a role that is there has to change: what it allows, and who has it. */
async function corrected(call: CallGraph, role: DirectoryRole, found: z.infer<typeof Definition>) {
  const has = found.rolePermissions.flatMap(({ allowedResourceActions }) => allowedResourceActions);
  const held = Assignments.parse(await call('get', `${url}/roleAssignments?$filter=roleDefinitionId eq '${found.id}'`));
  const isMine = ({ principalId, directoryScopeId }: (typeof held.value)[number]): boolean =>
    principalId === role.principalId && directoryScopeId === '/' && role.permissions.length > 0;
  const changes: GraphChange[] = held.value
    .filter((one) => !isMine(one))
    .map(({ id, principalId }) => ({
      line: `- role ${role.name} of ${principalId}`,
      apply: () => call('delete', `${url}/roleAssignments/${id}`),
    }));
  const at = `${url}/roleDefinitions/${found.id}`;
  if (role.permissions.length === 0)
    return [...changes, { line: lines('-', { name: role.name, permissions: has }), apply: () => call('delete', at) }];
  if (sorted(has) !== sorted(role.permissions)) {
    const more = role.permissions.filter((one) => !has.includes(one));
    const fewer = has.filter((one) => !role.permissions.includes(one));
    const line = [
      ...(more.length > 0 ? [lines('+', { name: role.name, permissions: more })] : []),
      ...(fewer.length > 0 ? [lines('-', { name: role.name, permissions: fewer })] : []),
    ].join('\n  ');
    changes.push({ line, apply: () => call('patch', at, body(role)) });
  }
  if (!held.value.some(isMine))
    changes.push({
      line: `+ role ${role.name}`,
      apply: () => call('post', `${url}/roleAssignments`, assignment(role, found.id)),
    });
  return changes;
}

/**
 * What has to change so that a custom role of Entra allows exactly these permissions and this identity alone has it
 * (learn.microsoft.com/graph/api/rbacapplication-post-roledefinitions, learn.microsoft.com/graph/api/rbacapplication-post-roleassignments);
 * with no permissions the role goes. Custom roles take Entra ID P1. Throws where a role of Microsoft's has the name.
 */
export async function directoryChanges(call: CallGraph, role: DirectoryRole): Promise<readonly GraphChange[]> {
  const filter = `$filter=displayName eq '${role.name.replaceAll("'", "''")}'`;
  const [found, another] = Definitions.parse(await call('get', `${url}/roleDefinitions?${filter}`)).value;
  if (another || found?.isBuiltIn) throw new TypeError(`there is another role of Entra called ${role.name}`);
  if (found) return corrected(call, role, found);
  return role.permissions.length === 0 ? [] : [made(call, role)];
}
