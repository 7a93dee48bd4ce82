import * as z from 'zod';
import { type JsonObject, own } from '../../model/json.ts';
import { armResource, onWire, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { stillRunning } from './long-running.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';
import { idIn } from './plain-resources.ts';
import { type ResourceRow, resources } from './rows.ts';

const type = 'Microsoft.Compute/virtualMachines';

const names = z.array(z.string()).default([]);
const Estate = z.array(
  z.strictObject({
    resourceGroup: z.string(),
    name: z.string(),
    location: z.string(),
    tags: z.record(z.string(), z.string()).default({}),
    /** Names of things in the same resource group. */
    networkInterfaces: names,
    osDisk: z.string(),
    dataDisks: names,
    /** An ephemeral operating system disk lives on the host and cannot be copied. */
    ephemeral: z.boolean().default(false),
    powerState: z.enum(['running', 'stopped', 'deallocated']).default('running'),
    managedBy: z.string().optional(),
    /** Object id of its system-assigned identity. */
    identity: z.uuid().optional(),
  }),
);

/** The power state is told only to who asks for it (learn.microsoft.com/rest/api/compute/virtual-machines/get). */
function show(row: ResourceRow, { url }: AzureCall): JsonObject {
  const { instanceView, ...model } = row.properties;
  const asked = url.searchParams.get('$expand')?.toLowerCase() === 'instanceview';
  return onWire({ ...row, properties: { ...model, ...(asked && instanceView && { instanceView }) } });
}

const isEphemeral = (properties: JsonObject): boolean =>
  own(own(own(own(properties, 'storageProfile'), 'osDisk'), 'diffDiskSettings'), 'option') === 'Local';

/** Releases the host of a machine, or finds it one again; a disk that lives on the host would be lost (learn.microsoft.com/azure/virtual-machines/states-billing). */
const power = (verb: 'deallocate' | 'start', state: string): AzureOperation => ({
  host: 'arm',
  method: 'POST',
  path: `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{name}/${verb}`,
  operation: `${type}/${verb}/action`,
  reads: false,
  does(call) {
    const { rows } = call.world;
    const row = resourceOf({ view: rows }, resourceIdOf(call).replace(/\/[^/]+$/, ''));
    if (verb === 'deallocate' && isEphemeral(row.properties))
      throw new AzureFault(
        409,
        'OperationNotAllowed',
        `Operation 'deallocate' is not supported for VM '${row.name}' since it is using an ephemeral OS disk.`,
      );
    const instanceView = { statuses: [{ code: `PowerState/${state}`, level: 'Info' }] };
    rows.put(resources, row.id.toLowerCase(), { ...row, properties: { ...row.properties, instanceView } });
    return stillRunning(call, type, row.location, { status: 202 });
  },
});

/** Virtual machines: their network and storage profile, and whether they run. */
export const virtualMachines = azureNoun({
  name: 'virtualMachines',
  scope: 'subscription',
  estate: Estate.default([]),
  seed(rows, list, { subscription, tenant }) {
    for (const { resourceGroup, name, location, tags, managedBy, ...machine } of list) {
      const identity = { type: 'SystemAssigned', principalId: machine.identity ?? '', tenantId: tenant };
      const to = (kind: string, one: string): JsonObject => ({ id: idIn(subscription, resourceGroup, kind, one) });
      const disk = (one: string): JsonObject => ({
        name: one,
        createOption: 'FromImage',
        managedDisk: to('Microsoft.Compute/disks', one),
      });
      seedResource(rows, {
        id: idIn(subscription, resourceGroup, type, name),
        type,
        location,
        tags,
        extra: { ...(managedBy !== undefined && { managedBy }), ...(machine.identity !== undefined && { identity }) },
        properties: {
          vmId: `00000000-0000-4000-a000-${Buffer.from(name).toString('hex').padEnd(12, '0').slice(0, 12)}`,
          storageProfile: {
            osDisk: { ...disk(machine.osDisk), ...(machine.ephemeral && { diffDiskSettings: { option: 'Local' } }) },
            dataDisks: machine.dataDisks.map((one, lun) => ({ ...disk(one), lun, createOption: 'Attach' })),
          },
          networkProfile: {
            networkInterfaces: machine.networkInterfaces.map((one, at) => ({
              ...to('Microsoft.Network/networkInterfaces', one),
              properties: { primary: at === 0 },
            })),
          },
          instanceView: { statuses: [{ code: `PowerState/${machine.powerState}`, level: 'Info' }] },
        },
      });
    }
  },
  operations: [
    ...armResource(type, { show }).filter(({ method }) => method === 'GET'),
    power('deallocate', 'deallocated'),
    power('start', 'running'),
  ],
});
