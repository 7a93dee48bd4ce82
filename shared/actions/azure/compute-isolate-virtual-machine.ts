import { ComputeManagementClient } from '@azure/arm-compute';
import { type NetworkInterface, NetworkManagementClient } from '@azure/arm-network';
import * as z from 'zod';
import type { State, StepContext } from '../../action/action.ts';
import { armIdOf, comparable, parseArmId } from '../../model/identifiers.ts';
import { type AzureSession, azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';
import { completed, ifUnchanged, mayFollow } from './long-running.ts';
import { refuseManaged } from './managed-machine.ts';
import {
  closeGroup,
  type Denies,
  isQuarantine,
  isUnused,
  leaveGroup,
  quarantineId,
  readGroup,
  seenGroup,
  spellAllowed,
} from './quarantine-group.ts';

/** Which group stands on an interface, or none. */
const OnInterface = z.strictObject({ networkSecurityGroup: z.string().nullable() });
/** What the quarantine group denies and allows; `null` while only other machines are in it. */
const Group = z.strictObject({
  denies: z.enum(['all', 'not all']),
  /** Who may still come in, where anybody may: `tcp 22 192.0.2.10/32`. */
  allows: z.array(z.string()).exactOptional(),
});
const groupOf = ({ denies, allows }: Denies): z.infer<typeof Group> => ({
  denies,
  ...(allows.length > 0 && { allows: [...allows] }),
});
const Value = z.union([OnInterface, Group]);
type Value = z.infer<typeof Value>;

const Input = z.strictObject({
  virtualMachineId: armIdOf('Microsoft.Compute/virtualMachines').describe('The machine, by its ARM id.'),
  allow: z
    .array(z.strictObject({ cidr: z.union([z.cidrv4(), z.cidrv6()]), port: z.int().min(1).max(65_535).optional() }))
    .max(20)
    .default([])
    .describe('Who may still come in, as a forensic workstation: TCP to one port, or everything. Replies go out.'),
});
type Input = z.infer<typeof Input>;
const allowedBy = ({ allow }: Input): string[] => allow.map(spellAllowed).sort();

const place = (id: string): readonly [resourceGroup: string, name: string] => {
  const { resourceGroup = '', name = '' } = parseArmId(id) ?? {};
  return [resourceGroup, name];
};

function seenState(
  interfaces: readonly NetworkInterface[],
  quarantine: string,
  group: z.infer<typeof Group>,
  unused: boolean,
): State<Value> {
  const onInterface = ({ networkSecurityGroup }: NetworkInterface): string | null => {
    const id = networkSecurityGroup?.id ?? null;
    return id !== null && comparable(id) === comparable(quarantine) ? quarantine : id;
  };
  const isIn = interfaces.some((one) => onInterface(one) === quarantine);
  return {
    [quarantine]: isIn || unused ? group : null,
    ...Object.fromEntries(interfaces.map((one) => [`${one.id}`, { networkSecurityGroup: onInterface(one) }])),
  };
}

async function read(azure: AzureSession, input: Input, abortSignal: AbortSignal): Promise<State<Value>> {
  const { virtualMachineId } = input;
  const [resourceGroup, name] = place(virtualMachineId);
  const { virtualMachines } = azure.client(ComputeManagementClient);
  const { networkInterfaces } = azure.client(NetworkManagementClient);
  const machine = await unlessAbsent(() => virtualMachines.get(resourceGroup, name, { abortSignal }));
  if (!machine) return {};
  refuseManaged(machine, resourceGroup);
  const ids = (machine.networkProfile?.networkInterfaces ?? []).flatMap(({ id }) => id ?? []);
  const quarantine = quarantineId(azure.subscription, resourceGroup, machine.location);
  const [group, ...interfaces] = await Promise.all([
    readGroup(azure, quarantine, abortSignal),
    ...ids.map((id) => networkInterfaces.get(...place(id), { abortSignal })),
  ]);
  const seen = group ? seenGroup(group, allowedBy(input)) : ({ denies: 'not all', allows: [] } as const);
  // unused, it is what a run that was cut short has left: made already, or still to be deleted
  return seenState(interfaces, quarantine, groupOf(seen), group !== undefined && isUnused(group));
}

/** The whole interface as it is now, with another group on it; refused when it has moved on since it was read. */
async function move(azure: AzureSession, nicId: string, group: string | null, step: StepContext): Promise<void> {
  const { networkInterfaces } = azure.client(NetworkManagementClient);
  const { networkSecurityGroup: _, ...nic } = await networkInterfaces.get(...place(nicId), {
    abortSignal: step.signal,
  });
  const body: NetworkInterface = group === null ? nic : { ...nic, networkSecurityGroup: { id: group } };
  const options = ifUnchanged(nic.etag, step.signal);
  await completed(networkInterfaces.createOrUpdate(...place(nicId), body, options), step);
}

const network = (right: string) => ({ allow: `Microsoft.Network/${right}`, on: '/subscriptions/{subscription}' });

/**
 * Puts every interface of a virtual machine into a security group that denies both directions
 * (learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/create-or-update). An interface has no partial
 * update: it is written whole, as it was read, and needs the right to attach everything it already names.
 */
export const computeIsolateVirtualMachine = azureAction({
  id: 'azure.compute.isolate-virtual-machine',
  title: 'Cut a virtual machine off the network',
  target: 'azure.compute.virtual-machine',
  d3fend: 'D3-NI',
  input: Input,
  value: Value,
  permissions: {
    read: [
      { allow: 'Microsoft.Compute/virtualMachines/read', on: '{virtualMachineId}' },
      network('networkInterfaces/read'),
      network('networkSecurityGroups/read'),
    ],
    write: [
      ...['read', 'write'].map((verb) => network(`networkInterfaces/${verb}`)),
      ...['read', 'write', 'delete', 'join/action'].map((verb) => network(`networkSecurityGroups/${verb}`)),
      network('virtualNetworks/subnets/join/action'),
      network('publicIPAddresses/join/action'),
      network('loadBalancers/backendAddressPools/join/action'),
      network('loadBalancers/inboundNatRules/join/action'),
      network('applicationGateways/backendAddressPools/join/action'),
      network('applicationSecurityGroups/joinIpConfiguration/action'),
      mayFollow('Microsoft.Network'),
    ],
  },
  settles: { seconds: 10 },
  cautions: [
    'Connections that are already open are not cut: security groups judge new ones. Stop the machine to end them.',
    'Tokens that the managed identity already got stay valid for up to a day.',
    'Azure DNS and the metadata service are denied too, so that extensions and agents on the machine go silent.',
    'Always-allow rules of Azure Virtual Network Manager are judged before any security group.',
  ],
  portable: {
    verb: 'isolate-compute',
    with: { virtualMachineId: '${target.id}' },
  },
  examples: [
    {
      virtualMachineId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-01',
    },
  ],
}).does({
  capture: (azure, input, { signal }) => read(azure, input, signal),
  plan(input, seen) {
    const quarantine = Object.keys(seen).find(isQuarantine) ?? '';
    const interfaces = Object.keys(seen).filter((id) => id !== quarantine);
    return Object.fromEntries<Value>([
      [quarantine, groupOf({ denies: 'all', allows: allowedBy(input) })],
      ...interfaces.map((id) => [id, { networkSecurityGroup: quarantine }] as const),
    ]);
  },
  async apply(azure, { resource, to }, step) {
    if (isQuarantine(resource)) {
      const group = Group.safeParse(to).data;
      await (group ? closeGroup(azure, resource, group.allows ?? [], step) : leaveGroup(azure, resource, step));
    } else if (to && 'networkSecurityGroup' in to) await move(azure, resource, to.networkSecurityGroup, step);
  },
});
