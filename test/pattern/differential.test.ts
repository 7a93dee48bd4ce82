import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { compile } from '../../shared/pattern/compile.ts';
import { explain } from '../../shared/pattern/explain.ts';
import { matches, matching } from '../../shared/pattern/match.ts';
import { operators } from '../../shared/pattern/operators.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { referenceMatches } from '../support/reference-matcher.ts';

// Few keys and few values, so that patterns and events meet often; many arrays, some inside arrays, some keys with dots.

const key = fc.constantFrom('a', 'b', 'c', 'a', 'b', 'a.b', 'a-b');
const text = fc.constantFrom(
  'x',
  'x',
  'y',
  'x',
  'xy',
  'Xy',
  '',
  '10.0.0.1',
  '10.0.0.01',
  '::1',
  '0::1',
  'ß',
  'SS',
  'x*',
  '5',
  'true',
);
const number = fc.constantFrom(0, -1, 5, 5.5, 7);
const scalar: fc.Arbitrary<string | number | boolean | null> = fc.oneof(
  { arbitrary: text, weight: 4 },
  { arbitrary: number, weight: 2 },
  { arbitrary: fc.constantFrom(true, false, null), weight: 1 },
);

const { value: eventValue } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  object: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: tie('object'), weight: 3 },
    { arbitrary: fc.array(tie('object'), { minLength: 1, maxLength: 3 }), weight: 4 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
  ),
}));
const event: fc.Arbitrary<Json> = fc.dictionary(key, eventValue, { minKeys: 1, maxKeys: 3 });

const affixText = fc.constantFrom('x', 'xY', 'ß', '1');
const wildcard = fc.constantFrom('*', 'x*', '*y', 'x*y', 'x*x', 'xy*y', '*0*1', 'x\\*', '10.*.*.1', '');
const condition: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: scalar, weight: 6 },
  { arbitrary: fc.constantFrom<Json>({ exists: true }, { exists: false }), weight: 4 },
  fc.tuple(fc.constantFrom('prefix', 'suffix'), affixText).map(([kind, affix]) => ({ [kind]: affix })),
  fc
    .tuple(fc.constantFrom('prefix', 'suffix'), affixText)
    .map(([kind, affix]) => ({ [kind]: { 'equals-ignore-case': affix } })),
  fc.tuple(fc.constantFrom('equals-ignore-case', 'exactly'), text).map(([kind, word]) => ({ [kind]: word })),
  wildcard.map((shape) => ({ wildcard: shape })),
  fc
    .constantFrom<Json>(['=', 5], ['<', 5], ['>=', 5], ['>', -1, '<=', 5], ['>=', 5, '<', 7])
    .map((numeric) => ({ numeric })),
  fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '::/0', '::/64').map((cidr) => ({ cidr })),
  fc
    .oneof<fc.Arbitrary<Json>[]>(text, number, fc.array(text, { minLength: 1, maxLength: 2 }))
    .map((but) => ({ 'anything-but': but })),
  fc
    .tuple(fc.constantFrom('prefix', 'suffix', 'equals-ignore-case'), affixText)
    .map(([kind, word]) => ({ 'anything-but': { [kind]: [word, 'y'] } })),
  wildcard.map((shape) => ({ 'anything-but': { wildcard: shape } })),
);
const conditions = fc.array(condition, { minLength: 1, maxLength: 2 });

const { object: anyPattern } = fc.letrec<{ object: { readonly [key: string]: Json }; member: Json }>((tie) => ({
  member: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: conditions, weight: 3 },
    { arbitrary: tie('object'), weight: 2 },
  ),
  object: fc
    .tuple(
      fc.dictionary(key, tie('member'), { minKeys: 1, maxKeys: 3 }),
      fc.oneof(
        { maxDepth: 2 },
        { arbitrary: fc.constant(undefined), weight: 3 },
        { arbitrary: fc.array(tie('object'), { minLength: 2, maxLength: 2 }), weight: 1 },
      ),
      fc.boolean(),
    )
    .map(([members, $or, first]) => {
      if ($or === undefined) return members;
      return first ? { $or, ...members } : { ...members, $or };
    }),
}));

/** A pattern that `$or` does not blow up. */
const pattern = anyPattern.filter((source) => JSON.stringify(source).split('"$or"').length <= 4);

/** What the pairs reached; `apart` counts misses for the only reason that array elements exclude each other. */
type Reached = {
  pairs: number;
  matched: number;
  withArrays: number;
  apart: number;
  readonly words: Map<string, number>;
};

/** Every name in a pattern that is an operator, and $or; bare values are `exactly`. */
function wordsOf(source: Json): Set<string> {
  const { alternatives } = parsePattern(source);
  const conditions = alternatives.flat().flatMap((field) => field.conditions);
  const kinds = conditions.map((each) => ('of' in each ? `${each.kind} ${each.of}` : each.kind));
  return new Set([...kinds, ...(alternatives.length > 1 ? ['$or'] : [])]);
}

const holdsArrayOfObjects = (value: Json): boolean => JSON.stringify(value).includes('[{');

