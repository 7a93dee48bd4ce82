import { fetchBlob, rewrite, storageAccountId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: { storageAccountId },
  where: { account: subscription, region: '' },
  attack: async (sandbox) =>
    (await fetchBlob(sandbox, 'https://northwindexports.blob.core.windows.net/exports/2026/11/customers.csv'))
      .status === 200,
  edit: (sandbox) =>
    rewrite(sandbox, storageAccountId, ({ properties }) => ({
      properties: { ...properties, allowBlobPublicAccess: true },
    })),
};
