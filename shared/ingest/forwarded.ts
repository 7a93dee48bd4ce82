import * as z from 'zod';
import { isObject, Json, own } from '../model/json.ts';
import { envelopeNames } from './envelope.ts';
import { parseEvent } from './message.ts';

/** What a deployment in one cloud hands on to the home in the other: the event as it came, and from where. */
export const Forwarded = z.strictObject({
  cloud: z.enum(['aws', 'azure']),
  receivedAt: z.iso.datetime(),
  /** The event; text where it could not be read as JSON. */
  event: Json,
});
export type Forwarded = z.infer<typeof Forwarded>;

/** How it is called on an event bus, and on a topic. */
export const forwardedAs = {
  source: 'cordon.forward',
  detailType: 'Cordon Forwarded Event',
  cloudEventType: 'cordon.forwarded.v1',
} as const;

/** The payload of an envelope of either form. */
function payloadIn(message: unknown): unknown {
  if (own(message, 'source') === forwardedAs.source && own(message, 'detail-type') === forwardedAs.detailType)
    return own(message, 'detail');
  const isCloudEvent = own(message, 'specversion') !== undefined;
  return isCloudEvent && own(message, 'type') === forwardedAs.cloudEventType ? own(message, 'data') : undefined;
}

const ofAws = /^(aws\.|bare\/(guardduty|cloudtrail|asff)$)/;

/** A forwarder speaks for its own cloud alone: whoever takes over the one cannot invent findings of the other. */
function speaksForItself({ cloud, event }: Forwarded): boolean {
  const events: readonly unknown[] = Array.isArray(event) ? event : [event];
  return events.every((one) => {
    const names = envelopeNames(one);
    return names.length === 0 || names.some((name) => ofAws.test(name)) === (cloud === 'aws');
  });
}

/** What an archive of the home's bus sends again is a replay, whatever it was when it was forwarded. */
const replayed = (event: Json, message: unknown): Json => {
  const name = own(message, 'replay-name');
  return typeof name === 'string' && isObject(event) ? { ...(event as object), 'replay-name': name } : event;
};

/**
 * The event that a forwarder handed on, to be taken as if it had come by itself; anything else as it is. Call it for
 * messages of the trusted channel alone, the queue or subscription that nothing but the forwarder's own identity can
 * put into: elsewhere an envelope is a message of no known kind, whatever its source says.
 */
export function openForwarded(message: Json): Json {
  const parsed = typeof message === 'string' ? parseEvent(message) : { event: message };
  if (!('event' in parsed)) return message;
  const forwarded = Forwarded.safeParse(payloadIn(parsed.event));
  if (!forwarded.success || !speaksForItself(forwarded.data)) return message;
  return replayed(forwarded.data.event, parsed.event);
}
