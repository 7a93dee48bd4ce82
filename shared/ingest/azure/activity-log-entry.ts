import * as z from 'zod';
import { below, isObject, own } from '../../model/json.ts';
import { Instant, lowerKeys, Text } from '../shape.ts';

/** Text, also where it stands as `{ value, localizedValue }`. */
const Word = z.preprocess((value) => (isObject(value) ? own(value, 'value') : value), z.string().min(1));
const Maybe = Text.catch(undefined);
/** Of these the id of a finding is made; the one who calls may choose the correlation id. */
const Identifier = z
  .string()
  .regex(/^[\w.:-]{1,128}$/)
  .optional()
  .catch(undefined);

/** What Cordon needs of one change, whichever form it came in, in lower-case names. */
export const Entry = z.object({
  operationname: Word,
  status: Word.optional(),
  resourceid: z.string().startsWith('/').max(2_048),
  time: Instant,
  correlationid: Identifier,
  eventid: Identifier,
  subscriptionid: Maybe,
  tenantid: Maybe,
  level: Maybe,
  caller: Maybe,
  address: Maybe,
  claims: z.unknown().optional(),
  authorization: z.unknown().optional(),
  request: z.unknown().optional(),
});
export type Entry = z.infer<typeof Entry>;

/** The same members under the same names in all forms. */
function common(lower: unknown): object {
  const properties = below(lower, 'properties');
  return {
    ...(isObject(lower) ? lower : {}),
    claims: below(lower, 'claims') ?? below(lower, 'identity', 'claims'),
    authorization: below(lower, 'authorization') ?? below(lower, 'identity', 'authorization'),
    address: own(lower, 'calleripaddress') ?? below(lower, 'httprequest', 'clientipaddress'),
    request: below(properties, 'requestbody'),
  };
}

/** Event Grid's form, in either schema (learn.microsoft.com/azure/event-grid/event-schema-subscriptions). */
export function entryOfGrid(event: unknown): unknown {
  const data = lowerKeys(own(event, 'data'));
  return {
    ...common(data),
    resourceid: own(data, 'resourceuri') ?? own(event, 'subject'),
    time: own(event, 'eventTime') ?? own(event, 'time'),
    eventid: own(event, 'id'),
  };
}

/** A record of the Activity Log: of its API, or as a diagnostic setting sends it to Event Hubs (azure-monitor, "Activity log schema"). */
export function entryOfRecord(event: unknown): unknown {
  const lower = lowerKeys(event);
  return {
    ...common(lower),
    status: own(lower, 'status') ?? own(lower, 'resulttype'),
    time: own(lower, 'eventtimestamp') ?? own(lower, 'time'),
    eventid: own(lower, 'eventdataid'),
  };
}

/** The context of a common alert (learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema). */
export function entryOfAlert(event: unknown): unknown {
  const data = lowerKeys(own(lowerKeys(event), 'data'));
  const context = lowerKeys(own(data, 'alertcontext'));
  const essentials = lowerKeys(own(data, 'essentials'));
  const named = own(essentials, 'alerttargetids');
  return {
    ...common(context),
    resourceid:
      own(context, 'resourceid') ??
      below(context, 'authorization', 'scope') ??
      (Array.isArray(named) ? named[0] : undefined),
    time: own(context, 'eventtimestamp') ?? own(essentials, 'fireddatetime'),
    eventid: own(context, 'eventdataid'),
  };
}
