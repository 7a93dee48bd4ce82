import * as z from 'zod';
import { own } from '../../model/json.ts';
import { addressOf, inBlock } from './client-address.ts';
import { AzureFault } from './fault.ts';
import type { AzureCall } from './operation.ts';
import { type ResourceRow, resources } from './rows.ts';
import { accountNamed } from './storage-rows.ts';

const Rule = z.looseObject({ value: z.string().optional(), id: z.string().optional(), action: z.string().optional() });

/** The network rules of a storage account as ARM keeps them (learn.microsoft.com/azure/storage/common/storage-network-security). */
export const NetworkAcls = z.looseObject({
  defaultAction: z.enum(['Allow', 'Deny']),
  bypass: z.string().default('AzureServices'),
  ipRules: z.array(Rule).default([]),
  virtualNetworkRules: z.array(Rule).default([]),
  resourceAccessRules: z.array(z.looseObject({})).default([]),
});
export type NetworkAcls = z.infer<typeof NetworkAcls>;

/** What an account has that never set any. */
export const openToAll: NetworkAcls = NetworkAcls.parse({ defaultAction: 'Allow' });

/** The address block of a subnet, by its id. */
function blockOf(call: Pick<AzureCall, 'world'>, id: string): string | undefined {
  const network = call.world.rows.get(resources, id.toLowerCase().replace(/\/subnets\/[^/]+$/, ''));
  const subnets = [own(network?.properties, 'subnets') ?? []].flat();
  const subnet = subnets.find((one) => String(own(one, 'id')).toLowerCase() === id.toLowerCase());
  const block = own(own(subnet, 'properties'), 'addressPrefix');
  return typeof block === 'string' ? block : undefined;
}

function admits(call: AzureCall, { properties }: ResourceRow): boolean {
  if (['Disabled', 'SecuredByPerimeter'].includes(String(own(properties, 'publicNetworkAccess')))) return false;
  const acls = NetworkAcls.parse(own(properties, 'networkAcls') ?? openToAll);
  if (acls.defaultAction === 'Allow') return true;
  const address = addressOf(call);
  const blocks = [
    ...acls.ipRules.map(({ value }) => value),
    ...acls.virtualNetworkRules.map(({ id }) => (id === undefined ? undefined : blockOf(call, id))),
  ];
  return blocks.some((block) => block !== undefined && inBlock(address, block));
}

/** Refuses a call to the data of an account from where its network rules let nobody in, whoever calls. */
export function checkNetwork(call: AzureCall, account: string): void {
  if (!admits(call, accountNamed(call.world.rows, account)))
    throw new AzureFault(403, 'AuthorizationFailure', 'This request is not authorized to perform this operation.');
}
