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
 * Shuts strangers out of every container of a storage account, whatever its containers say
 * (learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure). An account that never set the property
 * lets them in, which is captured as `true`: a release says so explicitly.
 */
export const storageDisablePublicBlobAccess = azureAction({
  id: 'azure.storage.disable-public-blob-access',
  title: 'Shut strangers out of a storage account',
  target: 'azure.storage.account',
  d3fend: 'D3-NRAM',
  input: z.strictObject({
    storageAccountId: armIdOf('Microsoft.Storage/storageAccounts').describe('The account, by its ARM id.'),
  }),
  value: z.strictObject({ allowBlobPublicAccess: z.boolean() }),
  permissions: { read: [onAccount('read')], write: [onAccount('write')] },
  settles: { seconds: 30 },
  cautions: [
    'Account keys and shared access signatures still work.',
    'A static website ($web) stays public.',
    'Whoever reads the blobs without signing in, by right or not, is shut out.',
  ],
  portable: { verb: 'block-public-storage', with: { storageAccountId: '${target.id}' } },
  examples: [
    {
      storageAccountId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/northwindexports',
    },
  ],
}).does({
  async capture(azure, { storageAccountId }, { signal: abortSignal }) {
    const { resourceGroup = '', name = '' } = parseArmId(storageAccountId) ?? {};
    const { storageAccounts } = azure.client(StorageManagementClient);
    const account = await unlessAbsent(() => storageAccounts.getProperties(resourceGroup, name, { abortSignal }));
    return account ? { [`${account.id}`]: { allowBlobPublicAccess: account.allowBlobPublicAccess ?? true } } : {};
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((id) => [id, { allowBlobPublicAccess: false }])),
  async apply(azure, { resource, to }, { signal: abortSignal }) {
    const { resourceGroup = '', name = '' } = parseArmId(resource) ?? {};
    const { storageAccounts } = azure.client(StorageManagementClient);
    if (to) await storageAccounts.update(resourceGroup, name, to, { abortSignal });
  },
});
