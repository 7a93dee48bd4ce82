import { reachFromAzure } from '../../../shared/sandbox/azure/network.ts';
import { rewrite, vmId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: { virtualMachineId: vmId },
  where: { account: subscription, region: '' },
  attack: (sandbox) => reachFromAzure(sandbox, { vmId, to: '198.51.100.23', port: 443 }) === 'connected',
  edit: (sandbox) =>
    rewrite(sandbox, vmId, ({ properties }) => ({
      properties: { ...properties, instanceView: { statuses: [{ code: 'PowerState/running' }] } },
    })),
};
