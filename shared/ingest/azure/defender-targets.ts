import { comparable, parseArmId } from '../../model/identifiers.ts';
import type { Actor, Target } from '../../model/target.ts';
import type { Alert, Entity } from './defender-alert.ts';
import { isAddress } from '../shape.ts';

type Role = Target['role'];

const subscriptionOf = (id: string): string | undefined => /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase();

/** A resource by its id; `owner` stands in where the id names no subscription. */
export function resource(id: string, role: Role, owner: string): Target {
  const arm = parseArmId(id);
  const common = { id, account: subscriptionOf(id) ?? owner, region: '', role };
  if (!arm) {
    const kind = /^\/subscriptions\/[^/]+\/?$/i.test(id) ? 'subscription' : 'resource';
    return { type: 'other', ...common, name: id.slice(id.lastIndexOf('/') + 1) || id, kind };
  }
  const { name, resourceGroup } = arm;
  switch (arm.type.toLowerCase()) {
    case 'microsoft.compute/virtualmachines':
      return { type: 'azure.compute.virtual-machine', ...common, name, resourceGroup };
    case 'microsoft.storage/storageaccounts':
      return { type: 'azure.storage.account', ...common, name, resourceGroup };
    case 'microsoft.network/networksecuritygroups':
      return { type: 'azure.network.security-group', ...common, name, resourceGroup };
    default:
      return { type: 'other', ...common, name, kind: arm.type };
  }
}

const isUser = ({ type }: Entity): boolean => type?.toLowerCase() === 'account' || type?.toLowerCase() === 'user';
const nobody = /^0{8}(-0{4}){3}-0{12}$/;

const principalNameOf = ({ userprincipalname, name, upnsuffix }: Entity): string | undefined =>
  userprincipalname ?? (name && upnsuffix ? `${name}@${upnsuffix}` : undefined);

/** The users of Entra that an alert names: with an object id or a principal name; accounts of one host have neither. */
const entraUsers = (alert: Alert): readonly Entity[] =>
  (alert.entities ?? []).filter(
    (entity) =>
      isUser(entity) && ((entity.aaduserid && !nobody.test(entity.aaduserid)) || principalNameOf(entity) !== undefined),
  );

/** The tenant that the alert itself is of. */
const tenantIn = ({ resourceidentifiers }: Alert): string | undefined =>
  (resourceidentifiers ?? []).flatMap((one) => [one.aadtenantid, one.azureresourcetenantid]).find(Boolean);

type Person = {
  readonly userId: string | undefined;
  readonly userPrincipalName: string | undefined;
  readonly tenant: string | undefined;
};

function people(alert: Alert): readonly Person[] {
  const tenant = tenantIn(alert);
  return entraUsers(alert).map((entity) => ({
    userId: entity.aaduserid && !nobody.test(entity.aaduserid) ? entity.aaduserid.toLowerCase() : undefined,
    userPrincipalName: principalNameOf(entity),
    tenant: (entity.aadtenantid ?? tenant)?.toLowerCase(),
  }));
}

/** A user belongs to a tenant, not to the subscription; without a tenant it is shown and cannot be acted on. */
function user({ userId, userPrincipalName, tenant }: Person, role: Role, owner: string): Target {
  const id = userId ?? userPrincipalName?.toLowerCase() ?? 'unknown';
  const common = { id, name: userPrincipalName ?? id, region: '', role };
  return tenant === undefined
    ? { type: 'other', ...common, account: owner, kind: 'account' }
    : { type: 'azure.entra.user', ...common, account: tenant, userId, userPrincipalName };
}

/** Accounts of a host, as `domain\name`. */
const localAccounts = (alert: Alert, owner: string): readonly Target[] => {
  const known = new Set(entraUsers(alert));
  return (alert.entities ?? [])
    .filter((entity) => isUser(entity) && !known.has(entity))
    .flatMap(({ name, ntdomain }): Target[] => {
      if (!name) return [];
      const id = ntdomain ? `${ntdomain}\\${name}` : name;
      return [{ type: 'other', id, name, account: owner, region: '', role: 'related', kind: 'account' }];
    });
};

/** Addresses other than those of our own assets; the destination of a connection is where ours called. */
function addresses({ entities }: Alert, owner: string): readonly Extract<Target, { type: 'network.address' }>[] {
  const called = new Set((entities ?? []).flatMap(({ destinationaddress: to }) => [to?.$ref, to?.address]));
  return (entities ?? []).flatMap(({ type, address, asset, $id }) => {
    if (type?.toLowerCase() !== 'ip' || asset || !isAddress(address)) return [];
    const direction = called.has(address) || ($id && called.has($id)) ? 'outbound' : 'inbound';
    const common = { id: address, name: address, account: owner, region: '', role: 'related' as const };
    return [{ type: 'network.address' as const, ...common, address, direction }];
  });
}

/** The ids that the alert says it is about, then those its entities name beside them. */
function idsOf({
  azureresourceid,
  resourceidentifiers,
  compromisedentity,
  entities,
}: Alert): readonly [string[], string[]] {
  const about = [azureresourceid, ...(resourceidentifiers ?? []).map((one) => one.azureresourceid)];
  const beside = (entities ?? []).map(({ azureid, resourceid }) => azureid ?? resourceid);
  const given = (ids: readonly (string | undefined)[]): string[] => ids.filter((id): id is string => Boolean(id));
  if (given(about).length > 0) return [given(about), given(beside)];
  const victim = given([compromisedentity]).filter((id) => subscriptionOf(id) !== undefined);
  return victim.length > 0 ? [victim, given(beside)] : [given(beside), []];
}

/** The first resource id of the alert, by which its subscription is told. */
export const subscriptionIn = (alert: Alert): string | undefined =>
  idsOf(alert).flat().map(subscriptionOf).find(Boolean);

function unique(targets: readonly Target[]): readonly Target[] {
  const first = new Map<string, Target>();
  for (const target of targets) if (!first.has(comparable(target.id))) first.set(comparable(target.id), target);
  return [...first.values()];
}

/** The resources of an alert: what it is about, who is named in it, and what stands beside. */
export function targetsOf(alert: Alert, owner: string): readonly Target[] {
  const [about, beside] = idsOf(alert);
  const users = people(alert);
  const things = about.map((id) => resource(id, 'affected', owner));
  const userRole = things.length === 0 ? 'affected' : users.length === 1 ? 'actor' : 'related';
  const named = [
    ...things,
    ...users.map((one) => user(one, userRole, owner)),
    ...beside.map((id) => resource(id, 'related', owner)),
    ...localAccounts(alert, owner),
    ...addresses(alert, owner),
  ];
  if (named.some(({ role }) => role === 'affected')) return unique(named);
  const id = alert.compromisedentity ?? alert.alerttype;
  return unique([
    { type: 'other', id, name: id, account: owner, region: '', role: 'affected', kind: 'unknown' },
    ...named,
  ]);
}

/** Who did it: the one user of Entra that the alert names, from the addresses that called in. */
export function actorOf(alert: Alert, owner: string): Actor | undefined {
  const from = addresses(alert, owner).filter(({ direction }) => direction === 'inbound');
  const seen = [...new Set(from.map(({ address }) => address))];
  const [one, ...more] = people(alert);
  if (one && more.length === 0) {
    const { tenant: account, userId, userPrincipalName } = one;
    return { type: 'entra-user', account, userId, userPrincipalName, addresses: seen };
  }
  return seen.length > 0 ? { type: 'other', addresses: seen } : undefined;
}
