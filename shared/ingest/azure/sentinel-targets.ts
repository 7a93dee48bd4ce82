import { SubscriptionId } from '../../model/identifiers.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import { Alert } from './defender-alert.ts';
import { actorOf } from './defender-principals.ts';
import { targetsOf } from './defender-targets.ts';
import type { Entity, Incident } from './sentinel-incident.ts';

/** What is affected in one subscription, and who did it. */
export type Part = { readonly account: string; readonly resources: readonly Target[]; readonly actor?: Actor };

const subscriptionIn = (id = ''): string | undefined => {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(id)?.[1];
  return SubscriptionId.safeParse(subscription).success ? subscription?.toLowerCase() : undefined;
};

const azureIdOf = ({ properties }: Entity): string | undefined => properties?.azureID ?? properties?.resourceId;

const homeOf = (entity: Entity): string | undefined => subscriptionIn(azureIdOf(entity));

/** The only tenant that any entity names: an account that a rule has mapped without one belongs to it. */
function tenantIn(entities: readonly Entity[]): string | undefined {
  const tenants = new Set(entities.flatMap(({ properties }) => properties?.aadTenantId?.toLowerCase() ?? []));
  const [only, ...more] = tenants;
  return more.length === 0 ? only : undefined;
}

/** An entity as Defender for Cloud writes it: the two know the same kinds under other names. */
function asDefender({ kind, properties }: Entity, tenant: string | undefined): object {
  const { accountName, upnSuffix, ntDomain, aadUserId, aadTenantId = tenant, address } = properties ?? {};
  const names = { name: accountName, upnsuffix: upnSuffix, ntdomain: ntDomain, aaduserid: aadUserId };
  return {
    type: kind,
    ...names,
    aadtenantid: aadTenantId,
    address,
    azureid: properties?.azureID,
    resourceid: properties?.resourceId,
  };
}

const unmanaged: Readonly<Record<string, string>> = { host: 'host', cloudapplication: 'cloud-application' };

/** Hosts outside Azure and cloud applications: shown, so that a person sees them. */
function shown(entity: Entity, account: string): readonly Target[] {
  const { kind = '', properties } = entity;
  const named = properties?.hostName ?? properties?.appName ?? properties?.friendlyName;
  const type = Object.hasOwn(unmanaged, kind.toLowerCase()) ? unmanaged[kind.toLowerCase()] : undefined;
  if (type === undefined || named === undefined || homeOf(entity) !== undefined) return [];
  return [{ type: 'other', id: named, name: named, account, region: '', role: 'related', kind: type }];
}

/**
 * The resources of an incident by subscription, so that no target is in another one than its finding; users and
 * addresses stand in each. Where no Azure resource is named it is all about the users, in the workspace's subscription.
 */
export function partsOf({ id, properties }: Incident): readonly Part[] {
  const entities = properties.relatedEntities ?? [];
  const named = [...new Set(entities.flatMap((entity) => homeOf(entity) ?? []))];
  const workspace = subscriptionIn(id) ?? '';
  const tenant = tenantIn(entities);
  return (named.length > 0 ? named : [workspace]).map((account) => {
    const here = entities.filter((entity) => (homeOf(entity) ?? account) === account);
    const alert = Alert.parse({
      // shown as what is affected where nothing else is named
      alerttype: id,
      entities: here.map((entity) => asDefender(entity, tenant)),
    });
    const actor = actorOf(alert, account);
    const resources = [...targetsOf(alert, account), ...here.flatMap((entity) => shown(entity, account))];
    return { account, resources, ...(actor && { actor }) };
  });
}
