import * as z from 'zod';
import { asJson, type JsonObject, own } from '../../model/json.ts';
import { armResource, seedResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, Need } from './operation.ts';
import { idIn } from './plain-resources.ts';
import { type ResourceRow, resources } from './rows.ts';

const type = 'Microsoft.Network/networkInterfaces';

const Reference = z.looseObject({ id: z.string() });
const References = z.array(Reference).default([]);
const IpConfiguration = z.looseObject({
  name: z.string(),
  properties: z.looseObject({
    subnet: Reference.optional(),
    publicIPAddress: Reference.optional(),
    loadBalancerBackendAddressPools: References,
    loadBalancerInboundNatRules: References,
    applicationGatewayBackendAddressPools: References,
    applicationSecurityGroups: References,
  }),
});
const Properties = z.looseObject({
  networkSecurityGroup: Reference.nullish(),
  ipConfigurations: z.array(IpConfiguration).default([]),
});
export type NetworkInterface = z.infer<typeof Properties>;

/** The part of a network interface that others look at. */
export const interfaceOf = ({ properties }: Pick<ResourceRow, 'properties'>): NetworkInterface =>
  Properties.parse(properties);

/** What a PUT cannot change and need not repeat (learn.microsoft.com/rest/api/virtualnetwork/network-interfaces). */
const readOnly = ['macAddress', 'primary', 'virtualMachine', 'resourceGuid', 'vnetEncryptionSupported'];

/** The right to attach each kind of thing that an interface refers to. */
const joins = {
  networkSecurityGroup: 'networkSecurityGroups/join/action',
  subnet: 'virtualNetworks/subnets/join/action',
  publicIPAddress: 'publicIPAddresses/join/action',
  loadBalancerBackendAddressPools: 'loadBalancers/backendAddressPools/join/action',
  loadBalancerInboundNatRules: 'loadBalancers/inboundNatRules/join/action',
  applicationGatewayBackendAddressPools: 'applicationGateways/backendAddressPools/join/action',
  applicationSecurityGroups: 'applicationSecurityGroups/joinIpConfiguration/action',
} as const;

type Link = { readonly action: string; readonly id: string };

/** Everything that an interface refers to, with the right to attach it. */
function linksOf({ networkSecurityGroup, ipConfigurations }: NetworkInterface): readonly Link[] {
  const parts: object[] = [{ networkSecurityGroup }, ...ipConfigurations.map(({ properties }) => properties)];
  return parts.flatMap((part) =>
    Object.entries(joins).flatMap(([key, join]) => {
      const found = z.array(Reference.nullish()).parse([own(part, key)].flat());
      return found.flatMap((one) => (one ? [{ action: `Microsoft.Network/${join}`, id: one.id }] : []));
    }),
  );
}

const bodyInterface = ({ body }: Pick<AzureCall, 'body'>): NetworkInterface =>
  Properties.parse(own(body, 'properties') ?? {});

const linkNeeds = (call: AzureCall): readonly Need[] =>
  linksOf(bodyInterface(call)).map(({ action, id }) => ({ action, scope: id }));

/** The resource that an id names, or the resource that an id names a part of. */
function referred({ world }: AzureCall, id: string): ResourceRow | undefined {
  const whole = world.rows.get(resources, id.toLowerCase());
  if (whole) return whole;
  const [, parent = '', kind = ''] = /^(.*)\/([^/]+)\/[^/]+$/.exec(id) ?? [];
  const row = world.rows.get(resources, parent.toLowerCase());
  const parts = z.array(Reference).safeParse(row && own(row.properties, kind));
  return parts.data?.some((one) => one.id.toLowerCase() === id.toLowerCase()) ? row : undefined;
}

