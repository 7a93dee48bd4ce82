import { defenderSetups, raisesAlerts } from '../../../shared/sandbox/azure/defender-plans.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: {
    planId: `/subscriptions/${subscription}/providers/Microsoft.Security/pricings/KeyVaults`,
    baseline: { KeyVaults: { subPlan: 'PerTransaction' } },
  },
  where: { account: subscription, region: '' },
  // the attacker reads secrets, and nobody is told
  attack: ({ rows }) => !raisesAlerts(rows, subscription, 'KeyVaults'),
  edit({ rows }) {
    const { exports, plans } = rows.get(defenderSetups, subscription) ?? { exports: {}, plans: {} };
    const changed = { KeyVaults: { subPlan: 'PerKeyVault', extensions: {} } };
    rows.put(defenderSetups, subscription, { exports, plans: { ...plans, ...changed } });
  },
};
