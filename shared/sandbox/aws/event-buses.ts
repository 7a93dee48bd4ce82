import type * as eventBridge from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import { isObject, type JsonObject } from '../../model/json.ts';
import { table } from '../rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** An event as its bus took it. */
export type PutEventRow = {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
};

/** Keyed by ARN. */
export const buses = table<{ readonly account: string; readonly region: string }>('aws.events.buses');
/** Keyed by the id that PutEvents gave. */
export const putEvents = table<PutEventRow>('aws.events.put');

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const mostEntries = 10;
const mostBytes = 1_048_576;

function detailOf(text: string | undefined): JsonObject | undefined {
  try {
    const detail: unknown = JSON.parse(text ?? '');
    return isObject(detail) ? (detail as JsonObject) : undefined; // parsed from JSON text
  } catch {
    return undefined;
  }
}

type Entry = eventBridge.PutEventsRequestEntry;
type Answer = { readonly ErrorCode: string; readonly ErrorMessage: string };

const refusal = (ErrorCode: string, ErrorMessage: string): Answer => ({ ErrorCode, ErrorMessage });

function problemOf({ Source = '', DetailType = '', Detail }: Entry): Answer | undefined {
  if (Source === '' || DetailType === '') return refusal('InvalidArgument', 'Source and DetailType are required.');
  if (Source.startsWith('aws.')) return refusal('NotAuthorizedForSourceException', 'Not authorized for the source.');
  return detailOf(Detail) ? undefined : refusal('MalformedDetail', 'Detail is malformed.');
}

const operations = operationsOf<typeof eventBridge>()({
  PutEvents: {
    reads: false,
    on: ({ Entries = [] }) => Entries[0]?.EventBusName ?? '*',
    does({ Entries = [] }, { world, view }) {
      if (Entries.length === 0 || Entries.length > mostEntries)
        throw new AwsFault('ValidationException', '1 validation error detected: entries', { status: 400 });
      if (Buffer.byteLength(JSON.stringify(Entries)) > mostBytes)
        throw new AwsFault('ValidationException', 'Total size of the entries in the request is over the limit.');
      const answers = Entries.map((entry) => {
        const bus = entry.EventBusName ?? 'default';
        const problem = problemOf(entry);
        if (problem) return problem;
        const EventId = `00000000-0000-4000-8000-${String(world.next('events.put')).padStart(12, '0')}`;
        // EventBridge takes an event for a bus that is not there, and drops it
        if (view.get(buses, bus))
          world.rows.put(putEvents, EventId, {
            bus,
            source: entry.Source ?? '',
            detailType: entry.DetailType ?? '',
            resources: entry.Resources ?? [],
            detail: detailOf(entry.Detail) ?? {},
          });
        return { EventId };
      });
      return { FailedEntryCount: answers.filter((one) => 'ErrorCode' in one).length, Entries: answers };
    },
  },
});

/** Event buses of EventBridge, and what was put on them. */
export const eventBuses = awsNoun({
  name: 'eventBuses',
  scope: 'region',
  estate: z.array(z.strictObject({ name: z.string().regex(/^[\w./-]{1,256}$/) })).default([]),
  seed(rows, named, { partition, account, region }) {
    for (const { name } of named)
      rows.put(buses, `arn:${partition}:events:${region}:${account}:event-bus/${name}`, { account, region });
  },
  operations: { events: operations },
});
