import type { Principals, Statement } from './document.ts';
import { type AwsPrincipal, roleArnOf } from './request.ts';

/**
 * How closely a resource policy names the caller, which decides what still limits the grant: `direct` nothing within
 * one account, `role` the boundary and session policy, `account` the identity's own policies.
 */
export type Standing = 'none' | 'account' | 'role' | 'direct';

const standings: readonly Standing[] = ['none', 'account', 'role', 'direct'];

/** The closer of two standings. */
export const closer = (a: Standing, b: Standing): Standing => (standings.indexOf(a) >= standings.indexOf(b) ? a : b);

const isStranger = ({ type }: AwsPrincipal): boolean =>
  type === 'anonymous' || type === 'service' || type === 'federated';

const namesAccount = (entry: string, account: string): boolean => {
  const [head, , service, , owner, resource] = entry.split(':');
  return entry === account || (head === 'arn' && service === 'iam' && owner === account && resource === 'root');
};

function standingAsAws(entry: string, caller: AwsPrincipal): Standing {
  if (entry === '*') return 'direct';
  if (isStranger(caller)) return 'none';
  if (entry === caller.arn || entry === caller.userId) return 'direct';
  if (namesAccount(entry, caller.account)) return 'account';
  if (caller.type !== 'role-session') return 'none';
  return entry === roleArnOf(caller) || entry === caller.userId?.split(':')[0] ? 'role' : 'none';
}

const standingAs: Readonly<Record<keyof Principals, (entry: string, caller: AwsPrincipal) => Standing>> = {
  AWS: standingAsAws,
  Service: (entry, { type, arn }) => (type === 'service' && entry === arn ? 'direct' : 'none'),
  Federated: (entry, { type, arn }) => (type === 'federated' && entry === arn ? 'direct' : 'none'),
  // callers carry no canonical id, and S3 shows such entries as ARNs when a policy is read back
  CanonicalUser: () => 'none',
};

const kinds = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;

const allStandings = (principals: Principals, caller: AwsPrincipal): Standing[] =>
  kinds.flatMap((kind) => (principals[kind] ?? []).map((entry) => standingAs[kind](entry, caller)));

/** What an exception has to list: AWS checks the account first, then the role, then the session. */
const identities: Readonly<Record<AwsPrincipal['type'], readonly Standing[]>> = {
  user: ['direct', 'account'],
  'role-session': ['direct', 'role', 'account'],
  root: ['direct'],
  anonymous: ['direct'],
  service: ['direct'],
  federated: ['direct'],
};

/** A `NotPrincipal` spares only callers listed in full, and never one with a permissions boundary. */
function isSpared(exception: Principals, caller: AwsPrincipal, hasBoundary: boolean): boolean {
  if (hasBoundary) return false;
  if (exception.AWS?.includes('*')) return true;
  const found = allStandings(exception, caller);
  return identities[caller.type].every((standing) => found.includes(standing));
}

/** Where the caller stands with a statement of a resource policy. A statement that names nobody allows nobody. */
export function standingWith(statement: Statement, caller: AwsPrincipal, hasBoundary: boolean): Standing {
  const { Effect, Principal, NotPrincipal } = statement;
  if (Principal) return allStandings(Principal, caller).reduce(closer, 'none');
  if (Effect === 'Allow') return 'none';
  return NotPrincipal && isSpared(NotPrincipal, caller, hasBoundary) ? 'none' : 'direct';
}
