import { canonical, isObject, type Json } from '../../../shared/model/json.ts';

/** The run that lives on both clouds. */
export const runId = 'abcdefghijklmnopqrstuvwxyz';

/** Ids that a service gives at its own will. */
const given = /\b(i|acl|vol|snap|sg|sgr|eni|eni-attach|subnet|vpc|ami|igw|rtb|lt)-[0-9a-f]{8}(?:[0-9a-f]{9})?\b/g;
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)/g;

/** Replaces every occurrence of a key by its value, longer keys first. */
function renamed(text: string, names: ReadonlyMap<string, string>): string {
  const longest = [...names].sort(([a], [b]) => b.length - a.length);
  return longest.reduce((result, [from, to]) => (from === '' ? result : result.replaceAll(from, to)), text);
}

function everyText(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => everyText(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), everyText(item as Json, change)])); // an object of JSON
}

/** Names that are made of the digest of an id, as an action makes them; the id of a run looks the same and stays. */
const digests = (text: string): string =>
  text.replace(/[a-z2-7]{26,}/g, (letters) => (letters.endsWith(runId) ? letters : '<digest>'));

/** Puts the ids of one cloud in the place of the other's, wherever they stand. */
export const rename = (value: Json, names: ReadonlyMap<string, string>): Json =>
  everyText(value, (text) => renamed(text, names));

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item as Json)])); // as above
};

/** What is left when two clouds name things differently: the estate's ids, no instants, no order. */
export function plain(value: Json, names: ReadonlyMap<string, string>): Json {
  const known = new Set(names.values());
  const nameless = (text: string): string =>
    digests(renamed(text, names))
      .replace(given, (id, kind: string) => (known.has(id) ? id : `${kind}-new`))
      .replace(instant, '<instant>');
  return sorted(everyText(value, nameless));
}

/** The same map read the other way. */
export const inverted = (names: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...names].map(([ours, theirs]) => [theirs, ours]));

/** An object that is data: no date, no body that is still to be read. */
const isData = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

function* namesIn(value: unknown, path: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* namesIn(item, `${path}[]`);
  if (!isData(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$metadata' || item === undefined) continue;
    const name = path === '' ? key : `${path}.${key}`;
    yield name;
    yield* namesIn(item, name);
  }
}

/** The names of all members of an answer, sorted; values and lengths of lists do not count. */
export const memberNames = (answer: object): readonly string[] => [...new Set(namesIn(answer, ''))].sort();
