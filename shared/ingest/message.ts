import { isObject, type Json, own } from '../model/json.ts';
import { envelopeNames } from './envelope.ts';
import type { Envelope } from './screen.ts';
import { OptionalInstant, quoted } from './shape.ts';
import { ignored, malformed, type Reading } from './source.ts';

const remedy = 'Send events of the sources in the reference; route others away from Cordon.';
const has = (event: Json, key: string): boolean => own(event, key) !== undefined;

/** Why no source reads a message, with the envelope it came in. */
export function unread(event: Json): Reading {
  if (!isObject(event)) return malformed('The message is not a JSON object.', remedy);
  if (has(event, 'detail-type') || (has(event, 'source') && has(event, 'detail'))) {
    const from = own(event, 'source');
    const near =
      typeof from === 'string' && /guardduty/i.test(from) ? ' GuardDuty sends as aws.guardduty and no other.' : '';
    const kind = `source ${quoted(from)}, detail-type ${quoted(own(event, 'detail-type'))}`;
    return ignored(`No source reads EventBridge events of ${kind}.${near}`);
  }
  if (has(event, 'specversion')) return ignored(`No source reads CloudEvents of type ${quoted(own(event, 'type'))}.`);
  if (has(event, 'eventType'))
    return ignored(`No source reads Event Grid events of eventType ${quoted(own(event, 'eventType'))}.`);
  const [name] = envelopeNames(event);
  if (name !== undefined) return ignored(`No source reads messages of the kind ${quoted(name)}.`);
  const keys = Object.keys(event).slice(0, 12).join(', ');
  return malformed(`No known envelope; the message has the keys ${quoted(keys)}.`, remedy);
}

/**
 * One delivery as single messages: Event Grid delivers arrays (also of CloudEvents), diagnostic settings
 * `{ records: [...] }` (learn.microsoft.com/azure/event-grid/event-schema).
 */
export function unwrap(event: Json): readonly Json[] {
  if (Array.isArray(event)) return event;
  const records = own(event, 'records');
  return isObject(event) && Object.keys(event).length === 1 && isJsonArray(records) ? records : [event];
}

/** A list inside JSON holds JSON. */
const isJsonArray = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** When the envelope was made, where it says a real time, and whether an EventBridge archive sent it again. */
export function envelopeOf(event: Json): Envelope {
  const time = OptionalInstant.safeParse(own(event, 'time') ?? own(event, 'eventTime'));
  return { time: time.success ? time.data : undefined, replayed: has(event, 'replay-name') };
}

const mostBytes = 1_048_576;
const mostDepth = 64;

/** Whether brackets nest deeper than allowed; one pass over the text, no recursion. */
function tooDeep(text: string): boolean {
  const token = /"(?:[^"\\]|\\.)*"?|[[\]{}]/gs;
  let depth = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    if (found[0] === '[' || found[0] === '{') depth += 1;
    else if (found[0] === ']' || found[0] === '}') depth -= 1;
    if (depth > mostDepth) return true;
  }
  return false;
}

/** Numbers such as 1e999 become infinite when read; JSON cannot hold them, so nothing could be recorded of them. */
function hasInfinity(event: Json, text: string): boolean {
  if (!/\de\+?\d{3}|\d{300}/i.test(text)) return false;
  const open: Json[] = [event];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'number' && !Number.isFinite(next)) return true;
    if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) open.push(inner);
  }
  return false;
}

type Parsed = { readonly event: Json } | { readonly problem: string; readonly remedy: string };

/** Stage 1 of the road: text as JSON, within limits that keep every later stage safe. Never throws. */
export function parseEvent(text: string): Parsed {
  if (text.length > mostBytes || Buffer.byteLength(text) > mostBytes)
    return {
      problem: 'The message is larger than 1 MiB.',
      remedy: 'No cloud delivers such an event; find who sent it.',
    };
  if (tooDeep(text))
    return {
      problem: `The message nests deeper than ${mostDepth} levels.`,
      remedy: 'Find who sent it; no source does.',
    };
  try {
    const event: Json = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
    if (!hasInfinity(event, text)) return { event };
    return {
      problem: 'The message holds a number that JSON cannot keep.',
      remedy: 'Find who sent it; no source does.',
    };
  } catch {
    return { problem: 'The message is not JSON.', remedy: 'Send one event, or an array of events, as JSON text.' };
  }
}
