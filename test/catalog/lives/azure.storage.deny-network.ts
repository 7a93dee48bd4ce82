import { rewrite } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';
import { downloads, ordersAccountId, withAccountSignature } from '../../support/storage-attacker.ts';

export const life: ActionLife = {
  input: { storageAccountId: ordersAccountId },
  where: { account: subscription, region: '' },
  attack: (sandbox) => downloads(withAccountSignature(sandbox)),
  edit: (sandbox) =>
    rewrite(sandbox, ordersAccountId, ({ properties }) => ({
      properties: { ...properties, publicNetworkAccess: 'Disabled' },
    })),
};
