import { isObject } from '../../model/json.ts';
import type { HttpRequest } from '../http.ts';
import type { World } from '../world.ts';
import { AzureFault } from './fault.ts';
import type { AzureHost } from './operation.ts';
import { users } from './entra-users.ts';
import { assignedTo } from './role-assignments.ts';
import { type PrincipalRow, principals } from './rows.ts';

const audiences: Readonly<Record<AzureHost, string>> = {
  arm: 'https://management.azure.com',
  graph: 'https://graph.microsoft.com',
  blob: 'https://storage.azure.com',
};

/** What a simulated token says beside whose it is, as an access token of Entra does; nothing is decided by it. */
type Said = { readonly oid?: string; readonly tid?: string; readonly roles?: readonly string[] };

/** The bearer token of a simulated principal for one audience; valid until an instant (milliseconds). */
export const tokenFor = (principal: string, audience: string, expires: number, said: Said = {}): string =>
  `sandbox.${Buffer.from(JSON.stringify({ ...said, principal, audience, expires })).toString('base64url')}`;

function readToken(text: string): { principal: string; audience: string; expires: number } | undefined {
  const [prefix, payload = ''] = text.split('.');
  if (prefix !== 'sandbox') return undefined;
  const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (!isObject(value)) return undefined;
  return {
    principal: String(value['principal']),
    audience: String(value['audience']),
    expires: Number(value['expires']),
  };
}

/** A service principal, or a user who calls: with the roles that assignments give, which a gate may know late. */
function principalOf({ rows }: World, id: string): PrincipalRow | undefined {
  const user = rows.get(users, id);
  const plain = user && { id, name: user.userPrincipalName, tenant: '', assignments: [], graph: [] };
  const principal = rows.get(principals, id) ?? plain;
  return principal && { ...principal, assignments: [...principal.assignments, ...assignedTo(rows.lagged, id)] };
}

/** Who stands behind an `Authorization` value; undefined where there is none, a fault where it is no good. */
export const principalBehind = (
  world: World,
  host: AzureHost,
  authorization: string | undefined,
): PrincipalRow | undefined => principalWith(world, audiences[host], authorization);

/** The same for any audience, as that of a cluster. */
export function principalWith(
  world: World,
  audience: string,
  authorization: string | undefined,
): PrincipalRow | undefined {
  const [scheme, text] = (authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || text === undefined) return undefined;
  const token = readToken(text);
  const invalid = (why: string) => new AzureFault(401, 'InvalidAuthenticationToken', why);
  if (!token) throw invalid('The access token is invalid.');
  if (token.audience !== audience)
    throw invalid(`The access token has been obtained from wrong audience or resource '${token.audience}'.`);
  if (token.expires <= world.clock.milliseconds)
    throw new AzureFault(
      401,
      'ExpiredAuthenticationToken',
      'The access token expiry is earlier than the current time.',
    );
  const principal = principalOf(world, token.principal);
  if (!principal) throw invalid('The principal of the access token is unknown.');
  return principal;
}

/** Who sent a request; undefined for a stranger. */
export const authenticate = (world: World, host: AzureHost, { headers }: HttpRequest): PrincipalRow | undefined =>
  principalBehind(world, host, headers['authorization']);
