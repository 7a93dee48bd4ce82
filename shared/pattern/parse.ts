import { InvalidInput, messageOf } from '../model/error.ts';
import { isObject, type Json } from '../model/json.ts';
import { parseAddress } from './address.ts';
import { onlyName } from './arguments.ts';
import type { Condition, OperatorName } from './condition.ts';
import { operators } from './operators.ts';
import { insert } from './ordered.ts';
import { nearest, type Place, refuse } from './refusal.ts';

/** One field of the event and what it may be: one of `conditions` has to hold. */
export type Field = { readonly path: string; readonly conditions: readonly Condition[] };

/** Fields that all have to hold, in the order of their paths. */
export type AndMap = readonly Field[];

/** A checked pattern as plain data: it matches where one of its AND-maps does. */
export type Pattern = {
  /** The pattern with every `$or` multiplied out. */
  readonly alternatives: readonly AndMap[];
  /** Paths whose conditions a later member of the same pattern replaced. */
  readonly replaced: readonly string[];
  /** Whether `$or` is no alternative here but an ordinary field of that name. */
  readonly orIsField: boolean;
  /** The JSON that was read. */
  readonly source: Json;
};

/** `$or` multiplies out: a pattern above these limits is refused, so that no pattern can fill the memory. */
const limits = { alternatives: 1_000, fields: 1_000, total: 100_000, depth: 1_000 } as const;

/** Names that Event Ruler keeps for operators, now or later; no field inside `$or` may have one. */
const reserved: ReadonlySet<string> = new Set([
  ...Object.keys(operators),
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case', 'date-after', 'date-on-or-after'],
  ...['date-before', 'date-on-or-before', 'in-date-range', 'ip-address-in-range', 'ip-address-not-in-range'],
]);

/** Operators of other languages, and what says the same here. */
const foreign: ReadonlyMap<string, string> = new Map([
  ['regex', 'There are no regular expressions here; write {"wildcard": "a*b"}'],
  ['contains', 'Write {"wildcard": "*text*"}'],
  ['startswith', 'Write {"prefix": "text"}'],
  ['endswith', 'Write {"suffix": "text"}'],
  ['equals', 'Write the value itself'],
  ['not', 'Write {"anything-but": "text"}'],
  ['in', 'Write the values side by side: ["one", "other"]'],
  ...['gt', 'gte', 'lt', 'lte', '>', '>=', '<', '<=', '='].map(
    (name) => [name, 'Write {"numeric": [">=", 7]}'] as const,
  ),
]);

/** An AND-map in the making, always in order; members write into it, `$or` goes on with copies. */
type Draft = Field[];

type Reading = {
  readonly orIsField: boolean;
  readonly inexact: (holder: object, key: string) => boolean;
  readonly replaced: string[];
  /** Set when a `$or` was seen. */
  mentionsOr: boolean;
};

/** Where the reader stands, and in which field of the event that is. */
type Standing = Place & { readonly name: string | undefined; readonly depth: number; readonly insideOr: boolean };

const isOperator = (name: string): name is OperatorName => Object.hasOwn(operators, name);

function unknownOperator(name: string, place: Place): never {
  const meant = nearest(name, Object.keys(operators));
  const advice = foreign.get(name.toLowerCase().replaceAll(/[^a-z<>=]/g, ''));
  const guess =
    meant === undefined ? `The operators are ${Object.keys(operators).join(', ')}` : `Did you mean "${meant}"?`;
  return refuse(place, `"${name}" is no operator`, advice ?? guess);
}

function readCondition(entry: unknown, field: Place, at: number, { inexact }: Reading): Condition {
  if (typeof entry === 'string') return { kind: 'exactly', value: entry, address: parseAddress(entry) !== undefined };
  if (entry === null || typeof entry === 'boolean' || (typeof entry === 'number' && !Number.isNaN(entry))) {
    return { kind: 'exactly', value: entry, address: false };
  }
  const place = { outer: field, key: at };
  if (!isObject(entry)) {
    const reason = 'a value must be a string, a number, true, false, null or {"operator": ...}';
    return refuse(place, reason, 'Lists do not nest');
  }
  const name = onlyName(entry, place);
  if (!isOperator(name)) return unknownOperator(name, place);
  const { example, read } = operators[name];
  return read(entry[name], { place: { outer: place, key: name }, example, inexact }, entry);
}

const byPath = (a: Field, b: Field): number => (a.path < b.path ? -1 : 1);

/** Puts a field into a draft, in the place of an earlier one on the same path. */
function put(draft: Draft, field: Field, reading: Reading): void {
  for (let at = 0; at < draft.length; at++) {
    if (draft[at]?.path !== field.path) continue;
    if (!reading.replaced.includes(field.path)) reading.replaced.push(field.path);
    draft[at] = field;
    return;
  }
  insert(draft, field, byPath);
}

function readField(drafts: Draft[], values: readonly unknown[], place: Standing, reading: Reading): Draft[] {
  const { name: path = '' } = place;
  const advice = 'Write {"exists": false} for a field that must be absent';
  if (values.length === 0) refuse(place, 'an empty list matches nothing', advice);
  if (path.length >= limits.depth && path.split('.').length > limits.depth) {
    refuse(place, `a path has at most ${limits.depth} steps`);
  }
  const field = { path, conditions: values.map((value, at) => readCondition(value, place, at, reading)) };
  for (const draft of drafts) {
    put(draft, field, reading);
    if (draft.length > limits.fields || draft.length * drafts.length > limits.total) {
      refuse(place, 'the pattern has too many fields', 'Split it into several patterns');
    }
  }
  return drafts;
}

