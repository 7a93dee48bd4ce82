import * as z from 'zod';
import { own } from '../../model/json.ts';
import type { World } from '../world.ts';
import { inBlock } from './client-address.ts';
import { interfaceOf, type NetworkInterface } from './network-interfaces.ts';
import { type RuleProperties, rulesOf } from './network-security-groups.ts';
import { type ResourceRow, resources } from './rows.ts';

type Rows = Pick<World, 'rows'>;
type Result = 'connected' | 'timeout';

/** A first packet on its way, and where it passes. */
type Packet = {
  readonly direction: 'Inbound' | 'Outbound';
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** Address space of the virtual network. */
  readonly network: readonly string[];
  /** Application security groups of the interface, lower case. */
  readonly groups: readonly string[];
};

const metadata = '169.254.169.254';
const platform = '168.63.129.16';

const inNetwork = (address: string, { network }: Packet): boolean => network.some((block) => inBlock(address, block));

/** Service tags (learn.microsoft.com/azure/virtual-network/service-tags-overview), as far as an estate uses them. */
const tags: Readonly<Record<string, (address: string, packet: Packet) => boolean>> = {
  '*': () => true,
  any: () => true,
  virtualnetwork: inNetwork,
  internet: (address, packet) => !inNetwork(address, packet) && address !== platform && address !== metadata,
  azureloadbalancer: (address) => address === platform,
  azureplatformimds: (address) => address === metadata,
  azureplatformdns: (address, { port }) => address === platform && port === 53,
};

const fitsPrefix = (prefix: string, address: string, packet: Packet): boolean => {
  const tag = tags[prefix.toLowerCase()];
  if (tag) return tag(address, packet);
  return /^[\d.:a-f]+(\/\d+)?$/i.test(prefix) && inBlock(address, prefix);
};

const listed = (one: string | undefined, many: readonly string[] | undefined): readonly string[] => [
  ...(one ? [one] : []),
  ...(many ?? []),
];

const fitsPort = (range: string, port: number): boolean => {
  if (range === '*') return true;
  const [from = '', to = from] = range.split('-');
  return Number(from) <= port && port <= Number(to);
};

const Groups = z.array(z.looseObject({ id: z.string() })).default([]);
const inGroups = (rule: RuleProperties, { groups }: Packet): boolean =>
  Groups.parse(rule['destinationApplicationSecurityGroups'] ?? []).some(({ id }) => groups.includes(id.toLowerCase()));

function fits(rule: RuleProperties, packet: Packet): boolean {
  const sources = listed(rule.sourceAddressPrefix, rule.sourceAddressPrefixes);
  const destinations = listed(rule.destinationAddressPrefix, rule.destinationAddressPrefixes);
  const ports = listed(rule.destinationPortRange, rule.destinationPortRanges);
  return (
    rule.direction === packet.direction &&
    ['*', 'tcp'].includes(rule.protocol.toLowerCase()) &&
    ports.some((range) => fitsPort(range, packet.port)) &&
    sources.some((prefix) => fitsPrefix(prefix, packet.source, packet)) &&
    (destinations.some((prefix) => fitsPrefix(prefix, packet.destination, packet)) || inGroups(rule, packet))
  );
}

const rule = (
  priority: number,
  direction: Packet['direction'],
  access: RuleProperties['access'],
  source: string,
  destination: string,
): RuleProperties => ({
  priority,
  direction,
  access,
  protocol: '*',
  sourceAddressPrefix: source,
  destinationAddressPrefix: destination,
  destinationPortRange: '*',
});

/** What stands below the rules of every group (learn.microsoft.com/azure/virtual-network/network-security-groups-overview). */
const defaultRules: readonly RuleProperties[] = [
  rule(65_000, 'Inbound', 'Allow', 'VirtualNetwork', 'VirtualNetwork'),
  rule(65_001, 'Inbound', 'Allow', 'AzureLoadBalancer', '*'),
  rule(65_500, 'Inbound', 'Deny', '*', '*'),
  rule(65_000, 'Outbound', 'Allow', 'VirtualNetwork', 'VirtualNetwork'),
  rule(65_001, 'Outbound', 'Allow', '*', 'Internet'),
  rule(65_500, 'Outbound', 'Deny', '*', '*'),
];

/** The platform's own addresses pass every group but for a rule that names their tag. */
const namesPlatform = ({ destinationAddressPrefix = '' }: RuleProperties): boolean =>
  destinationAddressPrefix.toLowerCase().startsWith('azureplatform');

