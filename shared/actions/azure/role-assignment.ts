import * as z from 'zod';
import { comparable } from '../../model/identifiers.ts';
import { rolesThatGiveRoles } from '../../policy/role-assigning.ts';
import type { AzureSession } from './azure-action.ts';
import { type ArmKind, listArm, readArm } from './arm-resource.ts';

const optional = z.string().nullish();

/** Everything that a role assignment is made of, as ARM takes it back under the same name. */
export const Assigned = z.strictObject({
  principalId: z.string(),
  roleDefinitionId: z.string(),
  scope: z.string(),
  principalType: z.string().exactOptional(),
  description: z.string().exactOptional(),
  condition: z.string().exactOptional(),
  conditionVersion: z.string().exactOptional(),
  delegatedManagedIdentityResourceId: z.string().exactOptional(),
});
export type Assigned = z.infer<typeof Assigned>;

const kept = [
  'principalType',
  'description',
  'condition',
  'conditionVersion',
  'delegatedManagedIdentityResourceId',
] as const;

/** As ARM shows it (learn.microsoft.com/rest/api/authorization/role-assignments/get); times and authors are its own. */
const Shape = z.object({
  id: z.string(),
  properties: z.object({
    principalId: z.string(),
    roleDefinitionId: z.string(),
    scope: z.string(),
    principalType: optional,
    description: optional,
    condition: optional,
    conditionVersion: optional,
    delegatedManagedIdentityResourceId: optional,
  }),
});
type Shape = z.infer<typeof Shape>;

export const roleAssignmentKind = { apiVersion: '2022-04-01', shape: Shape } satisfies ArmKind<typeof Shape>;

const assignmentOf = ({ properties }: Shape): Assigned => ({
  principalId: properties.principalId,
  roleDefinitionId: properties.roleDefinitionId,
  scope: properties.scope,
  ...Object.fromEntries(kept.flatMap((name) => (properties[name] ? [[name, properties[name]]] : []))),
});

export type Found = { readonly id: string; readonly assigned: Assigned };

/** One assignment by its id; undefined where there is none. */
export async function readAssignment(azure: AzureSession, id: string, signal: AbortSignal): Promise<Found | undefined> {
  const found = await readArm(azure, roleAssignmentKind, id, signal);
  return found && { id: found.id, assigned: assignmentOf(found) };
}

async function listAt(azure: AzureSession, scope: string, filter: string, signal: AbortSignal): Promise<Found[]> {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?$filter=${encodeURIComponent(filter)}`;
  const all = await listArm(azure, roleAssignmentKind, path, signal);
  return all.map((one) => ({ id: one.id, assigned: assignmentOf(one) }));
}

const wholeSubscription = ({ subscription }: AzureSession): string => `/subscriptions/${subscription}`;

/** All assignments of a principal itself in the subscription: at it, below it, and those that it inherits from above. */
export const assignmentsOf = (azure: AzureSession, principalId: string, signal: AbortSignal): Promise<Found[]> =>
  listAt(azure, wholeSubscription(azure), `principalId eq '${principalId}'`, signal);

const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
/** Roles by which somebody gives himself any other: Owner, Contributor, User Access Administrator, and the administrator of role assignments. */
const powerful = [...rolesThatGiveRoles, 'b24988ac-6180-42a0-ab88-20f7382dd24c'];
const roleIn = ({ roleDefinitionId }: Assigned): string => comparable(roleDefinitionId).split('/').at(-1) ?? '';

/** Why an assignment is not put back, where its role gives roles: Cordon's writer may not give one. */
export const whyNotGivenBack = (assigned: Assigned, id: string): string | undefined =>
  rolesThatGiveRoles.includes(roleIn(assigned))
    ? `${id} gives a role by which others are given, which Cordon may not give: a person does, who has such a role`
    : undefined;

/** Whether a role rules what it is given for. */
export const isPowerful = (assigned: Assigned): boolean => powerful.includes(roleIn(assigned));

/** Whether nobody would own the subscription itself any more: what management groups give may be taken away above. */
export async function leavesNoOwner(
  azure: AzureSession,
  going: readonly Found[],
  signal: AbortSignal,
): Promise<boolean> {
  const place = comparable(wholeSubscription(azure));
  const owns = ({ assigned }: Found): boolean =>
    roleIn(assigned) === owner && comparable(assigned.scope) === place && assigned.condition === undefined;
  if (!going.some(owns)) return false;
  const all = await listAt(azure, wholeSubscription(azure), 'atScope()', signal);
  const ids = new Set(going.map(({ id }) => comparable(id)));
  return !all.some((one) => owns(one) && !ids.has(comparable(one.id)));
}
