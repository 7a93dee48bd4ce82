import { type StorageAccount, StorageManagementClient } from '@azure/arm-storage';
import * as z from 'zod';
import { armIdOf, parseArmId } from '../../model/identifiers.ts';
import { type AzureSession, azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

const onAccount = (verb: string) => ({
  allow: `Microsoft.Storage/storageAccounts/${verb}`,
  on: '{storageAccountId}',
});

/** What decides over somebody whom no rule names; the rules themselves are nobody's business here. */
const Value = z.strictObject({
  defaultAction: z.enum(['Allow', 'Deny']),
  /** `Disabled` and `SecuredByPerimeter` keep the Internet out whatever the rules say. */
  publicNetworkAccess: z.string(),
});

async function read(azure: AzureSession, id: string, abortSignal: AbortSignal): Promise<StorageAccount | undefined> {
  const { resourceGroup = '', name = '' } = parseArmId(id) ?? {};
  const { storageAccounts } = azure.client(StorageManagementClient);
  return unlessAbsent(() => storageAccounts.getProperties(resourceGroup, name, { abortSignal }));
}

const standingOf = ({ networkRuleSet, publicNetworkAccess }: StorageAccount): z.infer<typeof Value> => ({
  defaultAction: networkRuleSet?.defaultAction === 'Deny' ? 'Deny' : 'Allow',
  publicNetworkAccess: publicNetworkAccess ?? 'Enabled',
});

/**
 * Lets nobody reach the data of a storage account but those whom its network rules name
 * (learn.microsoft.com/azure/storage/common/storage-network-security). Rules are put whole: they are read again before each
 * write and sent back as they stand, so that none is lost, also of those that somebody has added since.
 */
export const storageDenyNetwork = azureAction({
  id: 'azure.storage.deny-network',
  title: 'Shut a storage account off from networks that it does not name',
  target: 'azure.storage.account',
  d3fend: 'D3-NTF',
  input: z.strictObject({
    storageAccountId: armIdOf('Microsoft.Storage/storageAccounts').describe('The account, by its ARM id.'),
  }),
  value: Value,
  permissions: {
    read: [onAccount('read')],
    write: [
      onAccount('read'),
      onAccount('write'),
      // to send back a rule for a subnet that the account has already
      {
        allow: 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
        on: '/subscriptions/{subscription}',
      },
    ],
  },
  settles: { seconds: 30 },
  cautions: [
    'Functions, App Service, the portal and people are shut out where no rule names them; disks of machines go on.',
    'It may take minutes until every server of the service has heard of it.',
    'Addresses and subnets that the rules name, and services that Azure trusts, still get in; no credential is revoked.',
    'Cordon itself reads blobs of the account no more, unless a rule names where it runs.',
  ],
  examples: [
    {
      storageAccountId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/northwindorders',
    },
  ],
}).does({
  async capture(azure, { storageAccountId }, { signal }) {
    const account = await read(azure, storageAccountId, signal);
    return account ? { [`${account.id}`]: standingOf(account) } : {};
  },
  plan: (_, seen) =>
    Object.fromEntries(
      Object.entries(seen).flatMap(([id, now]) =>
        now?.publicNetworkAccess === 'Enabled' ? [[id, { ...now, defaultAction: 'Deny' as const }]] : [],
      ),
    ),
  async apply(azure, { resource, to }, { signal: abortSignal }) {
    const account = to && (await read(azure, resource, abortSignal));
    if (!account) return;
    const { resourceGroup = '', name = '' } = parseArmId(resource) ?? {};
    const networkRuleSet = { ...account.networkRuleSet, defaultAction: to.defaultAction };
    const { storageAccounts } = azure.client(StorageManagementClient);
    await storageAccounts.update(resourceGroup, name, { networkRuleSet }, { abortSignal });
  },
});
