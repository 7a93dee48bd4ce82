import { reachAzure } from '../../../shared/sandbox/azure/network.ts';
import { networkSecurityGroupId, rewriteRules, vmId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: { networkSecurityGroupId, addresses: ['203.0.113.220', '2001:db8::7'], direction: 'Inbound' },
  where: { account: subscription, region: '' },
  attack: (sandbox) => reachAzure(sandbox, { from: '203.0.113.220', vmId, port: 22 }) === 'connected',
  edit: (sandbox) =>
    rewriteRules(sandbox, networkSecurityGroupId, (rules) =>
      rules.map((rule) =>
        rule.properties.sourceAddressPrefix === '203.0.113.220'
          ? { ...rule, properties: { ...rule.properties, destinationPortRange: '22' } }
          : rule,
      ),
    ),
};
