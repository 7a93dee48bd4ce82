import * as z from 'zod';
import { Json, type JsonObject } from '../../model/json.ts';
import { armResource, onWire, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

/** Types that hold and deliver events and tell of alarms, and that nobody changes here. */
const types = [
  'Microsoft.EventHub/namespaces',
  'Microsoft.EventGrid/topics',
  'Microsoft.EventGrid/systemTopics',
  'Microsoft.Security/automations',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Insights/activityLogAlerts',
  'Microsoft.Insights/actionGroups',
] as const;
/** Parts of such and of other resources, which are read by their ids alone. */
const parts = [
  'Microsoft.EventHub/namespaces/eventhubs',
  'Microsoft.EventHub/namespaces/eventhubs/consumergroups',
  'Microsoft.EventGrid/topics/eventSubscriptions',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions',
  'Microsoft.Storage/storageAccounts/blobServices/containers',
] as const;

/** `Microsoft.EventGrid/topics/{one}/eventSubscriptions/{two}`. */
const pathOf = (type: string): string =>
  type
    .split('/')
    .map((segment, at) => (at === 0 ? segment : `${segment}/{name${at}}`))
    .join('/');

const readPart = (type: string): AzureOperation => ({
  host: 'arm',
  method: 'GET',
  path: `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${pathOf(type)}`,
  operation: `${type}/read`,
  reads: true,
  does: (call) => ({ status: 200, body: onWire(resourceOf(call, resourceIdOf(call))) }),
});

/** What only stands there: its properties are in the estate as on the wire. */
export const readOnlyResources = azureNoun({
  name: 'readOnlyResources',
  scope: 'subscription',
  estate: z
    .array(
      z.strictObject({
        /** Below the subscription: `resourceGroups/rg-cordon/providers/Microsoft.EventHub/namespaces/cordon`. */
        path: z.string(),
        type: z.enum([...types, ...parts]),
        location: z.string().default('global'),
        properties: z.record(z.string(), Json).default({}),
      }),
    )
    .default([]),
  seed(rows, list, { subscription }) {
    for (const { path, properties, ...rest } of list) {
      const id = `/subscriptions/${subscription}/${path}`;
      seedResource(rows, { id, tags: {}, properties: properties as JsonObject, ...rest }); // JSON inside of JSON
    }
  },
  operations: [
    ...types.flatMap((type) => armResource(type).filter(({ method }) => method === 'GET')),
    ...parts.map(readPart),
  ],
});
