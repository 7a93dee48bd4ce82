import { ComputeManagementClient, type VirtualMachine } from '@azure/arm-compute';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { armIdOf, parseArmId } from '../../model/identifiers.ts';
import { azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';
import { completed, mayFollow } from './long-running.ts';
import { refuseManaged } from './managed-machine.ts';

const place = (id: string): readonly [resourceGroup: string, name: string] => {
  const { resourceGroup = '', name = '' } = parseArmId(id) ?? {};
  return [resourceGroup, name];
};

const states = ['running', 'stopping', 'stopped', 'deallocating', 'deallocated'] as const;
const Power = z.strictObject({ powerState: z.enum(states) });
type Power = z.infer<typeof Power>;

/** What is not known to be off, or on its way there, counts as running. */
function powerOf({ instanceView }: VirtualMachine): Power {
  const code = instanceView?.statuses?.find((status) => status.code?.startsWith('PowerState/'))?.code;
  return { powerState: states.find((state) => code === `PowerState/${state}`) ?? 'running' };
}

/** A disk that lives on the host is lost with it: Azure refuses. */
function refuseEphemeral({ id, storageProfile }: VirtualMachine): void {
  if (storageProfile?.osDisk?.diffDiskSettings?.option !== 'Local') return;
  throw new InvalidInput({
    code: 'ephemeral-disk',
    message: `${id} keeps its operating system on its host: Azure does not deallocate it`,
    remedy: 'Isolate the machine; it can only be deleted or made anew.',
  });
}

const onMachine = (right: string) => ({
  allow: `Microsoft.Compute/virtualMachines/${right}`,
  on: '{virtualMachineId}',
});

/**
 * Stops a virtual machine and gives its host back (learn.microsoft.com/azure/virtual-machines/states-billing): every
 * connection ends at once, which no security group does. One that is off already is left as it is, so that a release
 * starts only what ran.
 */
export const computeDeallocateVirtualMachine = azureAction({
  id: 'azure.compute.deallocate-virtual-machine',
  title: 'Stop a virtual machine and give its host back',
  target: 'azure.compute.virtual-machine',
  d3fend: 'D3-HS',
  input: z.strictObject({
    virtualMachineId: armIdOf('Microsoft.Compute/virtualMachines').describe('The machine, by its ARM id.'),
  }),
  value: Power,
  permissions: {
    read: [onMachine('read')],
    write: [onMachine('deallocate/action'), onMachine('start/action'), mayFollow('Microsoft.Compute')],
  },
  settles: { seconds: 10 },
  halfway: [{ powerState: 'stopping' }, { powerState: 'deallocating' }],
  cautions: [
    'What is in memory is lost: capture it first where it is evidence.',
    'The temporary disk is emptied, and a public address that is not static is given away.',
    'Starting again needs capacity in the zone, which Azure may not have.',
    'Tokens that the managed identity already got stay valid for up to a day: remove its role assignments too.',
    'An automation or a person with the right may start the machine again.',
  ],
  examples: [
    {
      virtualMachineId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-01',
    },
  ],
}).does({
  async capture(azure, { virtualMachineId }, { signal: abortSignal }) {
    const [resourceGroup, name] = place(virtualMachineId);
    const { virtualMachines } = azure.client(ComputeManagementClient);
    const options = { expand: 'instanceView' as const, abortSignal };
    const machine = await unlessAbsent(() => virtualMachines.get(resourceGroup, name, options));
    if (!machine) return {};
    refuseManaged(machine, resourceGroup);
    refuseEphemeral(machine);
    return { [`${machine.id}`]: powerOf(machine) };
  },
  plan: (_, seen) =>
    Object.fromEntries(
      Object.entries(seen).flatMap(([id, now]): [string, Power][] =>
        now?.powerState === 'running' ? [[id, { powerState: 'deallocated' }]] : [],
      ),
    ),
  async apply(azure, { resource, to }, step) {
    const { virtualMachines } = azure.client(ComputeManagementClient);
    const options = { abortSignal: step.signal };
    const [resourceGroup, name] = place(resource);
    const poller =
      to?.powerState === 'running'
        ? virtualMachines.start(resourceGroup, name, options)
        : virtualMachines.deallocate(resourceGroup, name, options);
    await completed(poller, step);
  },
});
