import { vmId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: { virtualMachineId: vmId },
  where: { account: subscription, region: '' },
  attack: { none: 'a snapshot keeps evidence and stops nobody' },
};
