import { hash } from 'node:crypto';
import * as z from 'zod';

/** What crosses an effect, a record or a plan: JSON and nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && isPlain(value) && Object.values(value).every(isJson);
}

/** A check of our own: `z.json()` builds a copy with a union at each value, which every record and reply would pay for. */
export const Json = z.unknown().refine(isJson, 'Invalid input') as z.ZodType<Json>; // what is refined is nothing else

/** An own property, or undefined: prototypes are never read. */
export const own = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key] // an own key of an object may be read as one
    : undefined;

/** A value that some write as JSON text inside JSON: read where it is the text of an object or a list, else as it is. */
function unfolded(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // text that only begins like JSON
  }
}

const memberIn = (value: unknown, name: string): unknown =>
  isObject(value) ? Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1] : undefined;

/** A member below an object, by names in lower case that are compared without it; JSON inside JSON is read on the way. */
export const below = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>((at, name) => unfolded(memberIn(at, name)), value);

/** Objects that JSON writes as they are: no dates, maps or instances of a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Printable ASCII without quote or backslash: JSON writes such text as it is. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const quoted = (text: string): string => (plainText.test(text) ? `"${text}"` : JSON.stringify(text));

function canonicalScalar(value: null | boolean | number | string): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`);
  return text;
}

/** JSON text with sorted keys and no white space, after RFC 8785 (JCS). Throws on what JSON cannot hold. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return canonicalScalar(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  if (!isPlain(value)) throw new TypeError(`JSON has no ${value.constructor?.name ?? 'such object'}`);
  const object = value as JsonObject; // an object that is no array
  let text = '';
  for (const key of Object.keys(object).sort())
    text += `${text && ','}${quoted(key)}:${canonical(object[key] as Json)}`; // an own key
  return `{${text}}`;
}

/** SHA-256 over canonical JSON, as lower-case hex. */
export const digest = (value: Json): string => hash('sha256', canonical(value));

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** The first 130 bits of the digest as 26 base32 characters (RFC 4648, lower case): fits every provider's names. */
export function shortDigest(value: Json): string {
  const bits = BigInt(`0x${digest(value)}`) >> 126n;
  return Array.from({ length: 26 }, (_, at) => alphabet[Number((bits >> BigInt(125 - 5 * at)) & 31n)]).join('');
}

/** Deep equality of JSON values. */
export const same = (a: Json, b: Json): boolean => a === b || canonical(a) === canonical(b);

/** A copy of what another library made, as JSON: dates become ISO strings, undefined members go. */
export function asJson(value: unknown): Json {
  const text = JSON.stringify(value);
  if (text === undefined) return null;
  const copy: Json = JSON.parse(text);
  return text.includes('__proto__') ? Json.parse(copy) : copy; // the schema takes such members out; nothing else can be wrong
}
