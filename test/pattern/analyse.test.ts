import { expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { analyse } from '../../shared/pattern/analyse.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';

const warnings = (pattern: Json): string[] =>
  analyse(parsePattern(pattern)).map(({ code, path }) => `${code} ${path}`.trim());

test.each<[Json, string[]]>([
  [{ a: ['x'], b: [{ 'anything-but': 'y' }] }, []],
  [{ a: [{ exists: true }] }, []],
  [{ a: [{ prefix: '' }, { numeric: ['<', 5] }, { numeric: ['>=', 5] }] }, []],
  [{ a: [{ numeric: ['>', 5, '<', 5.000000000000001] }] }, ['never-matches', 'cannot-occur a']],
  [{ a: [{ numeric: ['>', 5, '<', 5.000000000000001] }, 'x'] }, ['cannot-occur a']],
  [{ a: [{ numeric: ['>', 0, '<', 5e-324] }] }, ['never-matches', 'cannot-occur a']],
  [{ a: [{ numeric: ['>', -5e-324, '<', 5e-324] }] }, []],
  [{ a: [{ numeric: ['>', 1.7976931348623157e308] }] }, ['never-matches', 'cannot-occur a']],
  [{ a: [{ numeric: ['<', -1] }] }, []],
  [{ $or: [{ a: [{ numeric: ['>', 1.7976931348623157e308] }] }, { b: ['x'] }] }, ['cannot-occur a']],
  [{ a: [{ exists: false }, { exists: true }] }, ['always-matches']],
  [{ $or: [{ a: [{ exists: false }, { exists: true }] }, { b: ['x'] }] }, ['always-matches']],
  [{ a: [{ exists: false }, { exists: true }], b: ['x'] }, []],
  [{ a: [{ 'anything-but': 'x' }, { 'anything-but': 'y' }] }, ['excludes-nothing a']],
  [{ a: [{ 'anything-but': 'x' }, { 'anything-but': ['x', 'y'] }] }, []],
  [{ a: ['x', { 'anything-but': 'x' }] }, ['excludes-nothing a']],
  [{ a: [{ 'anything-but': ['ab', 'ac'] }, { prefix: 'a' }] }, ['excludes-nothing a']],
  [{ a: [{ 'anything-but': 'x' }, 'x', { exists: false }] }, ['always-matches', 'excludes-nothing a']],
  [{ a: ['x', 'y', 'x'] }, ['repeated a']],
  [{ a: ['5', 5] }, []],
  [{ a: { b: ['1'] }, 'a.b': ['2'] }, ['replaced a.b']],
  [{ a: ['1'], $or: [{ a: ['2'] }, { b: ['3'] }] }, ['replaced a']],
  [{ $or: { a: ['1'] } }, ['or-as-field $or']],
  [{ severity: { numeric: ['>=', 7] } }, ['operator-as-field severity.numeric']],
  [{ prefix: ['x'] }, []],
])('%j: %j', (pattern, expected) => {
  expect(warnings(pattern)).toEqual(expected);
});

test('a warning says what to write instead', () => {
  const [warning] = analyse(parsePattern({ severity: { numeric: ['>=', 7] } }));
  expect(warning?.message).toContain('"severity": [{"numeric": ...}]');
});