/** Whether a group lets a packet through; where there is none, all passes. */
function admits(group: ResourceRow | undefined, packet: Packet): boolean {
  if (!group) return true;
  const toPlatform = packet.destination === platform || packet.destination === metadata;
  const own = rulesOf(group).map(({ properties }) => properties);
  const rules = toPlatform ? own.filter(namesPlatform) : [...own, ...defaultRules];
  const [first] = rules.filter((one) => fits(one, packet)).sort((a, b) => a.priority - b.priority);
  return first ? first.access === 'Allow' : toPlatform;
}

const rowOf = ({ rows }: Rows, id: unknown): ResourceRow | undefined =>
  typeof id === 'string' ? rows.get(resources, id.toLowerCase()) : undefined;

/** The network and the subnet's security group that an interface stands in. */
function subnetOf(world: Rows, nic: NetworkInterface) {
  const id = nic.ipConfigurations[0]?.properties.subnet?.id ?? '';
  const network = rowOf(world, id.replace(/\/subnets\/[^/]+$/i, ''));
  const subnets = z.array(z.looseObject({ id: z.string() })).parse(network?.properties['subnets'] ?? []);
  const subnet = subnets.find((one) => one.id.toLowerCase() === id.toLowerCase());
  const group = rowOf(world, own(own(own(subnet, 'properties'), 'networkSecurityGroup'), 'id'));
  const space = own(own(network?.properties, 'addressSpace'), 'addressPrefixes');
  return { group, network: z.array(z.string()).parse(space ?? []) };
}

const Machine = z.looseObject({
  instanceView: z.looseObject({ statuses: z.array(z.looseObject({ code: z.string() })) }),
  networkProfile: z.looseObject({ networkInterfaces: z.array(z.looseObject({ id: z.string() })) }),
});

/** The interfaces of a machine; none where it does not run. */
function interfacesOf(world: Rows, vmId: string): readonly NetworkInterface[] {
  const machine = rowOf(world, vmId);
  if (!machine) return [];
  const { instanceView, networkProfile } = Machine.parse(machine.properties);
  if (!instanceView.statuses.some(({ code }) => code === 'PowerState/running')) return [];
  return networkProfile.networkInterfaces.flatMap(({ id }) => {
    const row = rowOf(world, id);
    return row ? [interfaceOf(row)] : [];
  });
}

type Way = { readonly direction: Packet['direction']; readonly peer: string; readonly port: number };

/** Whether one interface lets a first packet through: the subnet's group and its own, whichever comes first. */
function passes(world: Rows, nic: NetworkInterface, { direction, peer, port }: Way): boolean {
  const { group, network } = subnetOf(world, nic);
  const configurations = nic.ipConfigurations.map(({ properties }) => properties);
  const address = String(configurations[0]?.['privateIPAddress'] ?? '');
  const inbound = direction === 'Inbound';
  const packet: Packet = {
    direction,
    source: inbound ? peer : address,
    destination: inbound ? address : peer,
    port,
    network,
    groups: configurations.flatMap((one) => one.applicationSecurityGroups.map(({ id }) => id.toLowerCase())),
  };
  const faces = configurations.some((one) => one.publicIPAddress || one.loadBalancerBackendAddressPools.length > 0);
  if (inbound && !inNetwork(peer, packet) && !faces) return false;
  return admits(group, packet) && admits(rowOf(world, nic.networkSecurityGroup?.id), packet);
}

/**
 * Whether somebody can open a TCP connection to a machine: through the subnet's security group and the interface's, by
 * priority, with the default rules; without any group all is open. From outside only where a public address or a load
 * balancer leads in.
 */
export const reachAzure = (
  world: Rows,
  { from, vmId, port }: { readonly from: string; readonly vmId: string; readonly port: number },
): Result =>
  interfacesOf(world, vmId).some((nic) => passes(world, nic, { direction: 'Inbound', peer: from, port }))
    ? 'connected'
    : 'timeout';

/** Whether a machine can open a TCP connection to an address, the platform's own included. */
export const reachFromAzure = (
  world: Rows,
  { vmId, to, port }: { readonly vmId: string; readonly to: string; readonly port: number },
): Result =>
  interfacesOf(world, vmId).some((nic) => passes(world, nic, { direction: 'Outbound', peer: to, port }))
    ? 'connected'
    : 'timeout';
