import type { Context } from './request.ts';
import { type Glob, glob, literal } from './wildcard.ts';

/** Reads one policy variable; undefined where it has no single value. */
export type Resolve = (key: string) => string | undefined;

/** Variables exist since version 2012-10-17; in older documents `${...}` is plain text. */
export const resolverFor = (version: string | undefined, context: Context): Resolve | undefined =>
  version === '2012-10-17'
    ? (key) => {
        const values = context.get(key.toLowerCase());
        return values?.length === 1 ? values[0] : undefined;
      }
    : undefined;

const escapes = new Set(['*', '?', '$']);

/** The text of `aws:username` or `key, 'default'`, as written between the braces. */
function fill(inside: string, resolve: Resolve): string | undefined {
  if (escapes.has(inside)) return inside;
  const comma = inside.indexOf(',');
  if (comma < 0) return resolve(inside.trim());
  const fallback = inside.slice(comma + 1).trim();
  return resolve(inside.slice(0, comma).trim()) ?? fallback.slice(1, -1);
}

/**
 * A policy value with its variables filled in, or undefined when one has no value: such a value equals nothing.
 * What a variable brings in stands for itself, wildcards included.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function expand(text: string, resolve: Resolve | undefined, plain = glob): Glob | undefined {
  if (!resolve) return plain(text);
  const tokens: Glob[number][] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('${', at);
    const close = open < 0 ? -1 : text.indexOf('}', open);
    if (close < 0) break;
    const value = fill(text.slice(open + 2, close), resolve);
    if (value === undefined) return undefined;
    tokens.push(...plain(text.slice(at, open)), ...literal(value));
    at = close + 1;
  }
  tokens.push(...plain(text.slice(at)));
  return tokens;
}
