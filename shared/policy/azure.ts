import { type AzureRequest, conditionHolds } from './azure-condition.ts';
import { fits, starGlob } from './wildcard.ts';

/** The permissions of a role definition. https://learn.microsoft.com/azure/role-based-access-control/role-definitions */
export type AzureRole = {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
};

/** A role given at a scope (`/`, a management group, a subscription, a resource group or a resource), perhaps under a condition. */
export type AzureAssignment = {
  readonly scope: string;
  readonly role: AzureRole;
  readonly condition?: string | undefined;
};

const listed = (patterns: readonly string[], operation: string): boolean =>
  patterns.some((pattern) => fits(starGlob(pattern.toLowerCase()), operation.toLowerCase()));

/** Whether a role contains an operation. `notActions` subtract from this role only; they deny nothing. */
export const allows = (role: AzureRole, operation: string, isData: boolean): boolean =>
  isData
    ? listed(role.dataActions, operation) && !listed(role.notDataActions, operation)
    : listed(role.actions, operation) && !listed(role.notActions, operation);

const segments = (id: string): string[] => id.toLowerCase().split('/').filter(Boolean);

const isWithin = (resource: readonly string[], scope: readonly string[]): boolean =>
  scope.every((segment, index) => segment === resource[index]);

/**
 * Whether any assignment that covers the resource allows the operation. A resource id does not tell its management
 * groups: those above its subscription come in `managementGroups`. `attributes` are what conditions ask about.
 */
export function evaluateAzure(
  assignments: readonly AzureAssignment[],
  operation: string,
  resourceId: string,
  isData: boolean,
  managementGroups: readonly string[] = [],
  attributes: AzureRequest['attributes'] = {},
): boolean {
  const places = [resourceId, ...managementGroups].map(segments);
  return assignments.some(
    ({ scope, role, condition = '' }) =>
      places.some((place) => isWithin(place, segments(scope))) &&
      allows(role, operation, isData) &&
      (condition === '' || conditionHolds(condition, { operation, attributes })),
  );
}
