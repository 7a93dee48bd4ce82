import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import { compile } from '../../shared/pattern/compile.ts';
import { fullBudget } from '../../shared/pattern/consistent.ts';
import { explain } from '../../shared/pattern/explain.ts';
import { begin, holds } from '../../shared/pattern/judge.ts';
import { matches } from '../../shared/pattern/match.ts';
import { type Pattern, parsePattern, parsePatternText } from '../../shared/pattern/parse.ts';
import { fitsWildcard, parseWildcard } from '../../shared/pattern/wildcard.ts';

// Nothing here asserts on time: what is bounded is counted, and what is refused is refused before it grows.

const megabyte = 1_048_576;
const long = 'x'.repeat(megabyte);

function refusal(read: () => Pattern): InvalidInput {
  try {
    read();
  } catch (fault) {
    if (fault instanceof InvalidInput) return fault;
    throw fault;
  }
  throw new Error('the pattern was accepted');
}

const each = (count: number, make: (at: number) => Json): Json[] => Array.from({ length: count }, (_, at) => make(at));

describe('a pattern of a megabyte', () => {
  test.each<[string, Json, Json, boolean]>([
    ['one text', [long], long, true],
    ['one prefix', [{ prefix: long }], `${long}y`, true],
    ['one text in any case', [{ 'equals-ignore-case': long }], long.toUpperCase(), true],
    ['one wildcard', [{ wildcard: `*${long}*` }], `a${long}b`, true],
    ['half a million asterisks', [{ wildcard: '*x'.repeat(megabyte / 2) }], long.slice(1), true],
    ['more asterisks than the value is long', [{ wildcard: '*x'.repeat(megabyte / 2) }], 'x', false],
    ['a hundred thousand values', each(100_000, (at) => `v${at}`), 'v99999', true],
    ['fifty thousand prefixes', each(50_000, (at) => ({ prefix: `v${at}-` })), 'v49999-x', true],
  ])('of %s is read and answered', (_, conditions, value, expected) => {
    expect(matches(parsePatternText(JSON.stringify({ a: conditions })), { a: value })).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['an operator', JSON.stringify({ a: [{ [long]: 'x' }] }), 'is no operator'],
    ['a bare value', JSON.stringify({ a: long }), 'must be a list'],
    ['a field', JSON.stringify({ [long]: 5 }), 'must be a list'],
    ['text behind it', `{"a": ["x"]}${long}`, 'cannot be read as JSON'],
    ['a text that does not end', `{"a": ["${long}`, 'cannot be read as JSON'],
    ['fields', JSON.stringify(Object.fromEntries(each(60_000, (at) => at).map((at) => [`f${at}`, ['x']]))), 'too many'],
    ['wildcards', JSON.stringify({ a: each(50_000, (at) => ({ wildcard: `*${at}*` })) }), 'at most 1000 wildcards'],
    [
      'excluded wildcards',
      JSON.stringify({ a: [{ 'anything-but': { wildcard: each(50_000, (at) => `*${at}*`) } }] }),
      'at most 1000 wildcards',
    ],
  ])('of %s is refused in few words', (_, text, reason) => {
    const { code, message, remedy = '', place } = refusal(() => parsePatternText(text));
    expect([code, message]).toEqual(['invalid-pattern', expect.stringContaining(reason)]);
    expect(message.length + remedy.length + (place?.path?.length ?? 0)).toBeLessThan(1_000);
  });
});

describe('a pattern ten thousand deep', () => {
  const deep = 10_000;

  test.each([
    ['objects', `${'{"a":'.repeat(deep)}["x"]${'}'.repeat(deep)}`],
    ['arrays', `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`],
    ['$or', `${'{"$or":['.repeat(deep)}{"a":["x"]}${',{"b":["x"]}]}'.repeat(deep)}`],
    ['operators', `{"a":[${'{"anything-but":'.repeat(deep)}"x"${'}'.repeat(deep)}]}`],
  ])('of %s is refused as text and as JSON', (_, text) => {
    expect(refusal(() => parsePatternText(text)).message).toContain('nests too deeply');
    expect(refusal(() => parsePattern(JSON.parse(text))).code).toBe('invalid-pattern');
  });
});

