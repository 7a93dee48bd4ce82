import { reachAzure } from '../../../shared/sandbox/azure/network.ts';
import { networkSecurityGroupId, rewriteRules, vmId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';
import type { ActionLife } from '../../support/check-action.ts';

export const life: ActionLife = {
  input: { networkSecurityGroupId, port: 22 },
  where: { account: subscription, region: '' },
  attack: (sandbox) => reachAzure(sandbox, { from: '203.0.113.220', vmId, port: 22 }) === 'connected',
  edit: (sandbox) =>
    rewriteRules(sandbox, networkSecurityGroupId, (rules) =>
      rules.map((rule) =>
        rule.name === 'cordon-deny-22'
          ? { ...rule, properties: { ...rule.properties, destinationPortRange: '22-23' } }
          : rule,
      ),
    ),
};
