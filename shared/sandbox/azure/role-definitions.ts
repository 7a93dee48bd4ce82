import type { AzureRole } from '../../policy/azure.ts';

const role = (changed: Partial<AzureRole>): AzureRole => ({
  actions: [],
  notActions: [],
  dataActions: [],
  notDataActions: [],
  ...changed,
});

const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** Some of Azure's own roles by their ids, the same in every tenant (learn.microsoft.com/azure/role-based-access-control/built-in-roles). */
export const builtInRoles: Readonly<Record<string, { readonly name: string; readonly role: AzureRole }>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': { name: 'Owner', role: role({ actions: ['*'] }) },
  'b24988ac-6180-42a0-ab88-20f7382dd24c': {
    name: 'Contributor',
    role: role({
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
      ],
    }),
  },
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': { name: 'Reader', role: role({ actions: ['*/read'] }) },
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': {
    name: 'User Access Administrator',
    role: role({ actions: ['*/read', 'Microsoft.Authorization/*'] }),
  },
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': {
    name: 'Storage Blob Data Reader',
    role: role({ actions: [`${blobs}/read`], dataActions: [`${blobs}/blobs/read`] }),
  },
};
