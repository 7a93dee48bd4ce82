import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { directoryChanges } from '../../functions/azure/deploy/directory-role.ts';
import type { CallGraph } from '../../functions/azure/deploy/graph-change.ts';
import { graphChanges } from '../../functions/azure/deploy/graph-roles.ts';

const graphId = '0a1b2c3d-0000-4000-8000-0000000000a0';
const principal = '0a1b2c3d-0000-4000-8000-0000000000a1';
const roleIds = {
  'User.Read.All': '0a1b2c3d-0000-4000-8000-0000000000b1',
  'User.RevokeSessions.All': '0a1b2c3d-0000-4000-8000-0000000000b2',
  'Mail.Read': '0a1b2c3d-0000-4000-8000-0000000000b3',
} as const;
const Assignment = z.object({ principalId: z.uuid(), resourceId: z.uuid(), appRoleId: z.uuid() });

/** Microsoft Graph as far as it is asked here, over the paths of its own. */
function graph(given: readonly (keyof typeof roleIds)[], elsewhere: readonly string[] = []) {
  const assigned = new Map<string, { readonly appRoleId: string; readonly resourceId: string }>(
    [...given.map((name) => [roleIds[name], graphId] as const), ...elsewhere.map((id) => [id, principal] as const)].map(
      ([appRoleId, resourceId], at) => [`assignment-${at}`, { appRoleId, resourceId }],
    ),
  );
  const call: CallGraph = async (method, url, body) => {
    const { pathname } = new URL(url);
    if (pathname === '/v1.0/servicePrincipals') {
      const application = Object.entries(roleIds).map(([value, id]) => ({
        id,
        value,
        allowedMemberTypes: ['Application'],
      }));
      const delegated = {
        id: roleIds['Mail.Read'],
        value: 'User.EnableDisableAccount.All',
        allowedMemberTypes: ['User'],
      };
      return { value: [{ id: graphId, appRoles: [...application, delegated] }] };
    }
    const [, id] = new RegExp(`^/v1.0/servicePrincipals/${principal}/appRoleAssignments/?(.*)$`).exec(pathname) ?? [];
    if (id === undefined) throw new TypeError(`${method} ${url} is not known`);
    if (method === 'get') return { value: [...assigned].map(([key, one]) => ({ id: key, ...one })) };
    if (method === 'delete') return void assigned.delete(id);
    const { principalId, ...one } = Assignment.parse(body);
    expect(principalId).toBe(principal);
    return assigned.set(`assignment-${assigned.size + 10}`, one);
  };
  return {
    call,
    held: () =>
      [...assigned.values()].filter(({ resourceId }) => resourceId === graphId).map(({ appRoleId }) => appRoleId),
  };
}

describe('the Graph permissions of an identity', () => {
  it('are granted and revoked until they are exactly those that are wanted', async () => {
    const { call, held } = graph(['User.Read.All', 'Mail.Read'], ['0a1b2c3d-0000-4000-8000-0000000000c1']);
    const changes = await graphChanges(call, principal, ['User.Read.All', 'User.RevokeSessions.All']);
    expect(changes.map(({ line }) => line)).toEqual(['+ User.RevokeSessions.All', '- Mail.Read']);
    for (const { apply } of changes) await apply();
    expect(held().sort()).toEqual([roleIds['User.Read.All'], roleIds['User.RevokeSessions.All']]);
    expect(await graphChanges(call, principal, ['User.Read.All', 'User.RevokeSessions.All'])).toEqual([]);
  });

  it('are not changed by being looked at', async () => {
    const { call, held } = graph([]);
    expect(await graphChanges(call, principal, ['User.Read.All'])).toHaveLength(1);
    expect(held()).toEqual([]);
  });

  it('are refused where Graph has no such permission for applications', async () => {
    const { call } = graph([]);
    await expect(graphChanges(call, principal, ['User.EnableDisableAccount.All'])).rejects.toThrow(
      /no application permission/,
    );
  });
});

