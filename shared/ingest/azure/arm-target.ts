import { parseArmId } from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';

type Role = Target['role'];

/** The subscription that an ARM id begins with, in lower case. */
export const subscriptionOf = (id: string): string | undefined =>
  /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase();

type Typed = Extract<Target, { readonly resourceGroup: string }>['type'];

/** Types of resources that have a target type of their own: what all of these need is name and resource group. */
const typed: ReadonlyMap<string, Typed> = new Map([
  ['microsoft.compute/virtualmachines', 'azure.compute.virtual-machine'],
  ['microsoft.storage/storageaccounts', 'azure.storage.account'],
  ['microsoft.network/networksecuritygroups', 'azure.network.security-group'],
  ['microsoft.sql/servers', 'azure.sql.server'],
  ['microsoft.dbforpostgresql/flexibleservers', 'azure.postgres.server'],
  ['microsoft.dbformysql/flexibleservers', 'azure.mysql.server'],
  ['microsoft.containerservice/managedclusters', 'azure.aks.cluster'],
  ['microsoft.web/sites', 'azure.web.site'],
  ['microsoft.keyvault/vaults', 'azure.key-vault.vault'],
]);

const wholeSubscription = /^(\/subscriptions\/([^/]+))\/?$/i;

/** A resource by its ARM id, spelt as it came; `owner` stands in where the id names no subscription. */
export function armTarget(id: string, role: Role, owner: string): Target {
  const common = { account: subscriptionOf(id) ?? owner, region: '', role };
  const [, subscription, name] = wholeSubscription.exec(id) ?? [];
  if (subscription && name) return { type: 'azure.subscription', id: subscription, name, ...common };
  const arm = parseArmId(id);
  if (!arm) return { type: 'other', id, name: id.slice(id.lastIndexOf('/') + 1) || id, kind: 'resource', ...common };
  const type = typed.get(arm.type.toLowerCase());
  if (!type) return { type: 'other', id, name: arm.name, kind: arm.type, ...common };
  return { type, id, name: arm.name, resourceGroup: arm.resourceGroup, ...common };
}

const resource = /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+)\/.+$/i;

/**
 * A resource by its ARM id. A part of one that has a target type, as a database of a server or a container of a storage
 * account, is that one, and the part stands beside it: what can be done about a part is done at the whole.
 */
export function armTargets(id: string, role: Role, owner: string): readonly Target[] {
  const whole = resource.exec(id)?.[1];
  const target = whole === undefined ? undefined : armTarget(whole, role, owner);
  return target === undefined || target.type === 'other'
    ? [armTarget(id, role, owner)]
    : [target, armTarget(id, 'related', owner)];
}
