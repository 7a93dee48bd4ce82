import { refreshes } from '../../../shared/sandbox/azure/entra-users.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const user = 'jonas.berg@northwind.example';

export const life: ActionLife = {
  input: { user },
  where: { account: subscription, region: '' },
  attack: (sandbox) => refreshes(sandbox, user, '2026-11-20T08:00:00Z'),
};
