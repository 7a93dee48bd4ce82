import * as z from 'zod';
import type { CallGraph, GraphChange } from './graph-change.ts';

const url = 'https://management.azure.com';
const version = 'api-version=2022-04-01';

const Assignments = z.object({
  value: z.array(
    z.object({
      id: z.string().startsWith('/'),
      properties: z.object({
        principalId: z.string(),
        scope: z.string(),
        roleDefinitionId: z.string().startsWith('/'),
      }),
    }),
  ),
  nextLink: z.url().nullish(),
});
type Assignment = z.infer<typeof Assignments>['value'][number];
const Definition = z.object({ properties: z.object({ roleName: z.string() }) });

/** An identity that is to have no right any more, and the scopes at which and below which it could have one. */
export type Former = { readonly principalId: string; readonly scopes: readonly string[] };

async function assignmentsAt(call: CallGraph, principalId: string, scope: string): Promise<readonly Assignment[]> {
  const found: Assignment[] = [];
  const filter = `$filter=principalId eq '${principalId}'`;
  let next: string | null | undefined =
    `${url}${scope}/providers/Microsoft.Authorization/roleAssignments?${version}&${filter}`;
  while (next) {
    const page = Assignments.parse(await call('get', next));
    found.push(...page.value.filter(({ properties }) => properties.principalId === principalId));
    next = page.nextLink;
  }
  return found;
}

/**
 * The role assignments that an identity still has, each to be deleted: a deployment without the identity leaves them
 * (learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope).
 */
export async function assignmentsTaken(
  call: CallGraph,
  { principalId, scopes }: Former,
): Promise<readonly GraphChange[]> {
  const found = new Map<string, Assignment>();
  for (const scope of scopes)
    for (const one of await assignmentsAt(call, principalId, scope)) found.set(one.id.toLowerCase(), one);
  const changes: GraphChange[] = [];
  for (const { id, properties } of found.values()) {
    const role = Definition.parse(await call('get', `${url}${properties.roleDefinitionId}?${version}`));
    changes.push({
      line: `- role ${role.properties.roleName} at ${properties.scope}`,
      apply: () => call('delete', `${url}${id}?${version}`),
    });
  }
  return changes;
}
