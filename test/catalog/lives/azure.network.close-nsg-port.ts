import { rulesOf } from '../../../shared/sandbox/azure/network-security-groups.ts';
import { resources } from '../../../shared/sandbox/azure/rows.ts';
import { subscription } from '../../support/company.ts';
import type { ActionLife } from '../../support/check-action.ts';

const networkSecurityGroupId = `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web`;

export const life: ActionLife = {
  input: { networkSecurityGroupId, port: 22 },
  where: { account: subscription, region: '' },
  attack({ rows }) {
    const group = rows.get(resources, networkSecurityGroupId.toLowerCase());
    const inbound = group ? rulesOf(group).filter(({ properties }) => properties.direction === 'Inbound') : [];
    const covering = inbound.filter(({ properties }) =>
      [properties.destinationPortRange, ...(properties.destinationPortRanges ?? [])].includes('22'),
    );
    const [first] = covering.sort((a, b) => a.properties.priority - b.properties.priority);
    return first?.properties.access === 'Allow';
  },
};
