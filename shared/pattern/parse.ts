import { isObject, type Json } from '../model/json.ts';
import { parseAddress } from './address.ts';
import { onlyName } from './arguments.ts';
import type { Condition, OperatorName } from './condition.ts';
import { type Inexact, readJsonText } from './json-text.ts';
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
const limits = {
  alternatives: 1_000,
  fields: 1_000,
  total: 100_000,
  depth: 1_000,
  wildcards: 1_000,
  comparisons: 50_000_000,
} as const;

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
  readonly inexact: Inexact;
  readonly replaced: string[];
  /** Set when a `$or` was seen. */
  mentionsOr: boolean;
  /** Wildcards so far: each costs a pass over the value. */
  wildcards: number;
  /** Paths compared so far: one path can be written in many ways, and each looks for those before it. */
  comparisons: number;
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

/** The remedy for what is too much. */
const split = 'Split it into several patterns';

function wildcardsOf({ conditions }: Field): number {
  let count = 0;
  for (const condition of conditions) {
    if (condition.kind === 'wildcard') count++;
    else if (condition.kind === 'anything-but' && condition.of === 'wildcard') count += condition.values.length;
  }
  return count;
}

const byPath = (a: Field, b: Field): number => (a.path < b.path ? -1 : 1);

/** Puts a field into a draft, in the place of an earlier one on the same path. */
function put(draft: Draft, field: Field, reading: Reading): void {
  reading.comparisons += draft.length;
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
  reading.wildcards += wildcardsOf(field);
  if (reading.wildcards > limits.wildcards) refuse(place, `a pattern has at most ${limits.wildcards} wildcards`, split);
  for (const draft of drafts) {
    put(draft, field, reading);
    const tooMany = draft.length > limits.fields || draft.length * drafts.length > limits.total;
    if (tooMany || reading.comparisons > limits.comparisons) refuse(place, 'the pattern has too many fields', split);
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
      refuse(place, reason, split);
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
  const reading: Reading = { orIsField: false, inexact, replaced: [], mentionsOr: false, wildcards: 0, comparisons: 0 };
  try {
    return readPattern(pattern, reading);
  } catch (fault) {
    if (!reading.mentionsOr) throw fault;
    try {
      return readPattern(pattern, { ...reading, orIsField: true, replaced: [], wildcards: 0 });
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

/** Checks a pattern given as JSON text. Throws `InvalidInput` with line and column when it is no JSON, trailing text included. */
export function parsePatternText(text: string): Pattern {
  const remedy = 'Quote every key and string, and put nothing behind the closing brace';
  const { value, inexact } = readJsonText(text, { code: 'invalid-pattern', what: 'the pattern', remedy });
  return read(value, inexact);
}
