import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type CallGraph, graphChanges } from '../../functions/azure/deploy/graph-roles.ts';

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
