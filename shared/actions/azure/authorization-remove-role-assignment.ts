import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { InvalidInput } from '../../model/error.ts';
import { comparable, parseExtensionId } from '../../model/identifiers.ts';
import { noRoleThatGivesRoles } from '../../policy/role-assigning.ts';
import { deleteArm, putArm } from './arm-resource.ts';
import { type AzureSession, azureAction } from './azure-action.ts';
import {
  Assigned,
  assignmentsOf,
  type Found,
  leavesNoOwner,
  readAssignment,
  roleAssignmentKind,
  whyNotGivenBack,
} from './role-assignment.ts';

/** What a principal has from above the scope: told, and left alone. */
const Inherited = z.strictObject({ inherits: z.array(z.string()) });
const Value = z.union([Assigned, Inherited]);
type Value = z.infer<typeof Value>;

const assignmentType = 'Microsoft.Authorization/roleAssignments';

const Input = z
  .strictObject({
    roleAssignmentId: z
      .string()
      .refine((id) => parseExtensionId(id, assignmentType) !== undefined, {
        error: `must be the id of one of ${assignmentType}`,
      })
      .optional()
      .describe('The one assignment, by its ARM id.'),
    principalId: z.guid().optional().describe('Or all that this principal has, by its object id.'),
    scope: z
      .string()
      .regex(/^\/subscriptions\/[^?#]+$/i)
      .optional()
      .describe('Those at or under this scope; by default all of the subscription.'),
  })
  .refine(
    ({ roleAssignmentId, principalId }) => (roleAssignmentId === undefined) !== (principalId === undefined),
    'either roleAssignmentId or principalId is needed',
  );

const isWithin = (place: string, scope: string): boolean =>
  `${comparable(place)}/`.startsWith(`${comparable(scope).replace(/\/$/, '')}/`);

/** Management groups and the root are above every subscription. */
const covers = (above: string, scope: string): boolean => !/^\/subscriptions\//i.test(above) || isWithin(scope, above);

/** Ids act where they point: another subscription is another session's. */
function refuseForeign({ subscription }: AzureSession, id: string): void {
  if (isWithin(id, `/subscriptions/${subscription}`)) return;
  throw new InvalidInput({
    code: 'foreign-account',
    message: `${id} is not in the subscription ${subscription}`,
    remedy: 'Act in the subscription that the id names.',
  });
}

async function refuseLastOwner(azure: AzureSession, going: readonly Found[], signal: AbortSignal): Promise<void> {
  if (!(await leavesNoOwner(azure, going, signal))) return;
  throw new InvalidInput({
    code: 'last-owner',
    message: `Nobody would own the subscription ${azure.subscription} any more`,
    remedy: 'Make somebody else Owner of the subscription first.',
  });
}

const stateOf = (found: readonly Found[]): State<Value> =>
  Object.fromEntries(found.map(({ id, assigned }) => [id, assigned]));

async function readOne(azure: AzureSession, id: string, signal: AbortSignal): Promise<State<Value>> {
  const found = await readAssignment(azure, id, signal);
  if (!found) return { [id]: null };
  await refuseLastOwner(azure, [found], signal);
  return stateOf([found]);
}

async function readAll(azure: AzureSession, principalId: string, scope: string, signal: AbortSignal) {
  const all = await assignmentsOf(azure, principalId, signal);
  const going = all.filter(({ assigned }) => isWithin(assigned.scope, scope));
  await refuseLastOwner(azure, going, signal);
  const above = all.filter(({ assigned: { scope: from } }) => !isWithin(from, scope) && covers(from, scope));
  return { ...stateOf(going), [principalId]: { inherits: above.map(({ id }) => id).sort() } };
}

const onAssignments = (verb: string) => ({
  allow: `Microsoft.Authorization/roleAssignments/${verb}`,
  on: '/subscriptions/{subscription}',
});

/**
 * Takes role assignments of Azure away, one or all that a principal has in the subscription, and puts them back under
 * the same names (learn.microsoft.com/azure/role-based-access-control/role-assignments-remove). It is what ends the
 * work of a managed identity, whose tokens nobody can revoke.
 */
export const authorizationRemoveRoleAssignment = azureAction({
  id: 'azure.authorization.remove-role-assignment',
  title: 'Take role assignments of Azure away',
  target: 'azure.role-assignment',
  d3fend: 'D3-UAP',
  input: Input,
  value: Value,
  permissions: {
    read: [onAssignments('read')],
    write: [onAssignments('delete'), { ...onAssignments('write'), when: noRoleThatGivesRoles }],
  },
  settles: { seconds: 60 },
  restores: 'credentials',
  cautions: [
    'Resource Manager may honour what was removed for ten minutes more, and storage for half an hour.',
    'What the principal inherits from a management group or has through a group stays; the plan names the former.',
    'An eligible assignment of Privileged Identity Management can be activated again.',
    'A lock on the scope refuses the removal.',
    'Owner, User Access Administrator and Role Based Access Control Administrator are not given back by Cordon: a person does.',
  ],
  examples: [
    {
      roleAssignmentId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/providers/Microsoft.Authorization/roleAssignments/0a1b2c3d-0000-4000-8000-00000000d002',
    },
    { principalId: '0a1b2c3d-0000-4000-8000-00000000a003' },
  ],
}).does({
  async capture(azure, { roleAssignmentId, principalId = '', scope }, { signal }) {
    const place = scope ?? `/subscriptions/${azure.subscription}`;
    refuseForeign(azure, roleAssignmentId ?? place);
    return roleAssignmentId === undefined
      ? readAll(azure, principalId, place, signal)
      : readOne(azure, roleAssignmentId, signal);
  },
  plan: (_, seen) =>
    Object.fromEntries(
      Object.entries(seen).flatMap(([id, now]) => (now && 'inherits' in now ? [] : [[id, null] as const])),
    ),
  final: ({ resource, from, to }) =>
    to === null && from && 'principalId' in from ? whyNotGivenBack(from, resource) : undefined,
  async apply(azure, { resource, to }, step) {
    if (to === null) await deleteArm(azure, roleAssignmentKind, resource, step);
    else if ('principalId' in to) {
      const { scope: _, ...properties } = to; // the scope is part of the id
      await putArm(azure, roleAssignmentKind, resource, { properties }, step);
    }
  },
});
