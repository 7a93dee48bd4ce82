import type { Json } from '../../shared/model/json.ts';

/** A message as the host hands it over: parsed JSON, text that is none, or bytes. */
export const messageOf = (message: unknown): Json =>
  Buffer.isBuffer(message) ? message.toString('utf8') : (message as Json); // the host has parsed it

/** How the Event Hub of Defender's continuous export is read, whatever becomes of its events. */
export const hubTrigger = {
  connection: 'CORDON_EVENT_HUB',
  eventHubName: '%CORDON_EVENT_HUB_NAME%',
  consumerGroup: '%CORDON_EVENT_HUB_CONSUMER_GROUP%',
  cardinality: 'many',
  // without an end: what fails by itself is in the inbox, so that only a store that is down comes to this, and then
  // nothing behind the batch could be kept either; the pointer goes on over a batch whose tries are used up
  retry: {
    strategy: 'exponentialBackoff',
    maxRetryCount: -1,
    minimumInterval: { seconds: 5 },
    maximumInterval: { minutes: 5 },
  },
} as const;
