import type { VirtualMachine } from '@azure/arm-compute';
import { InvalidInput } from '../../model/error.ts';

/** Nodes of AKS and members of scale sets are made and repaired by their owner. */
export function refuseManaged(machine: VirtualMachine, group: string): void {
  const owner = machine.managedBy ?? machine.virtualMachineScaleSet?.id;
  const isNode = /^MC_/i.test(group) || Object.keys(machine.tags ?? {}).some((tag) => tag.startsWith('aks-managed-'));
  if (owner === undefined && !isNode) return;
  throw new InvalidInput({
    code: 'managed-machine',
    message: `${machine.id} belongs to ${owner ?? 'an AKS cluster'}, which would undo the change`,
    remedy: 'Cordon the node or take the instance out of its scale set.',
  });
}