function checkLinks(call: AzureCall, itself: string, location: string, links: readonly Link[]): void {
  for (const { id, action } of links) {
    const row = referred(call, id);
    if (!row)
      throw new AzureFault(
        400,
        'InvalidResourceReference',
        `Resource ${id} referenced by resource ${itself} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
      );
    if (action.includes('networkSecurityGroups') && row.location !== location)
      throw new AzureFault(
        400,
        'NetworkSecurityGroupNotInSameRegion',
        `Network security group ${id} is not in the same region as network interface ${itself}.`,
      );
  }
}

function accept(body: JsonObject, call: AzureCall, id: string): JsonObject {
  const before = call.world.rows.get(resources, id.toLowerCase());
  const wanted = bodyInterface(call);
  if (wanted.ipConfigurations.length === 0)
    throw new AzureFault(400, 'InvalidRequestFormat', `Cannot parse the request: ${id} has no IP configuration.`);
  checkLinks(call, id, String(own(body, 'location') ?? ''), linksOf(wanted));
  const kept = readOnly.flatMap((name) => {
    const value = own(before?.properties, name);
    return value === undefined ? [] : [[name, asJson(value)] as const];
  });
  const properties = asJson(own(body, 'properties')) as JsonObject; // parsed as an object above
  return { ...body, properties: { ...properties, ...Object.fromEntries(kept) } };
}

const named = z.array(z.string()).default([]);
const Estate = z.array(
  z.strictObject({
    resourceGroup: z.string(),
    name: z.string(),
    location: z.string(),
    tags: z.record(z.string(), z.string()).default({}),
    /** Names of things in the same resource group; `network/subnet` and `balancer/pool`. */
    networkSecurityGroup: z.string().optional(),
    virtualMachine: z.string().optional(),
    enableIPForwarding: z.boolean().default(false),
    enableAcceleratedNetworking: z.boolean().default(false),
    dnsServers: named,
    ipConfigurations: z.array(
      z.strictObject({
        name: z.string(),
        privateIPAddress: z.string(),
        subnet: z.string(),
        publicIPAddress: z.string().optional(),
        pools: named,
        applicationSecurityGroups: named,
      }),
    ),
  }),
);
type Seed = z.infer<typeof Estate>[number];

const seeded = (subscription: string, seed: Seed, primary: boolean): JsonObject => {
  const to = (kind: string, name: string, part?: string): JsonObject => {
    const [resource = '', inner = ''] = name.split('/');
    const id = idIn(subscription, seed.resourceGroup, kind, resource);
    return { id: part === undefined ? id : `${id}/${part}/${inner}` };
  };
  const { networkSecurityGroup, virtualMachine } = seed;
  return {
    ...(networkSecurityGroup && {
      networkSecurityGroup: to('Microsoft.Network/networkSecurityGroups', networkSecurityGroup),
    }),
    ...(virtualMachine && { virtualMachine: to('Microsoft.Compute/virtualMachines', virtualMachine) }),
    primary,
    macAddress: '00-22-48-00-00-01',
    enableIPForwarding: seed.enableIPForwarding,
    enableAcceleratedNetworking: seed.enableAcceleratedNetworking,
    dnsSettings: { dnsServers: seed.dnsServers },
    nicType: 'Standard',
    ipConfigurations: seed.ipConfigurations.map((one, at) => ({
      name: one.name,
      id: `${idIn(subscription, seed.resourceGroup, type, seed.name)}/ipConfigurations/${one.name}`,
      properties: {
        privateIPAddress: one.privateIPAddress,
        privateIPAllocationMethod: 'Dynamic',
        privateIPAddressVersion: 'IPv4',
        primary: at === 0,
        subnet: to('Microsoft.Network/virtualNetworks', one.subnet, 'subnets'),
        ...(one.publicIPAddress && { publicIPAddress: to('Microsoft.Network/publicIPAddresses', one.publicIPAddress) }),
        loadBalancerBackendAddressPools: one.pools.map((pool) =>
          to('Microsoft.Network/loadBalancers', pool, 'backendAddressPools'),
        ),
        applicationSecurityGroups: one.applicationSecurityGroups.map((group) =>
          to('Microsoft.Network/applicationSecurityGroups', group),
        ),
      },
    })),
  };
};

/** Network interfaces: a PUT replaces all of one, and needs the right to attach everything it names. */
export const networkInterfaces = azureNoun({
  name: 'networkInterfaces',
  scope: 'subscription',
  estate: Estate.default([]),
  seed(rows, list, { subscription }) {
    const machines = new Set<string>();
    for (const seed of list) {
      const { resourceGroup, name, location, tags, virtualMachine = '' } = seed;
      const properties = seeded(subscription, seed, !machines.has(virtualMachine));
      machines.add(virtualMachine);
      seedResource(rows, { id: idIn(subscription, resourceGroup, type, name), type, location, tags, properties });
    }
  },
  operations: armResource(type, { accept, links: linkNeeds, longRunning: true }).filter(
    ({ method }) => method !== 'DELETE',
  ),
});
