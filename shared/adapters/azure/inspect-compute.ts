import { ComputeManagementClient } from '@azure/arm-compute';
import { type NetworkInterface, NetworkManagementClient, type Subnet } from '@azure/arm-network';
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

async function subnetOf(session: AzureSession, id: string): Promise<Subnet> {
  const { resourceGroup = '', names: [network = '', subnet = ''] = [] } = parseArmId(id) ?? {};
  const { subnets } = session.client(NetworkManagementClient);
  return subnets.get(resourceGroup, network, subnet, { abortSignal: deadline() });
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
  const found = await Promise.all([...new Set(subnets)].map((id) => subnetOf(session, id)));
  // the group of a subnet is judged beside that of the interface
  const groups = [...interfaces, ...found].map(({ networkSecurityGroup }) => networkSecurityGroup?.id);
  const unique = new Map(groups.flatMap((id) => (id === undefined ? [] : [[comparable(id), id] as const])));
  const power = machine.instanceView?.statuses?.find(({ code }) => code?.startsWith('PowerState/'))?.code;
  const managedBy = machine.managedBy ?? machine.virtualMachineScaleSet?.id;
  const shared = Object.values(machine.identity?.userAssignedIdentities ?? {});
  return {
    identities: [machine.identity?.principalId ?? []].flat(),
    sharedIdentities: shared.flatMap(({ principalId }) => principalId ?? []),
    tags: machine.tags ?? {},
    location: machine.location,
    ipForwarding: interfaces.some(({ enableIPForwarding }) => enableIPForwarding === true),
    networkSecurityGroups: [...unique.values()],
    filters: [...unique.values()],
    subnets: [...new Set(subnets)].map((id) => parseArmId(id)?.name ?? id),
    privateEndpoints: found.some(({ privateEndpoints = [] }) => privateEndpoints.length > 0),
    ...(machine.osProfile?.computerName !== undefined && { computerName: machine.osProfile.computerName }),
    ...(managedBy !== undefined && { managedBy }),
    ...(power !== undefined && { powerState: power.replace('PowerState/', '') }),
  };
}
