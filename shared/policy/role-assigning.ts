import { conditionHolds } from './azure-condition.ts';
import type { Conditions } from './conditions.ts';

/** The right to give and take roles of Azure. */
export const assigning = 'Microsoft.Authorization/roleAssignments/write';

/**
 * Azure's own roles by which one gives any role: Owner, User Access Administrator, Role Based Access Control
 * Administrator (learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged).
 */
export const rolesThatGiveRoles: readonly string[] = [
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
];

/** Stand for Cordon's own roles and identities, which only a deployment knows. */
export const ownRoles = '{ownRoles}';
export const ownIdentities = '{ownIdentities}';

const attribute = (name: string): string => `@Request[Microsoft.Authorization/roleAssignments:${name}]`;

/** What is asked about a role that is given, for conditions. */
export const roleGiven = (roleDefinitionId: string, principalId: string) => ({
  [attribute('RoleDefinitionId')]: [roleDefinitionId],
  [attribute('PrincipalId')]: [principalId],
});

/**
 * Under what a role may be given: none that gives roles and none of Cordon's, and nothing to Cordon itself
 * (learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples).
 */
export const noRoleThatGivesRoles: Conditions = {
  'ForAnyOfAllValues:GuidNotEquals': {
    [attribute('RoleDefinitionId')]: [...rolesThatGiveRoles, ownRoles],
    [attribute('PrincipalId')]: [ownIdentities],
  },
};

/** What a deployment knows of itself; either is a list of ids. */
export type Own = { readonly roles: readonly string[]; readonly identities: readonly string[] };

/** A condition for one deployment. */
export const ownFilledIn = (condition: string, { roles, identities }: Own): string =>
  condition.replaceAll(ownRoles, roles.join(', ')).replaceAll(ownIdentities, identities.join(', '));

/** Whether a condition keeps whoever is under it from coming to more rights by giving roles. */
export function boundsAssigning(condition: string): boolean {
  const own = { roles: ['own-role'], identities: ['own-identity'] };
  const gives = (role: string, principal: string): boolean =>
    conditionHolds(ownFilledIn(condition, own), { operation: assigning, attributes: roleGiven(role, principal) });
  const refused = [...rolesThatGiveRoles, ...own.roles].every((role) => !gives(role, 'anybody'));
  // one that lets nothing through at all was not understood
  return condition !== '' && refused && !gives('any-role', 'own-identity') && gives('any-role', 'anybody');
}
