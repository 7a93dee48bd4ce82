import * as z from 'zod';
import { type JsonObject, own } from '../../model/json.ts';
import { armResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, Need } from './operation.ts';
import { resources } from './rows.ts';

const type = 'Microsoft.Compute/snapshots';

const Body = z.looseObject({
  location: z.string(),
  properties: z.looseObject({
    creationData: z.looseObject({ createOption: z.string(), sourceResourceId: z.string() }),
  }),
});

const sourceOf = ({ body }: Pick<AzureCall, 'body'>): string =>
  String(own(own(own(body, 'properties'), 'creationData'), 'sourceResourceId') ?? '');

/** Copying a disk needs the right to read it, as the built-in role Disk Backup Reader has it. */
const links = (call: AzureCall): readonly Need[] =>
  sourceOf(call) === '' ? [] : [{ action: 'Microsoft.Compute/disks/beginGetAccess/action', scope: sourceOf(call) }];

function accept(body: JsonObject, { world, params }: AzureCall): JsonObject {
  const name = params['name'] ?? '';
  if (!/^[\w.-]{1,80}$/.test(name))
    throw new AzureFault(400, 'InvalidParameter', `The value of parameter snapshot.name is invalid: ${name}`);
  const parsed = Body.safeParse(body);
  if (!parsed.success)
    throw new AzureFault(400, 'InvalidParameter', "Required parameter 'snapshot.creationData' is missing (null).");
  const { location, properties } = parsed.data;
  const disk = world.rows.get(resources, properties.creationData.sourceResourceId.toLowerCase());
  if (!disk) throw new AzureFault(404, 'NotFound', `Disk ${properties.creationData.sourceResourceId} is not found.`);
  if (disk.location !== location)
    throw new AzureFault(
      400,
      'BadRequest',
      `Disk ${disk.name} in location ${disk.location} cannot be used as source of a snapshot in location ${location}.`,
    );
  const made = { timeCreated: world.clock.now(), diskState: 'Unattached', completionPercent: 100 };
  return {
    ...body,
    properties: {
      networkAccessPolicy: 'AllowAll',
      publicNetworkAccess: 'Enabled',
      ...(own(body, 'properties') as JsonObject), // parsed as an object above
      ...made,
    },
  };
}

/** Snapshots of disks; none stand in an estate. */
export const snapshots = azureNoun({
  name: 'snapshots',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: armResource(type, { accept, links, longRunning: true }).filter(({ method }) => method !== 'DELETE'),
});
