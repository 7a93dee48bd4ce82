import { InvalidInput } from '../model/error.ts';
import { type Json, own } from '../model/json.ts';

const whole = /^\$\{([^{}]*)\}$/;
const part = /\$\{([^{}]*)\}/g;
const path = /^[A-Za-z_]\w*(\.\w+|\[\d{1,4}\])*$/;

/** The roots a template may start from. */
export const roots = ['finding', 'target', 'item', 'settings'] as const;

/** Steps from one value into another: `finding.resources[0].name` as its keys. */
export const keysOf = (text: string): string[] => text.split(/[.[\]]/).filter(Boolean);

function lookUp(text: string, scope: Json): Json {
  let value: unknown = path.test(text) ? scope : undefined;
  for (const key of keysOf(text)) value = own(value, key);
  if (value === undefined || value === null)
    throw new InvalidInput({
      code: 'missing-value',
      message: `there is no ${text}`,
      place: { path: text },
      remedy: 'The finding or the target does not carry it; guard the step with `when`.',
    });
  return value as Json; // own members of JSON are JSON
}

function fill(text: string, scope: Json): Json {
  const [, only] = whole.exec(text) ?? [];
  if (only !== undefined) return lookUp(only, scope);
  return text.replaceAll(part, (_, inner: string) => {
    const value = lookUp(inner, scope);
    if (typeof value === 'object')
      throw new InvalidInput({
        code: 'not-a-scalar',
        message: `\${${inner}} is a list or an object and cannot stand inside a text`,
        place: { path: inner },
        remedy: `Write "\${${inner}}" alone to keep its type.`,
      });
    return String(value);
  });
}

/** Fills `${…}` in every string of a value. A whole-value template keeps its type; values are never read as templates. */
export function render(value: Json, scope: Json): Json {
  if (typeof value === 'string') return fill(value, scope);
  if (Array.isArray(value)) return value.map((item: Json) => render(item, scope));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, render(item, scope)]));
  return value;
}

/** The path of a template that is the whole of a text; undefined where there is more or less to it. */
export const wholeTemplate = (text: string): string | undefined => whole.exec(text)?.[1];

/** Every template path of a text. */
export const pathsIn = (text: string): readonly string[] => [...text.matchAll(part)].map(([, inner = '']) => inner);

/** What is wrong with the templates of one text as they are written; nothing when they can be read. */
export function writingProblems(text: string): readonly string[] {
  if (text.replaceAll(part, '').includes('${')) return [`${JSON.stringify(text)} has a template that does not end`];
  return pathsIn(text).flatMap((inner) => {
    if (!path.test(inner)) return [`\${${inner}} is no path such as finding.actor.userName or target.tags.owner`];
    const [root = ''] = keysOf(inner);
    return (roots as readonly string[]).includes(root) ? [] : [`\${${inner}} starts from none of ${roots.join(', ')}`];
  });
}

/** The same for every text inside a value. */
export function templateProblems(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => templateProblems(item));
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(templateProblems);
  return typeof value === 'string' ? writingProblems(value) : [];
}
