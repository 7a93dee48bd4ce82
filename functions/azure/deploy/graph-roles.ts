import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { directoryChanges } from './directory-role.ts';
import type { CallGraph, GraphChange } from './graph-change.ts';
import rights from './rights.generated.json' with { type: 'json' };

/** Microsoft Graph itself, the same in every tenant. */
const graphAppId = '00000003-0000-0000-c000-000000000000';
const graphUrl = 'https://graph.microsoft.com/v1.0';

const Graph = z.object({
  value: z.tuple([
    z.object({
      id: z.uuid(),
      appRoles: z.array(
        z.object({ id: z.uuid(), value: z.string().nullable(), allowedMemberTypes: z.array(z.string()) }),
      ),
    }),
  ]),
});
const Assigned = z.object({
  value: z.array(z.object({ id: z.string().min(1), appRoleId: z.uuid(), resourceId: z.uuid() })),
});

/**
 * What has to change so that an identity has exactly these application permissions of Microsoft Graph
 * (learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments): those that are missing are granted, those of
 * Graph that are no longer wanted revoked. Throws where Graph knows no such permission.
 */
export async function graphChanges(
  call: CallGraph,
  principalId: string,
  wanted: readonly string[],
): Promise<readonly GraphChange[]> {
  const found = await call('get', `${graphUrl}/servicePrincipals?$filter=appId eq '${graphAppId}'&$select=id,appRoles`);
  const [graph] = Graph.parse(found).value;
  const roles = graph.appRoles.filter(({ allowedMemberTypes }) => allowedMemberTypes.includes('Application'));
  const url = `${graphUrl}/servicePrincipals/${principalId}/appRoleAssignments`;
  const assigned = Assigned.parse(await call('get', url)).value.filter(({ resourceId }) => resourceId === graph.id);
  const grants = wanted.map((permission): GraphChange[] => {
    const role = roles.find(({ value }) => value === permission);
    if (!role) throw new TypeError(`Microsoft Graph has no application permission ${permission}`);
    if (assigned.some(({ appRoleId }) => appRoleId === role.id)) return [];
    const body = { principalId, resourceId: graph.id, appRoleId: role.id };
    return [{ line: `+ ${permission}`, apply: () => call('post', url, body) }];
  });
  const nameOf = (appRoleId: string) => graph.appRoles.find(({ id }) => id === appRoleId)?.value ?? appRoleId;
  const revokes = assigned
    .filter(({ appRoleId }) => !wanted.includes(nameOf(appRoleId)))
    .map(({ id, appRoleId }) => ({ line: `- ${nameOf(appRoleId)}`, apply: () => call('delete', `${url}/${id}`) }));
  return [...grants.flat(), ...revokes];
}

/** What `az` prints; its own message where it fails. */
const az: CallGraph = async (method, url, body) => {
  const given =
    body === undefined ? [] : ['--headers', 'content-type=application/json', '--body', JSON.stringify(body)];
  const { stdout } = await promisify(execFile)('az', ['rest', '--method', method, '--url', url, ...given]);
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string', default: '' },
      reader: { type: 'string' },
      writer: { type: 'string' },
      'what-if': { type: 'boolean', default: false },
    },
  });
  const stage = z.string().min(1, '--stage says whose roles these are').parse(values.stage);
  for (const holder of ['reader', 'writer'] as const) {
    const principalId = values[holder];
    if (!principalId) continue;
    const wanted = (all: readonly { readonly holder: string; readonly permission: string }[]) =>
      all.flatMap((one) => (one.holder === holder ? [one.permission] : []));
    const name = `Cordon ${holder === 'reader' ? 'Reader' : 'Writer'} (${stage})`;
    const role = { name, permissions: wanted(rights.entra), principalId: z.uuid().parse(principalId) };
    const changes = [
      ...(await graphChanges(az, role.principalId, wanted(rights.graph))),
      ...(await directoryChanges(az, role)),
    ];
    console.log(`${holder} ${principalId}: ${changes.length === 0 ? 'has what it needs' : ''}`);
    for (const { line, apply } of changes) {
      console.log(`  ${line}`);
      if (!values['what-if']) await apply();
    }
  }
}
