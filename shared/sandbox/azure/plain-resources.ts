import * as z from 'zod';
import { Json, type JsonObject, own } from '../../model/json.ts';
import { armResource, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { type AzureNoun, azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

/** The ARM id of a resource in a group. */
export const idIn = (subscription: string, resourceGroup: string, type: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;

const Plain = z.array(
  z.strictObject({
    resourceGroup: z.string(),
    name: z.string(),
    location: z.string(),
    tags: z.record(z.string(), z.string()).default({}),
    properties: z.record(z.string(), Json).default({}),
  }),
);

/** A type that others refer to and that is only read: its properties stand in the estate as on the wire. */
const plain = (name: string, type: string): AzureNoun =>
  azureNoun({
    name,
    scope: 'subscription',
    estate: Plain.default([]),
    seed(rows, list, { subscription }) {
      for (const { resourceGroup, name: resource, ...rest } of list)
        seedResource(rows, { id: idIn(subscription, resourceGroup, type, resource), type, ...rest });
    },
    operations: armResource(type).filter(({ method }) => method === 'GET'),
  });

export const publicIpAddresses = plain('publicIpAddresses', 'Microsoft.Network/publicIPAddresses');
export const applicationSecurityGroups = plain(
  'applicationSecurityGroups',
  'Microsoft.Network/applicationSecurityGroups',
);
export const keyVaults = plain('keyVaults', 'Microsoft.KeyVault/vaults');
export const workspaces = plain('workspaces', 'Microsoft.OperationalInsights/workspaces');
export const disks = plain('disks', 'Microsoft.Compute/disks');

/** A part of a resource that has an id of its own: a subnet, a backend pool. */
const part = (parent: string, kind: string, name: string, properties: JsonObject): JsonObject => ({
  name,
  id: `${parent}/${kind}/${name}`,
  properties,
});

const lbType = 'Microsoft.Network/loadBalancers';

/** Load balancers with the names of their backend pools. */
export const loadBalancers = azureNoun({
  name: 'loadBalancers',
  scope: 'subscription',
  estate: z
    .array(
      z.strictObject({
        resourceGroup: z.string(),
        name: z.string(),
        location: z.string(),
        backendAddressPools: z.array(z.string()),
      }),
    )
    .default([]),
  seed(rows, list, { subscription }) {
    for (const { resourceGroup, name, location, backendAddressPools } of list) {
      const id = idIn(subscription, resourceGroup, lbType, name);
      const pools = backendAddressPools.map((pool) => part(id, 'backendAddressPools', pool, {}));
      seedResource(rows, { id, type: lbType, location, tags: {}, properties: { backendAddressPools: pools } });
    }
  },
  operations: armResource(lbType).filter(({ method }) => method === 'GET'),
});

const vnetType = 'Microsoft.Network/virtualNetworks';

const readSubnet: AzureOperation = {
  host: 'arm',
  method: 'GET',
  path: `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${vnetType}/{name}/subnets/{subnet}`,
  operation: `${vnetType}/subnets/read`,
  reads: true,
  does(call) {
    const id = resourceIdOf(call);
    const network = resourceOf(call, id.replace(/\/subnets\/[^/]+$/i, ''));
    const subnets = [own(network.properties, 'subnets') ?? []].flat();
    const subnet = subnets.find((one) => String(own(one, 'id')).toLowerCase() === id.toLowerCase());
    if (subnet === undefined) throw new AzureFault(404, 'NotFound', `Resource ${id} not found.`);
    return { status: 200, body: subnet };
  },
};

/** Virtual networks; a subnet names the security group on it, in the same resource group. */
export const virtualNetworks = azureNoun({
  name: 'virtualNetworks',
  scope: 'subscription',
  estate: z
    .array(
      z.strictObject({
        resourceGroup: z.string(),
        name: z.string(),
        location: z.string(),
        addressPrefixes: z.array(z.string()),
        subnets: z.record(
          z.string(),
          z.strictObject({
            addressPrefix: z.string(),
            networkSecurityGroup: z.string().optional(),
            /** Names of the private endpoints in it. */
            privateEndpoints: z.array(z.string()).default([]),
          }),
        ),
      }),
    )
    .default([]),
  seed(rows, list, { subscription }) {
    for (const { resourceGroup, name, location, addressPrefixes, subnets } of list) {
      const id = idIn(subscription, resourceGroup, vnetType, name);
      const group = (nsg: string | undefined): JsonObject =>
        nsg === undefined
          ? {}
          : {
              networkSecurityGroup: {
                id: idIn(subscription, resourceGroup, 'Microsoft.Network/networkSecurityGroups', nsg),
              },
            };
      const endpoints = (names: readonly string[]): JsonObject =>
        names.length === 0
          ? {}
          : {
              privateEndpoints: names.map((one) => ({
                id: idIn(subscription, resourceGroup, 'Microsoft.Network/privateEndpoints', one),
              })),
            };
      const parts = Object.entries(subnets).map(([subnet, { addressPrefix, networkSecurityGroup, privateEndpoints }]) =>
        part(id, 'subnets', subnet, { addressPrefix, ...group(networkSecurityGroup), ...endpoints(privateEndpoints) }),
      );
      const properties = { addressSpace: { addressPrefixes }, subnets: parts };
      seedResource(rows, { id, type: vnetType, location, tags: {}, properties });
    }
  },
  operations: [...armResource(vnetType).filter(({ method }) => method === 'GET'), readSubnet],
});