/** Runs both on every pair; answers what they reached. */
function compare(patterns: fc.Arbitrary<Json>, events: fc.Arbitrary<Json>, numRuns: number): Reached {
  const reached: Reached = { pairs: 0, matched: 0, withArrays: 0, apart: 0, words: new Map() };
  const lists = [
    fc.array(patterns, { minLength: 8, maxLength: 8 }),
    fc.array(events, { minLength: 5, maxLength: 5 }),
  ] as const;
  const property = fc.property(...lists, (sources, several) => {
    const entries = sources.map((source) => ({ id: source, pattern: parsePattern(source) }));
    const matcher = compile(entries);
    for (const each of several) {
      const expected = sources.filter((source) => referenceMatches(source, each));
      expect(matching(matcher, each)).toEqual(expected);
      reached.pairs += sources.length;
      reached.matched += expected.length;
      if (holdsArrayOfObjects(each)) {
        reached.withArrays += sources.length;
        reached.apart += entries.filter(({ pattern }) => explain(pattern, each).apart).length;
      }
      for (const word of expected.flatMap((source) => [...wordsOf(source)]))
        reached.words.set(word, (reached.words.get(word) ?? 0) + 1);
    }
  });
  fc.assert(property, { numRuns });
  return reached;
}

const words = [
  ...Object.keys(operators).filter((name) => name !== 'anything-but'),
  ...['exactly', 'prefix', 'suffix', 'equals-ignore-case', 'wildcard'].map((of) => `anything-but ${of}`),
  '$or',
];

test('the compiled matcher and the plain reference agree on the whole language', () => {
  const { pairs, matched, withArrays, words: met } = compare(pattern, event, 500);
  expect(pairs).toBeGreaterThanOrEqual(20_000);
  expect(matched / pairs).toBeGreaterThan(0.03); // else the generators no longer meet
  expect(withArrays / pairs).toBeGreaterThan(0.5);
  for (const word of words) expect(met.get(word) ?? 0, `matches with ${word}`).toBeGreaterThan(5);
});

test('they agree on arrays inside arrays', () => {
  const step = fc.constantFrom('a', 'b');
  const bit = fc.constantFrom(0, 1);
  const shallow = { maxDepth: 4, depthIdentifier: fc.createDepthIdentifier() };
  const { list } = fc.letrec<{ list: Json; object: Json; value: Json }>((tie) => ({
    list: fc.array(
      fc.oneof(shallow, bit, { arbitrary: tie('object'), weight: 5 }, { arbitrary: tie('list'), weight: 1 }),
      { minLength: 1, maxLength: 3, depthIdentifier: shallow.depthIdentifier },
    ),
    object: fc.dictionary(fc.oneof({ arbitrary: step, weight: 4 }, fc.constantFrom('a.b', 'b.a')), tie('value'), {
      minKeys: 1,
    }),
    value: fc.oneof(shallow, { arbitrary: bit, weight: 2 }, { arbitrary: tie('list'), weight: 3 }, tie('object')),
  }));
  const path = fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('.'));
  const wanted = fc.constantFrom<Json>([0], [1], [{ exists: true }], [{ exists: false }], [1, { exists: false }]);
  const fields = fc.dictionary(path, wanted, { minKeys: 2, maxKeys: 4 });
  const { pairs, matched, apart } = compare(fields, fc.record({ a: list, b: list }, { requiredKeys: ['a'] }), 400);
  expect(pairs).toBeGreaterThanOrEqual(16_000);
  expect(matched / pairs).toBeGreaterThan(0.1);
  expect(apart / pairs).toBeGreaterThan(0.02); // each field holds, and only the elements of arrays decide
});

test('they agree on wide arrays, with a second array under the same path', () => {
  const bit = fc.constantFrom<Json>(0, 1);
  const element = fc.record({ b: bit, c: fc.record({ d: bit, e: bit }) }, { requiredKeys: [] });
  const many = fc.array(element, { minLength: 16, maxLength: 24 });
  const more = fc.array(fc.record({ d: bit, e: bit }, { requiredKeys: [] }), { minLength: 1, maxLength: 3 });
  const wanted = fc.constantFrom<Json>([0], [1], [1], [{ exists: false }]);
  const fields = fc.record({ 'a.b': wanted, 'a.c.d': wanted, 'a.c.e': wanted }, { requiredKeys: ['a.c.d'] });
  const { pairs, matched } = compare(fields, fc.record({ a: many, 'a.c': more }, { requiredKeys: ['a'] }), 50);
  expect(matched / pairs).toBeGreaterThan(0.2);
  expect(matched / pairs).toBeLessThan(0.95);
});

test('they agree on every operator, densely, with $or of which both branches may hold', () => {
  const few = fc.array(condition, { minLength: 1, maxLength: 3 });
  const fields = fc.oneof(
    fc.record({ a: few }),
    fc.record({ a: few, b: few }),
    fc.tuple(few, few).map(([a, b]): Json => ({ $or: [{ a }, { b }] })),
    fc.tuple(few, few, few).map(([a, b, other]): Json => ({ $or: [{ a }, { a: b }], b: other })),
  );
  const values = fc.oneof({ arbitrary: scalar, weight: 3 }, fc.array(scalar, { minLength: 1, maxLength: 3 }));
  const { pairs, words: met } = compare(fields, fc.record({ a: values, b: values }), 300);
  expect(pairs).toBeGreaterThanOrEqual(12_000);
  for (const word of words) expect(met.get(word) ?? 0, `matches with ${word}`).toBeGreaterThan(200);
});

test('a pattern answers alone as it does among others', () => {
  const property = fc.property(pattern, event, (source, each) => {
    expect(matches(parsePattern(source), each)).toBe(referenceMatches(source, each));
  });
  fc.assert(property, { numRuns: 500 });
});