/** Each branch goes on from the same drafts; what follows the `$or` goes on from all of them. */
function readOr(drafts: Draft[], branches: unknown, place: Standing, reading: Reading): Draft[] {
  reading.mentionsOr = true;
  const advice = 'Write "$or": [{"a": ["1"]}, {"b": ["2"]}]';
  if (!Array.isArray(branches) || branches.length < 2) {
    return refuse(place, '"$or" takes a list of at least two objects', advice);
  }
  const all: Draft[] = [];
  for (const [at, branch] of branches.entries()) {
    const inside: Standing = { ...place, outer: place, key: at, insideOr: true };
    if (!isObject(branch)) return refuse(inside, '"$or" takes objects only', advice);
    all.push(
      ...readObject(
        drafts.map((draft) => [...draft]),
        branch,
        inside,
        reading,
      ),
    );
    if (all.length > limits.alternatives) {
      const reason = `"$or" multiplies out to more than ${limits.alternatives} alternatives`;
      refuse(place, reason, 'Split it into several patterns');
    }
  }
  return all;
}

function readMember(drafts: Draft[], key: string, value: unknown, around: Standing, reading: Reading): Draft[] {
  const { name, depth, insideOr } = around;
  if (key === '$or' && !reading.orIsField) {
    return readOr(drafts, value, { outer: around, key, name, depth: depth + 1, insideOr }, reading);
  }
  const path = name === undefined ? key : `${name}.${key}`;
  const place: Standing = { outer: around, key, name: path, depth: depth + 1, insideOr };
  if (insideOr && reserved.has(key)) {
    const advice = `Put the condition into a list: "field": [{"${key}": ...}]`;
    refuse(place, `a field inside "$or" cannot be called "${key}"`, advice);
  }
  if (Array.isArray(value)) return readField(drafts, value, place, reading);
  if (isObject(value)) return readObject(drafts, value, place, reading);
  return refuse(place, `"${key}" must be a list or an object`, `Write "${key}": [${JSON.stringify(value) ?? '...'}]`);
}

function readObject(drafts: Draft[], object: Record<string, unknown>, place: Standing, reading: Reading): Draft[] {
  let current = drafts;
  let members = 0;
  if (place.depth > limits.depth) refuse(place, `a pattern nests at most ${limits.depth} levels`);
  for (const key of Object.keys(object)) {
    current = readMember(current, key, object[key], place, reading);
    members++;
  }
  if (members === 0) refuse(place, 'an empty object asks for nothing', 'Name a field, or leave it out');
  return current;
}

function readPattern(pattern: Record<string, unknown>, reading: Reading): Pattern {
  const top: Standing = { outer: undefined, key: '', name: undefined, depth: 0, insideOr: false };
  const drafts = readObject([[]], pattern, top, reading);
  return {
    alternatives: drafts.map((draft) => draft.slice()), // without the room it had to grow
    replaced: reading.replaced,
    orIsField: reading.orIsField,
    source: pattern as Json, // the reader has been through all of it
  };
}

function read(pattern: unknown, inexact: Reading['inexact']): Pattern {
  if (!isObject(pattern)) return refuse(undefined, 'a pattern must be an object', 'Write {"field": ["value"]}');
  const reading: Reading = { orIsField: false, inexact, replaced: [], mentionsOr: false };
  try {
    return readPattern(pattern, reading);
  } catch (fault) {
    if (!reading.mentionsOr) throw fault;
    try {
      return readPattern(pattern, { ...reading, orIsField: true, replaced: [] });
    } catch {
      throw fault; // read as a field it makes no more sense, so the first reason stands
    }
  }
}

const alwaysExact = (): boolean => false;

/**
 * Checks a pattern that is already parsed JSON and multiplies it out. Throws `InvalidInput` with the place in the pattern.
 * A number is taken by value: whether its text had more digits than a double holds is only seen by `parsePatternText`.
 */
export const parsePattern = (pattern: unknown): Pattern => read(pattern, alwaysExact);

/** Digits and exponent of a JSON number without its sign, so that 300, 300.0 and 3.0e2 read the same. */
function decimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return significant === '' ? '0' : `${significant}e${power}`;
}

function whyNotJson(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (fault) {
    return messageOf(fault);
  }
}

/** Where the first character stands that cannot go on: `JSON.parse` names it, but not its place. */
function unexpected(text: string): number {
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (whyNotJson(text.slice(0, middle)).startsWith('Unexpected token')) bad = middle;
    else good = middle;
  }
  return good;
}

/** Line and column of the fault that `JSON.parse` reports. */
function placeOf(message: string, text: string): { readonly line: number; readonly column: number } {
  const told = /at position (\d+)/.exec(message)?.[1];
  const found = message.startsWith('Unexpected token') ? unexpected(text) : text.length;
  const before = text.slice(0, told === undefined ? found : Number(told)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Checks a pattern given as JSON text. Throws `InvalidInput` with line and column when it is no JSON, trailing text included. */
export function parsePatternText(text: string): Pattern {
  const inexact = new WeakMap<object, Set<string>>();
  const note = function note(
    this: object,
    key: string,
    value: unknown,
    context?: { readonly source?: string },
  ): unknown {
    if (
      typeof value === 'number' &&
      context?.source !== undefined &&
      decimal(context.source) !== decimal(String(value))
    ) {
      inexact.set(this, (inexact.get(this) ?? new Set()).add(key));
    }
    return value;
  };
  let pattern: unknown;
  try {
    pattern = JSON.parse(text, note);
  } catch (fault) {
    const message = messageOf(fault);
    throw new InvalidInput({
      code: 'invalid-pattern',
      message: `the pattern cannot be read as JSON: ${message}`,
      remedy: 'Quote every key and string, and put nothing behind the closing brace',
      place: placeOf(message, text),
      cause: fault,
    });
  }
  return read(pattern, (holder, key) => inexact.get(holder)?.has(key) ?? false);
}
