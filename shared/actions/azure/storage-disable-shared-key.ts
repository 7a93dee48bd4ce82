import { StorageManagementClient } from '@azure/arm-storage';
import * as z from 'zod';
import { armIdOf, parseArmId } from '../../model/identifiers.ts';
import { azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

const onAccount = (verb: string) => ({
  allow: `Microsoft.Storage/storageAccounts/${verb}`,
  on: '{storageAccountId}',
});

/**
 * Stops a storage account from taking its keys, and with them every signature that one of them made
 * (learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent). An account that never set the property takes
 * them, which is captured as `true`: a release says so explicitly.
 */
export const storageDisableSharedKey = azureAction({
  id: 'azure.storage.disable-shared-key',
  title: 'Stop a storage account from taking its keys',
  target: 'azure.storage.account',
  d3fend: 'D3-CR',
  input: z.strictObject({
    storageAccountId: armIdOf('Microsoft.Storage/storageAccounts').describe('The account, by its ARM id.'),
  }),
  value: z.strictObject({ allowSharedKeyAccess: z.boolean() }),
  permissions: { read: [onAccount('read')], write: [onAccount('write')] },
  settles: { seconds: 30 },
  cautions: [
    'Whoever works with a key or a connection string is shut out: Functions, Azure Files over SMB, many tools.',
    'Account and service signatures (SAS) end; those signed with a user delegation key do not: they are as good as the rights of their principal.',
    'Tokens of Entra and strangers in open containers are not touched.',
    'The keys stay what they were: a release makes a stolen one good again, so have both regenerated first.',
  ],
  restores: 'credentials',
  examples: [
    {
      storageAccountId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/northwindorders',
    },
  ],
}).does({
  async capture(azure, { storageAccountId }, { signal: abortSignal }) {
    const { resourceGroup = '', name = '' } = parseArmId(storageAccountId) ?? {};
    const { storageAccounts } = azure.client(StorageManagementClient);
    const account = await unlessAbsent(() => storageAccounts.getProperties(resourceGroup, name, { abortSignal }));
    return account ? { [`${account.id}`]: { allowSharedKeyAccess: account.allowSharedKeyAccess ?? true } } : {};
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((id) => [id, { allowSharedKeyAccess: false }])),
  async apply(azure, { resource, to }, { signal: abortSignal }) {
    const { resourceGroup = '', name = '' } = parseArmId(resource) ?? {};
    const { storageAccounts } = azure.client(StorageManagementClient);
    if (to) await storageAccounts.update(resourceGroup, name, to, { abortSignal });
  },
});
