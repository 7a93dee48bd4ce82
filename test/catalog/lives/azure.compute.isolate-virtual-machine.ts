import { reachAzure, reachFromAzure } from '../../../shared/sandbox/azure/network.ts';
import { networkSecurityGroupId, nicId, rewrite, vmId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const outside = 'the interfaces of the estate are in no such thing';

export const life: ActionLife = {
  input: { virtualMachineId: vmId, allow: [{ cidr: '192.0.2.10/32', port: 22 }] },
  where: { account: subscription, region: '' },
  attack: (sandbox) =>
    [
      reachAzure(sandbox, { from: '203.0.113.220', vmId, port: 22 }),
      reachAzure(sandbox, { from: '10.20.2.6', vmId, port: 22 }),
      reachFromAzure(sandbox, { vmId, to: '198.51.100.23', port: 443 }),
      reachFromAzure(sandbox, { vmId, to: '169.254.169.254', port: 80 }),
    ].includes('connected'),
  edit: (sandbox) =>
    rewrite(sandbox, nicId, ({ properties }) => ({
      properties: {
        ...properties,
        networkSecurityGroup: { id: networkSecurityGroupId.replace('nsg-web', 'nsg-admin') },
      },
    })),
  unused: {
    'Microsoft.Network/loadBalancers/inboundNatRules/join/action': outside,
    'Microsoft.Network/applicationGateways/backendAddressPools/join/action': outside,
  },
};
