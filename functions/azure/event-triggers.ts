import { type Json, own } from '../../shared/model/json.ts';
import type { Environment } from '../environment.ts';

/** A message as the host hands it over: parsed JSON, text that is none, or bytes. */
export const messageOf = (message: unknown): Json =>
  Buffer.isBuffer(message) ? message.toString('utf8') : (message as Json); // the host has parsed it

const reading = {
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

/** Event Grid gives an event up a day after it was published. */
const lateSeconds = 3_600;

/** Whether an event of Event Grid that cannot be taken now is to wait in the inbox, where nothing gives it up. */
export const isLate = (event: Json, now: string): boolean =>
  Date.parse(now) - Date.parse(String(own(event, 'eventTime') ?? own(event, 'time'))) > lateSeconds * 1_000;

/** How the Event Hub of Defender's continuous export is read, whatever becomes of its events. */
export const hubTrigger = {
  ...reading,
  connection: 'CORDON_EVENT_HUB',
  eventHubName: '%CORDON_EVENT_HUB_NAME%',
  consumerGroup: '%CORDON_EVENT_HUB_CONSUMER_GROUP%',
} as const;

/** How the hub is read that diagnostic settings and the streaming API of Defender XDR send to, with a key. */
export const signalsTrigger = {
  ...reading,
  connection: 'CORDON_SIGNALS',
  eventHubName: '%CORDON_SIGNALS_NAME%',
  consumerGroup: '%CORDON_SIGNALS_CONSUMER_GROUP%',
} as const;

/** Whether this deployment has that hub: the host refuses a trigger whose settings are not there. */
export const takesSignals = (environment: Environment): boolean => Boolean(environment['CORDON_SIGNALS_NAME']);
