import { evaluateAzure } from '../../policy/azure.ts';
import { AzureFault } from './fault.ts';
import type { AzureCall, AzureHost, AzureOperation, Need } from './operation.ts';
import type { PrincipalRow } from './rows.ts';

/** The path of a request, decoded: in ARM the scope it is about. */
export const scopeOf = (url: URL): string => decodeURIComponent(url.pathname);

function refuse(host: AzureHost, caller: PrincipalRow, need: Need, own: Need | undefined): AzureFault {
  if ('anyOf' in need)
    return new AzureFault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  if (host === 'blob')
    return new AzureFault(
      403,
      'AuthorizationPermissionMismatch',
      'This request is not authorized to perform this operation using this permission.',
    );
  const client = `The client '${caller.id}' with object id '${caller.id}'`;
  if (own && own !== need && 'action' in own)
    return new AzureFault(
      403,
      'LinkedAuthorizationFailed',
      `${client} has permission to perform action '${own.action}' on scope '${own.scope}'; however, it does not have permission to perform action '${need.action}' on the linked scope(s) '${need.scope}' or the linked scope(s) are invalid.`,
    );
  return new AzureFault(
    403,
    'AuthorizationFailed',
    `${client} does not have authorization to perform action '${need.action}' over scope '${need.scope}' or the scope is invalid.`,
  );
}

/** How a permission of a role of Entra's own begins; those of Graph do not. */
const ofDirectory = 'microsoft.directory/';
const holds = ({ graph, directory = [] }: PrincipalRow, permission: string): boolean =>
  (permission.startsWith(ofDirectory) ? directory : graph).includes(permission);

/** Whether a principal has a right. */
export function has(caller: PrincipalRow, need: Need): boolean {
  if ('anyOf' in need) return need.anyOf.some((permission) => holds(caller, permission));
  return evaluateAzure(caller.assignments, need.action, need.scope, need.data === true, [], need.attributes);
}

const nameOf = (need: Need, caller: PrincipalRow): readonly string[] =>
  'anyOf' in need
    ? need.anyOf
        .filter((one) => holds(caller, one))
        .map((one) => `${one.startsWith(ofDirectory) ? 'entra' : 'graph'}:${one}`)
    : [need.action];

/** Refuses what the caller may not do; answers with the rights that were needed. */
export function authorise(host: AzureHost, operation: AzureOperation, call: AzureCall): readonly string[] {
  if (operation.anonymous?.(call)) return [];
  const { caller } = call;
  if (!caller) {
    if (host === 'blob')
      throw new AzureFault(401, 'NoAuthenticationInformation', 'Server failed to authenticate the request.');
    throw new AzureFault(401, 'AuthenticationFailed', 'Authentication failed. The Authorization header is missing.');
  }
  const needs = operation.needs?.(call) ?? [{ action: operation.operation, scope: scopeOf(call.url) }];
  const missing = needs.find((need) => !has(caller, need));
  if (missing) throw refuse(host, caller, missing, needs[0]);
  return needs.flatMap((need) => nameOf(need, caller));
}
