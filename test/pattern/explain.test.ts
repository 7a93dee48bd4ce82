import { expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { explain } from '../../shared/pattern/explain.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';

const explained = (pattern: Json, event: Json) => explain(parsePattern(pattern), event);

test('a miss names the field, what it is and what was wanted', () => {
  const { matched, fields, text } = explained(
    { type: ['x'], severity: ['High', 'Critical'] },
    { type: 'x', severity: 'Low' },
  );
  expect(matched).toBe(false);
  expect(text).toBe("severity is 'Low', wanted 'High' or 'Critical'");
  expect(fields).toEqual([{ path: 'severity', seen: ['Low'], wanted: ["'High'", "'Critical'"], text }]);
});

test('a match says what it found', () => {
  const { matched, text } = explained({ a: { b: [{ prefix: 'x' }] }, c: [{ exists: false }] }, { a: { b: 'xy' } });
  expect(matched).toBe(true);
  expect(text).toBe("a.b is 'xy'; c is absent");
});

test.each<[Json, Json, string]>([
  [{ a: ['x'] }, {}, "a is absent, wanted 'x'"],
  [{ a: ['x'] }, { a: { b: 1 } }, "a is absent, wanted 'x'"],
  [{ a: ['5'] }, { a: 5 }, "a is 5, wanted '5'"],
  [{ a: [{ exists: false }] }, { a: null }, 'a is null, wanted no value at all'],
  [{ a: [{ numeric: ['>=', 7] }] }, { a: [1, 2, 2] }, 'a is 1 and 2, wanted a number >= 7'],
  [{ a: ['x'] }, { a: [1, 2, 3, 4, 5, 6, 7] }, "a is 1, 2, 3, 4, 5 and 2 more, wanted 'x'"],
  [{ a: [{ prefix: 'x' }, { prefix: 'y' }, 'z'] }, { a: 1 }, "a is 1, wanted something beginning with 'x', 'y' or 'z'"],
  [
    { a: [{ prefix: 'x' }, { suffix: 'y' }] },
    { a: 'a, b' },
    "a is 'a, b', wanted something beginning with 'x' or something ending in 'y'",
  ],
  [{ a: ['1', '2', '3', '4', '5', '6', '7'] }, { a: '8' }, "a is '8', wanted '1', '2', '3', '4', '5' or 2 more"],
])('%j on %j: %s', (pattern, event, text) => {
  expect(explained(pattern, event).text).toBe(text);
});

test('of several alternatives the nearest one is explained', () => {
  const pattern = {
    $or: [
      { a: ['1'], b: ['2'] },
      { a: ['1'], c: ['3'] },
      { d: ['4'], e: ['5'] },
    ],
  };
  expect(explained(pattern, { a: '1', c: '9' }).text).toBe("b is absent, wanted '2'");
  expect(explained(pattern, { d: '4', e: '9' }).text).toBe("e is '9', wanted '5'");
});

test('fields that hold only in different elements are told apart', () => {
  const tags = [
    { key: 'env', value: 'dev' },
    { key: 'tier', value: 'prod' },
  ];
  const { matched, apart, text } = explained({ tags: { key: ['env'], value: ['prod'] } }, { tags });
  expect([matched, apart]).toEqual([false, true]);
  expect(text).toBe("these hold, but never in the same element of an array: tags.key is 'env'; tags.value is 'prod'");
});

test('a match shows the values that hold, not all that stand there', () => {
  const tags = [
    { key: 'team', value: 'web' },
    { key: 'env', value: 'prod' },
  ];
  const { text, fields } = explained({ tags: { key: ['env'], value: [{ prefix: 'p' }] } }, { tags });
  expect(text).toBe("tags.key is 'env'; tags.value is 'prod'");
  expect(fields.map(({ seen }) => seen)).toEqual([['env'], ['prod']]);
});

test('a miss of many fields names the first and counts the rest', () => {
  const names = Array.from({ length: 9 }, (_, at) => `f${at}`);
  const { text, fields } = explained(Object.fromEntries(names.map((name) => [name, ['x']])), { f0: 'y' });
  expect(text.startsWith("f0 is 'y', wanted 'x'; f1 is absent, wanted 'x'; ")).toBe(true);
  expect(text.endsWith('; 3 more fields')).toBe(true);
  expect(fields).toHaveLength(9);
});
