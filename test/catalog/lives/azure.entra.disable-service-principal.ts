import { principals } from '../../../shared/sandbox/azure/rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const id = '0a1b2c3d-0000-4000-8000-00000000a001';

export const life: ActionLife = {
  input: { servicePrincipal: id },
  where: { account: subscription, region: '' },
  attack: (sandbox) =>
    sandbox
      .credential(id, 'invoices-secret')
      .getToken('https://management.azure.com/.default')
      .then(
        () => true,
        () => false,
      ),
  edit({ rows }) {
    const row = rows.get(principals, id);
    if (row) rows.put(principals, id, { ...row, accountEnabled: true });
  },
};
