import * as z from 'zod';
import { asJson, type JsonObject, own } from '../../model/json.ts';
import { armResource, onWire, putResource, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation, Need } from './operation.ts';
import { idIn } from './plain-resources.ts';
import { accountKey, keyNames } from './storage-keys.ts';
import { NetworkAcls, openToAll } from './storage-network.ts';
import { blobKey, blobServices, blobs, containers } from './storage-rows.ts';

const type = 'Microsoft.Storage/storageAccounts';

const strings = z.record(z.string(), z.string());
const Blob = z.strictObject({
  content: z.string(),
  contentType: z.string().default('application/octet-stream'),
  eTag: z.string().optional(),
  unhashed: z.boolean().default(false),
  metadata: strings.default({}),
  tags: strings.default({}),
});
const Container = z.strictObject({
  publicAccess: z.enum(['None', 'Blob', 'Container']).default('None'),
  legalHold: z.boolean().default(false),
  blobs: z.record(z.string(), Blob).default({}),
});
const Account = z.strictObject({
  resourceGroup: z.string(),
  name: z.string().regex(/^[a-z0-9]{3,24}$/),
  location: z.string(),
  tags: strings.default({}),
  /** Left out on accounts that never set it, which lets strangers in where a container does. */
  allowBlobPublicAccess: z.boolean().optional(),
  /** Left out on accounts that never set it, which lets whoever has a key in. */
  allowSharedKeyAccess: z.boolean().optional(),
  networkAcls: NetworkAcls.default(openToAll),
  softDeleteDays: z.int().default(0),
  versioning: z.boolean().default(false),
  containers: z.record(z.string(), Container).default({}),
});
type Account = z.infer<typeof Account>;

function seedBlobs(rows: Parameters<typeof seedResource>[0], { name: account, containers: listed }: Account): void {
  for (const [container, { publicAccess, legalHold, blobs: inside }] of Object.entries(listed)) {
    rows.put(containers, `${account}/${container}`, { account, name: container, publicAccess, legalHold });
    Object.entries(inside).forEach(([name, { content, eTag, ...rest }], at) => {
      const row = {
        account,
        container,
        name,
        content: Buffer.from(content).toString('base64'),
        eTag: `"${eTag ?? `0x8DE000000000${String(at).padStart(3, '0')}`}"`,
        lastModified: '2026-11-19T12:00:00.000Z',
        ...rest,
      };
      rows.put(blobs, blobKey(row), row);
    });
  }
}

/**
 * The settings that an update may change; what it leaves out stays, but network rules are put whole
 * (learn.microsoft.com/rest/api/storagerp/storage-accounts/update).
 */
const Patch = z.looseObject({
  tags: strings.optional(),
  properties: z
    .looseObject({
      allowBlobPublicAccess: z.boolean().optional(),
      allowSharedKeyAccess: z.boolean().optional(),
      publicNetworkAccess: z.enum(['Enabled', 'Disabled', 'SecuredByPerimeter']).optional(),
      networkAcls: NetworkAcls.optional(),
    })
    .default({}),
});

/** Whoever writes a rule for a subnet must be allowed to join it, also where the rule stood there before. */
function needsOf(call: AzureCall): readonly Need[] {
  const { properties } = Patch.safeParse(call.body).data ?? { properties: {} };
  const subnets = (properties.networkAcls?.virtualNetworkRules ?? []).flatMap(({ id }) => id ?? []);
  const join = 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action';
  return [
    { action: `${type}/write`, scope: resourceIdOf(call) },
    ...subnets.map((scope): Need => ({ action: join, scope })),
  ];
}

const update: AzureOperation = {
  host: 'arm',
  method: 'PATCH',
  path: `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{name}`,
  operation: `${type}/write`,
  reads: false,
  needs: needsOf,
  does(call) {
    const account = resourceOf({ view: call.world.rows }, resourceIdOf(call));
    const patch = Patch.safeParse(call.body);
    if (!patch.success) throw new AzureFault(400, 'InvalidRequestPropertyValue', 'The request body is not valid.');
    const { tags = account.tags, properties } = patch.data;
    const body = {
      ...onWire(account),
      tags: { ...tags },
      properties: { ...account.properties, ...asProperties(properties) },
    };
    return { status: 200, body: onWire(putResource(call, account.id, type, body)) };
  },
};

/** learn.microsoft.com/rest/api/storagerp/storage-accounts/list-keys */
const listKeys: AzureOperation = {
  host: 'arm',
  method: 'POST',
  path: `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{name}/listKeys`,
  operation: `${type}/listKeys/action`,
  reads: true,
  needs: (call) => [{ action: `${type}/listKeys/action`, scope: resourceIdOf(call).slice(0, -'/listKeys'.length) }],
  does(call) {
    const { name } = resourceOf(call, resourceIdOf(call).slice(0, -'/listKeys'.length));
    const keys = keyNames.map((keyName) => ({ keyName, value: accountKey(name, keyName), permissions: 'FULL' }));
    return { status: 200, body: { keys } };
  },
};

const asProperties = (properties: object): JsonObject => asJson(properties) as JsonObject; // an object as parsed

/** Storage accounts with their containers and blobs. */
export const storageAccounts = azureNoun({
  name: 'storageAccounts',
  scope: 'subscription',
  estate: z.array(Account).default([]),
  seed(rows, list, { subscription }) {
    for (const account of list) {
      const { resourceGroup, name, location, tags, softDeleteDays, versioning } = account;
      const { allowBlobPublicAccess, allowSharedKeyAccess, networkAcls } = account;
      seedResource(rows, {
        id: idIn(subscription, resourceGroup, type, name),
        type,
        location,
        tags,
        extra: { kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
        properties: {
          ...(allowBlobPublicAccess !== undefined && { allowBlobPublicAccess }),
          ...(allowSharedKeyAccess !== undefined && { allowSharedKeyAccess }),
          networkAcls: asProperties(networkAcls),
          publicNetworkAccess: 'Enabled',
          minimumTlsVersion: 'TLS1_2',
          primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
        },
      });
      rows.put(blobServices, name, { softDeleteDays, versioning });
      seedBlobs(rows, account);
    }
  },
  operations: [...armResource(type).filter(({ method }) => method === 'GET'), update, listKeys],
});

/** Whether an account lets strangers in at all: null counts as allowed. */
export const permitsStrangers = (account: { readonly properties: JsonObject }): boolean =>
  own(account.properties, 'allowBlobPublicAccess') !== false;
