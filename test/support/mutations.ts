import fc from 'fast-check';
import { isObject, type Json } from '../../shared/model/json.ts';

type Holder = { readonly holder: object; readonly key: string };

/** Every place of an event, outermost first. */
function places(value: unknown): readonly Holder[] {
  const found: Holder[] = [];
  const visit = (holder: unknown): void => {
    if (!isObject(holder) && !Array.isArray(holder)) return;
    const keys = Object.keys(holder);
    for (const key of keys) found.push({ holder, key });
    for (const key of keys) visit(Reflect.get(holder, key));
  };
  visit(value);
  return found;
}

/** Values that no source expects anywhere. */
export const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    '',
    [],
    {},
    -1,
    1e300,
    true,
    'x'.repeat(5_000),
    '\u0000\uD800',
    '__proto__',
    '..',
    '0.0.0.0',
  ),
  fc.constantFrom<Json[]>('arn:aws:iam::1:x', '/subscriptions/x', 'AROA:', ':', '2026-99-99T99:99:99Z', '[[[['),
  fc.jsonValue({ maxDepth: 3 }).map((value): Json => JSON.parse(JSON.stringify(value))),
);

/** One change to one place of an event. */
export const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'rename', 'wrap', 'pollute'),
  value: strange,
  name: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'Id', ''), fc.string({ maxLength: 12 })),
});
export type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

/** Makes the change in place. */
export function mutate(event: Json, { at, how, value, name }: Mutation): void {
  const all = places(event);
  const place = all[at % all.length];
  if (!place) return;
  const { holder, key } = place;
  const before = Reflect.get(holder, key);
  const define = (where: object, under: string, member: unknown): void => {
    Object.defineProperty(where, under, { value: member, enumerable: true, configurable: true, writable: true });
  };
  if (how === 'replace') define(holder, key, value);
  if (how === 'remove' || how === 'rename') Reflect.deleteProperty(holder, key);
  if (how === 'rename' && !Array.isArray(holder)) define(holder, name, before);
  if (how === 'wrap') define(holder, key, [before]);
  if (how === 'pollute' && !Array.isArray(holder)) define(holder, '__proto__', value);
}
