import { diagnosticSettings, isSent } from '../../../shared/sandbox/azure/diagnostic-settings.ts';
import { storageAccountId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const group = `/subscriptions/${subscription}/resourceGroups/rg-security/providers`;
const settingId = `${storageAccountId}/providers/Microsoft.Insights/diagnosticSettings/audit`;

export const life: ActionLife = {
  input: {
    settingId,
    baseline: [
      {
        scope: `/subscriptions/${subscription}`,
        name: 'audit',
        workspaceId: `${group}/Microsoft.OperationalInsights/workspaces/law-security`,
        eventHubAuthorizationRuleId: `${group}/Microsoft.EventHub/namespaces/evhns-siem/authorizationRules/send`,
        eventHubName: 'audit',
        categoryGroups: ['audit'],
        metrics: ['Transaction'],
      },
    ],
  },
  where: { account: subscription, region: '' },
  // what the attacker does at the account stands in no log that leaves it
  attack: ({ rows }) => !isSent(rows, storageAccountId),
  edit({ rows }) {
    const key = settingId.toLowerCase();
    const setting = rows.get(diagnosticSettings, key);
    if (setting) rows.put(diagnosticSettings, key, { ...setting, properties: { ...setting.properties, metrics: [] } });
  },
  unused: { 'Microsoft.Insights/diagnosticSettings/delete': 'only a release deletes what was made' },
};
