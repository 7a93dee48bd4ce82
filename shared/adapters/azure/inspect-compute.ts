import { ComputeManagementClient } from '@azure/arm-compute';
import { type NetworkInterface, NetworkManagementClient } from '@azure/arm-network';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { comparable, parseArmId } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

async function interfaceOf(session: AzureSession, id: string): Promise<NetworkInterface> {
  const { resourceGroup = '', name = '' } = parseArmId(id) ?? {};
  return session
    .client(NetworkManagementClient)
    .networkInterfaces.get(resourceGroup, name, { abortSignal: deadline() });
}

/** The group of a subnet, which is judged beside that of the interface. */
async function groupOfSubnet(session: AzureSession, id: string): Promise<string | undefined> {
  const { resourceGroup = '', names: [network = '', subnet = ''] = [] } = parseArmId(id) ?? {};
  const { subnets } = session.client(NetworkManagementClient);
  return (await subnets.get(resourceGroup, network, subnet, { abortSignal: deadline() })).networkSecurityGroup?.id;
}

/**
 * Tags, owner, power state and network role of a virtual machine. `networkSecurityGroups` are those that inbound traffic to it
 * passes, of its interfaces and of their subnets; `ipForwarding` tells a router.
 */
export async function inspectVirtualMachine(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const { resourceGroup = '', name = '' } = parseArmId(target.id) ?? {};
  const { virtualMachines } = session.client(ComputeManagementClient);
  const options = { expand: 'instanceView' as const, abortSignal: deadline() };
  const machine = await unlessAbsent(() => virtualMachines.get(resourceGroup, name, options));
  if (!machine) return undefined;
  const ids = (machine.networkProfile?.networkInterfaces ?? []).flatMap(({ id }) => id ?? []);
  const interfaces = await Promise.all(ids.map((id) => interfaceOf(session, id)));
  const subnets = interfaces.flatMap(({ ipConfigurations = [] }) =>
    ipConfigurations.flatMap(({ subnet }) => subnet?.id ?? []),
  );
  const ofSubnets = await Promise.all([...new Set(subnets)].map((id) => groupOfSubnet(session, id)));
  const groups = [...interfaces.map(({ networkSecurityGroup }) => networkSecurityGroup?.id), ...ofSubnets];
  const unique = new Map(groups.flatMap((id) => (id === undefined ? [] : [[comparable(id), id] as const])));
  const power = machine.instanceView?.statuses?.find(({ code }) => code?.startsWith('PowerState/'))?.code;
  const managedBy = machine.managedBy ?? machine.virtualMachineScaleSet?.id;
  return {
    tags: machine.tags ?? {},
    location: machine.location,
    ipForwarding: interfaces.some(({ enableIPForwarding }) => enableIPForwarding === true),
    networkSecurityGroups: [...unique.values()],
    ...(managedBy !== undefined && { managedBy }),
    ...(power !== undefined && { powerState: power.replace('PowerState/', '') }),
  };
}