describe('a pattern of ten thousand alternatives', () => {
  const or = (width: number, name: string): Json => ({ $or: each(width, (at) => ({ [`${name}${at}`]: ['x'] })) });

  test.each<[string, Json]>([
    ['side by side', or(10_000, 'a')],
    ['a hundred times a hundred', { a: or(100, 'a'), b: or(100, 'b') }],
    ['one in the other', { $or: each(100, (at) => ({ [`f${at}`]: or(100, 'a') })) }],
    ['thousands of pairs', Object.fromEntries(each(5_000, (at) => at).map((at) => [`f${at}`, or(2, 'a')]))],
  ])('%s is refused', (_, pattern) => {
    expect(refusal(() => parsePattern(pattern)).message).toContain('more than 1000 alternatives');
  });

  test('with one path written in thousands of ways is refused by the work that it makes', () => {
    const steps = each(13, (at) => `s${at}`);
    const ways = Array.from({ length: 4_096 }, (_, way) =>
      steps.reduce<string>(
        (path, step, at) => `${path}${at === 0 ? '' : (way >> (at - 1)) & 1 ? '/' : '.'}${step}`,
        '',
      ),
    );
    type Node = { [key: string]: Node | string[] };
    const pattern: Node = {};
    for (const way of ways) {
      const keys = way.split('/');
      const last = keys.pop() ?? '';
      let node = pattern;
      for (const key of keys) {
        const next = node[key];
        node = node[key] = next === undefined || Array.isArray(next) ? {} : next;
      }
      node[last] = ['x'];
    }
    const wide = Object.fromEntries(each(96, (at) => at).map((at) => [`w${at}`, ['x']]));
    const tens = { a: or(10, 'a'), b: or(10, 'b'), c: or(10, 'c') };
    expect(refusal(() => parsePattern({ ...wide, ...tens, ...pattern })).message).toContain('too many fields');
    expect(parsePattern(pattern).alternatives).toHaveLength(1);
  });
});

/** How many comparisons the search through the arrays of an event makes, and its answer. */
function searched(pattern: Json, event: Json): { readonly answer: boolean; readonly steps: number } {
  const matcher = compile([{ id: 0, pattern: parsePattern(pattern) }]);
  const run = begin(matcher, event);
  const answer = matcher.plans.some((plan) => holds(plan, run));
  return { answer, steps: fullBudget - run.budget.left };
}

describe('the search through arrays', () => {
  const fields = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 2, maxLength: 6 });

  test('makes steps in proportion to the elements, whatever they hold', () => {
    const property = fc.property(fields, fc.array(fc.nat(63), { minLength: 20, maxLength: 20 }), (names, masks) => {
      const pattern: Json = { d: Object.fromEntries(names.map((name) => [name, ['1']])) };
      const element = (mask: number): Json =>
        Object.fromEntries(names.map((name, at) => [name, (mask >> at) & 1 ? '1' : '0']));
      // all but one field hold in each element at most, so that the search has to go through all of them
      const all = (1 << names.length) - 1;
      const elements = masks.map((mask) => element((mask & all) === all ? all - 1 : mask & all));
      const repeated = (times: number): Json => Array.from({ length: times }, () => elements).flat();
      const once = searched(pattern, { d: repeated(1) });
      const often = searched(pattern, { d: repeated(8) });
      expect([once.answer, often.answer]).toEqual([false, false]);
      expect(often.steps).toBeLessThanOrEqual(8 * once.steps + 8 * 20 * names.length * 4);
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('of an event of a megabyte stays far below its budget', () => {
    const names = Array.from({ length: 12 }, (_, at) => `f${at}`);
    const pattern: Json = { d: Object.fromEntries(names.map((name) => [name, ['1']])) };
    const d = each(9_500, (at) => Object.fromEntries(names.map((name, n) => [name, n === at % 12 ? '0' : '1'])));
    expect(JSON.stringify(d).length).toBeGreaterThan(900_000);
    const { answer, steps } = searched(pattern, { d });
    expect(answer).toBe(false);
    expect(steps).toBeLessThan(fullBudget / 4);
  });

  test('of arrays in arrays, a thousand deep, is answered within its budget', () => {
    let nested: Json = each(50, (at) => ({ k: at % 2 ? '1' : '0', v: at % 2 ? '0' : '1' }));
    for (let level = 0; level < 1_000; level++) nested = [nested, { k: '1' }, { v: '1' }];
    const { answer, steps } = searched({ d: { k: ['1'], v: ['1'] } }, { d: nested });
    expect(answer).toBe(false);
    expect(steps).toBeLessThan(fullBudget);
  });
});

describe('wildcards', () => {
  const piece = fc.constantFrom('a', 'b', 'ab', 'aab', '*a', '*b', '*ab', '*aba', 'a*');
  const shape = fc.array(piece, { minLength: 1, maxLength: 30 }).map((parts) => parts.join('').replace(/\*+/g, '*'));
  const value = fc.array(fc.constantFrom('a', 'b', 'ab', 'aba'), { maxLength: 200 }).map((parts) => parts.join(''));

  test('read each unit of the value about once, whatever the shape', () => {
    const property = fc.property(shape, value, (text, seen) => {
      const wildcard = parseWildcard(text);
      if (typeof wildcard === 'string') throw new Error(wildcard);
      let steps = 0;
      const counting = {
        length: seen.length,
        charCodeAt: (at: number) => {
          steps++;
          return seen.charCodeAt(at);
        },
      };
      const answer = fitsWildcard(counting, wildcard);
      expect(answer).toBe(new RegExp(`^${text.replaceAll('*', '.*')}$`, 's').test(seen));
      expect(steps).toBeLessThanOrEqual(seen.length + text.length);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

test('an explanation stays readable whatever the value and the pattern', () => {
  const values = parsePattern({ a: each(10_000, (at) => `v${at}`) });
  expect(explain(values, { a: long }).text.length).toBeLessThan(500);
  expect(explain(values, { a: each(100, () => long) }).text.length).toBeLessThan(500);
});
