import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import type { Alert, Entity } from './defender-alert.ts';
import { type EntraApplication, type EntraPerson, entraServicePrincipal, entraUser, guidOf } from './entra-targets.ts';
import { isAddress } from '../shape.ts';

type Role = Target['role'];

const isAccount = ({ type }: Entity): boolean => type?.toLowerCase() === 'account' || type?.toLowerCase() === 'user';

/** A user or an application of a directory. Without the tenant it is shown and cannot be acted on. */
type Principal = EntraPerson &
  EntraApplication & {
    readonly kind: 'entra-user' | 'service-principal';
    readonly id: string;
    readonly tenant: string | undefined;
  };

const principalNameOf = ({ userprincipalname, name, upnsuffix }: Entity): string | undefined =>
  userprincipalname ?? (name && upnsuffix ? `${name}@${upnsuffix}` : undefined);

function userIn(entity: Entity, tenant: string | undefined): Principal | undefined {
  const userId = guidOf(entity.aaduserid);
  const userPrincipalName = principalNameOf(entity);
  const id = userId ?? userPrincipalName?.toLowerCase();
  if (!isAccount(entity) || id === undefined) return undefined;
  const home = (entity.aadtenantid ?? tenant)?.toLowerCase();
  return { kind: 'entra-user', id, userId, userPrincipalName, tenant: home };
}

function applicationIn(entity: Entity, tenant: string | undefined): Principal | undefined {
  const servicePrincipalId = guidOf(entity.serviceprincipalobjectid);
  const appId = guidOf(entity.appid);
  const id = servicePrincipalId ?? appId;
  if (entity.type?.toLowerCase() !== 'service-principal' || id === undefined) return undefined;
  const home = (entity.tenantid ?? entity.aadtenantid ?? tenant)?.toLowerCase();
  const name = entity.serviceprincipalname ?? entity.name ?? id;
  return { kind: 'service-principal', id, name, servicePrincipalId, appId, tenant: home };
}

/** The tenant that the alert itself is of. */
const tenantIn = ({ resourceidentifiers }: Alert): string | undefined =>
  (resourceidentifiers ?? []).flatMap((one) => [one.aadtenantid, one.azureresourcetenantid]).find(Boolean);

/** Users with an object id or a principal name, and applications; accounts of one host have neither. Each once. */
export function principalsIn(alert: Alert): readonly Principal[] {
  const tenant = tenantIn(alert);
  const all = (alert.entities ?? []).flatMap((one) => userIn(one, tenant) ?? applicationIn(one, tenant) ?? []);
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** A principal belongs to a tenant, not to the subscription. */
export function principalTarget(principal: Principal, role: Role, owner: string): Target {
  const { kind, id, tenant } = principal;
  const make = kind === 'entra-user' ? entraUser : entraServicePrincipal;
  const target = tenant === undefined ? undefined : make(principal, tenant, role);
  const name = principal.userPrincipalName ?? principal.name ?? id;
  return target ?? { type: 'other', id, name, account: owner, region: '', role, kind: 'account' };
}

/** Accounts of a host, as `domain\name`. */
export const localAccounts = ({ entities }: Alert, owner: string): readonly Target[] =>
  (entities ?? []).flatMap((entity): Target[] => {
    const { name, ntdomain } = entity;
    if (!isAccount(entity) || !name || userIn(entity, undefined)) return [];
    const id = ntdomain ? `${ntdomain}\\${name}` : name;
    return [{ type: 'other', id, name, account: owner, region: '', role: 'related', kind: 'account' }];
  });

/** Addresses other than those of our own assets; the destination of a connection is where ours called. */
export function addressesIn(
  { entities }: Alert,
  owner: string,
): readonly Extract<Target, { type: 'network.address' }>[] {
  const called = new Set((entities ?? []).flatMap(({ destinationaddress: to }) => [to?.$ref, to?.address]));
  return (entities ?? []).flatMap(({ type, address, asset, $id }) => {
    if (type?.toLowerCase() !== 'ip' || asset || !isAddress(address)) return [];
    const direction = called.has(address) || ($id && called.has($id)) ? 'outbound' : 'inbound';
    const common = { id: address, name: address, account: owner, region: '', role: 'related' as const };
    return [{ type: 'network.address' as const, ...common, address, direction }];
  });
}

/** Who did it: the one principal that the alert names, from the addresses that called in. */
export function actorOf(alert: Alert, owner: string): Actor | undefined {
  const from = addressesIn(alert, owner).filter(({ direction }) => direction === 'inbound');
  const addresses = [...new Set(from.map(({ address }) => address))];
  const [one, ...more] = principalsIn(alert);
  if (!one || more.length > 0) return addresses.length > 0 ? { type: 'other', addresses } : undefined;
  const { kind: type, tenant: account, userId, userPrincipalName, servicePrincipalId: principalId, appId } = one;
  return { type, account, userId, userPrincipalName, principalId, appId, addresses };
}
