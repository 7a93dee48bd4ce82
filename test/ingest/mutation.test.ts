import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { envelopeOf, normalise, parseEvent, unwrap } from '../../shared/ingest/recognise.ts';
import { Finding } from '../../shared/model/finding.ts';
import { isObject, type Json } from '../../shared/model/json.ts';
import { eventNames, readEvent } from '../support/events.ts';

type Holder = { readonly holder: object; readonly key: string };

/** Every place of an event, outermost first. */
function places(value: unknown): Holder[] {
  if (!isObject(value) && !Array.isArray(value)) return [];
  const own = Object.keys(value).map((key) => ({ holder: value, key }));
  return [...own, ...own.flatMap(({ holder, key }) => places(Reflect.get(holder, key)))];
}

const strange: fc.Arbitrary<Json> = fc.oneof(
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

const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'rename', 'wrap', 'pollute'),
  value: strange,
  name: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'Id', ''), fc.string({ maxLength: 12 })),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(event: Json, { at, how, value, name }: Mutation): void {
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

describe('no change to an event makes a source throw', () => {
  test.each(eventNames)('%s', (name) => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const event: Json = readEvent(name);
        for (const one of mutations) mutate(event, one);
        const { reading } = normalise(event);
        envelopeOf(event);
        unwrap(event);
        if (reading.kind === 'findings')
          for (const finding of reading.findings) expect(Finding.parse(finding)).toEqual(finding);
        else expect(reading.kind === 'ignored' ? reading.reason : reading.problem).toMatch(/\.$/);
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test('nor does nesting that no parser of ours let in', () => {
    let deep: Json = 'aws.guardduty';
    for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { toString: deep };
    for (const name of eventNames) {
      const event = readEvent(name);
      for (const key of Object.keys(event)) normalise({ ...event, [key]: deep });
      normalise({ ...event, source: 'near.guardduty', 'detail-type': deep });
    }
    expect(normalise({ source: deep, 'detail-type': deep }).reading.kind).toBe('ignored');
  });

  test('nor does any text or value', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseEvent(text)));
    fc.assert(fc.property(strange, (value) => void normalise(value)));
  });
});