/** The roles of Entra's own, as far as they are asked for here. */
function directory() {
  type Role = {
    id: string;
    displayName: string;
    isBuiltIn: boolean;
    rolePermissions: { allowedResourceActions: string[] }[];
  };
  const roles = new Map<string, Role>();
  const assignments = new Map<string, { principalId: string; roleDefinitionId: string; directoryScopeId: string }>();
  let count = 0;
  const Role = z.object({
    displayName: z.string(),
    rolePermissions: z.array(z.object({ allowedResourceActions: z.array(z.string()) })),
  });
  const Given = z.object({ principalId: z.string(), roleDefinitionId: z.string(), directoryScopeId: z.literal('/') });
  const put = (id: string, body: unknown) => {
    roles.set(id, { id, isBuiltIn: false, ...Role.parse(body) });
    return { id };
  };
  const call: CallGraph = async (method, url, body) => {
    const { pathname, searchParams } = new URL(url);
    count += 1;
    const [, kind = '', id = `id-${count}`] =
      /^\/v1\.0\/roleManagement\/directory\/(roleDefinitions|roleAssignments)\/?(.+)?$/.exec(pathname) ?? [];
    const wanted = /eq '(.*)'$/.exec(searchParams.get('$filter') ?? '')?.[1];
    const isRole = kind === 'roleDefinitions';
    if (method === 'get' && isRole)
      return { value: [...roles.values()].filter(({ displayName }) => displayName === wanted) };
    if (method === 'get')
      return {
        value: [...assignments].flatMap(([key, one]) => (one.roleDefinitionId === wanted ? [{ id: key, ...one }] : [])),
      };
    if (method === 'delete') return void (isRole ? roles : assignments).delete(id);
    if (isRole) return put(id, body);
    return assignments.set(id, Given.parse(body));
  };
  return { call, roles, assignments };
}

describe('the directory role of an identity', () => {
  const name = 'Cordon Writer (production)';
  const wanted = (...verbs: readonly string[]) => ({
    ...{ name, principalId: principal },
    permissions: verbs.map((verb) => `microsoft.directory/servicePrincipals/${verb}`),
  });
  const settle = async (call: CallGraph, role: ReturnType<typeof wanted>) => {
    const changes = await directoryChanges(call, role);
    for (const { apply } of changes) await apply();
    expect(await directoryChanges(call, role)).toEqual([]);
    return changes.map(({ line }) => line);
  };

  it('is made and assigned, and follows what is wanted until it goes', async () => {
    const { call, roles, assignments } = directory();
    await settle(call, wanted('disable'));
    expect([...assignments.values()]).toMatchObject([{ principalId: principal, directoryScopeId: '/' }]);
    expect(await settle(call, wanted('enable'))).toEqual([
      '+ microsoft.directory/servicePrincipals/enable (role Cordon Writer (production))\n  - microsoft.directory/servicePrincipals/disable (role Cordon Writer (production))',
    ]);
    await settle(call, wanted());
    expect([roles.size, assignments.size]).toEqual([0, 0]);
  });

  it('is had by nobody else', async () => {
    const { call, assignments } = directory();
    await settle(call, { ...wanted('disable'), principalId: graphId });
    await settle(call, wanted('disable'));
    expect([...assignments.values()].map(({ principalId }) => principalId)).toEqual([principal]);
  });

  it('is not changed by being looked at, and never made of a role of Microsoft', async () => {
    const { call, roles } = directory();
    expect(await directoryChanges(call, wanted('disable'))).toHaveLength(1);
    expect(roles.size).toBe(0);
    roles.set('theirs', { id: 'theirs', displayName: name, isBuiltIn: true, rolePermissions: [] });
    await expect(directoryChanges(call, wanted('disable'))).rejects.toThrow(/another role of Entra/);
  });
});
