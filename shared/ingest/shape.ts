import * as z from 'zod';
import { isObject } from '../model/json.ts';

/** Text that may be missing, null or empty on the wire; all three read as undefined. */
export const Text = z
  .string()
  .nullish()
  .transform((text) => text || undefined);

const written = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/;

/** A time as the clouds write it, with up to nine decimals, as ISO 8601 in UTC; without a zone it is UTC. */
export const Instant = z.string().transform((text, context) => {
  const [, , , zone] = written.exec(text) ?? [];
  const time = written.test(text) ? Date.parse(`${text.replace(' ', 'T')}${zone ? '' : 'Z'}`) : Number.NaN;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  context.issues.push({ code: 'custom', message: 'a time looks like 2026-11-20T09:00:00Z', input: text });
  return z.NEVER;
});

export const OptionalInstant = Text.pipe(Instant.optional());

const Address = z.union([z.ipv4(), z.ipv6()]);
const nobody = new Set(['0.0.0.0', '::']);

/** The members of an object under lower-case names; the first of two spellings wins. Anything else as it is. */
export function lowerKeys(value: unknown): unknown {
  if (!isObject(value)) return value;
  const members = new Map<string, unknown>();
  for (const [key, member] of Object.entries(value))
    if (!members.has(key.toLowerCase())) members.set(key.toLowerCase(), member);
  return Object.fromEntries(members);
}

/** Whether text is the IPv4 or IPv6 address of some host. */
export const isAddress = (text: string | undefined): text is string =>
  text !== undefined && !nobody.has(text) && Address.safeParse(text).success;

const longest = 80;

/** Text from outside inside a sentence: quoted, escaped and cut. */
export const quoted = (value: unknown): string => {
  if (typeof value !== 'string') return value === undefined ? 'nothing' : 'something that is no text';
  return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
};

/** The first thing a schema found wrong, with its place below `root`. */
export function problemOf(error: z.ZodError, root: string): string {
  const [issue] = error.issues;
  if (!issue) return `${root} has another shape.`;
  const path = [root, ...issue.path.map(String)].filter(Boolean).join('.');
  return `${path.slice(0, 4 * longest)}: ${issue.message}.`;
}
