import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { compile } from '../../shared/pattern/compile.ts';
import { matches, matching } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { referenceMatches } from '../support/reference-matcher.ts';

// Few keys and few values, so that patterns and events meet often; many arrays, some inside arrays, some keys with dots.

const key = fc.constantFrom('a', 'b', 'c', 'a', 'b', 'a.b', 'a-b');
const text = fc.constantFrom('x', 'y', 'xy', 'Xy', '', '10.0.0.1', '10.0.0.01', '::1', '0::1', 'ß', 'SS', 'x*');
const number = fc.constantFrom(0, -1, 5, 5.5, 7);
const scalar: fc.Arbitrary<string | number | boolean | null> = fc.oneof(
  { arbitrary: text, weight: 4 },
  { arbitrary: number, weight: 2 },
  { arbitrary: fc.constantFrom(true, false, null), weight: 1 },
);

const { value: eventValue } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  object: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: tie('object'), weight: 3 },
    { arbitrary: fc.array(tie('object'), { minLength: 1, maxLength: 3 }), weight: 4 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
  ),
}));
const event: fc.Arbitrary<Json> = fc.dictionary(key, eventValue, { minKeys: 1, maxKeys: 3 });

const affixText = fc.constantFrom('x', 'xY', 'ß', '1');
const wildcard = fc.constantFrom('*', 'x*', '*y', 'x*y', '*0*1', 'x\\*', '10.*.*.1', '');
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

const { object: pattern } = fc.letrec<{ object: { readonly [key: string]: Json }; member: Json }>((tie) => ({
  member: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: conditions, weight: 3 },
    { arbitrary: tie('object'), weight: 2 },
  ),
  object: fc
    .tuple(
      fc.dictionary(key, tie('member'), { minKeys: 1, maxKeys: 3 }),
      fc.option(fc.array(tie('object'), { minLength: 2, maxLength: 2 }), { freq: 8, nil: undefined }),
      fc.boolean(),
    )
    .map(([members, $or, first]) => {
      if ($or === undefined) return members;
      return first ? { $or, ...members } : { ...members, $or };
    }),
}));

test('the compiled matcher and the plain reference agree on every pair', () => {
  let pairs = 0;
  let positive = 0;
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 6, maxLength: 6 }),
      fc.array(event, { minLength: 5, maxLength: 5 }),
      (sources, events) => {
        const entries = sources.map((source) => ({ id: source, pattern: parsePattern(source) }));
        const matcher = compile(entries);
        for (const each of events) {
          const expected = sources.filter((source) => referenceMatches(source, each));
          expect(matching(matcher, each)).toEqual(expected);
          pairs += sources.length;
          positive += expected.length;
        }
      },
    ),
    { numRuns: 900 },
  );
  expect(pairs).toBeGreaterThan(20_000);
  expect(positive / pairs).toBeGreaterThan(0.05); // else the generators no longer meet
});

test('a pattern answers alone as it does among others', () => {
  fc.assert(
    fc.property(pattern, event, (source, each) => {
      expect(matches(parsePattern(source), each)).toBe(referenceMatches(source, each));
    }),
    { numRuns: 500 },
  );
});
