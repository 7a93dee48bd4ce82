import { expect, test } from 'vitest';
import { InvalidInput } from '../../shared/model/error.ts';
import { compare, noneYet, recordedArray, recordedLine } from '../../shared/pattern/verdicts.ts';

function held(...records: readonly unknown[]) {
  const agreement = noneYet();
  for (const recorded of recordedArray(JSON.stringify(records))) compare(agreement, recorded);
  return agreement;
}

test('verdicts on pairs and on patterns alone are counted, by their long names and by their short ones', () => {
  const { cases, agreed, apart, differences } = held(
    { name: 'one', pattern: { a: ['x'] }, event: { a: 'x' }, matches: true },
    { pattern: '{"a": ["x"]}', event: { a: 'y' }, matches: false },
    { pattern: '{"a": ["x"]}', valid: true },
    { pattern: '{"a": ["x"]} {}', valid: false },
    { p: { a: ['x'] }, e: {}, m: false },
    { p: { a: 'x' }, valid: false },
  );
  expect([cases, agreed, apart, differences]).toEqual([6, 6, [], []]);
});

test('a difference says what both say, and why a pattern was refused', () => {
  const { differences } = held(
    { name: 'wrong', pattern: { a: ['x'] }, event: { a: 'x' }, matches: false },
    { p: { a: [{ prefx: 'x' }] }, valid: true },
    { p: { a: [{ prefix: 5 }] }, e: { a: 5 }, m: false },
  );
  expect(differences).toEqual([
    { name: 'wrong', pattern: { a: ['x'] }, event: { a: 'x' }, theirs: 'does not match', ours: 'matches' },
    expect.objectContaining({ name: 'case 2', theirs: 'accepted', ours: 'refused', reason: '"prefx" is no operator' }),
    expect.objectContaining({ name: 'case 3', theirs: 'does not match', ours: 'refused' }),
  ]);
});

test.each([
  ['textual', { textual: true }],
  ['enginesDisagree', { enginesDisagree: { one: true, other: false } }],
  ['quirk', { quirk: 'some-accident' }],
])('a verdict marked %s is set apart where it differs, and agrees where it does not', (mark, marked) => {
  const record = { pattern: { a: [1] }, event: { a: 1 }, ...marked };
  const { agreed, apart, differences } = held({ ...record, matches: false }, { ...record, matches: true });
  expect([agreed, apart.map((one) => one.mark), differences]).toEqual([1, [mark], []]);
});

test('an accident is held against what is documented, not against what the engine answers', () => {
  const accident = { pattern: { a: [{ prefix: '"' }] }, event: { a: '' }, eventRuler: true };
  expect(held({ ...accident, documented: false }).agreed).toBe(1);
  expect(held({ ...accident, documented: true }).differences).toHaveLength(1);
});

test('a number too large for a double may be written as Python prints it, but not inside a string', () => {
  const [number, text] = recordedArray(
    '[{"pattern": {"a": [Infinity]}, "event": {"a": Infinity}, "matches": true}, {"pattern": {"a": ["Infinity"]}, "valid": true}]',
  );
  expect(number?.event).toEqual({ a: Number.POSITIVE_INFINITY });
  expect(text?.pattern).toEqual({ a: ['Infinity'] });
});

test.each([
  ['not JSON', '{"p": ', 'cannot be read as JSON'],
  ['no object', '[]', 'is no object'],
  ['no pattern', '{"e": {}, "m": true}', 'has no pattern'],
  ['no verdict', '{"p": {"a": ["x"]}, "e": {}}', 'has no verdict'],
  ['a verdict in words', '{"p": {"a": ["x"]}, "e": {}, "m": "yes"}', 'has no verdict'],
  ['no event', '{"p": {"a": ["x"]}, "m": true}', 'but no event'],
])('a line with %s is refused with its number', (_, text, message) => {
  let thrown: unknown;
  try {
    recordedLine(text, 17);
  } catch (fault) {
    thrown = fault;
  }
  expect(thrown).toBeInstanceOf(InvalidInput);
  expect(thrown).toMatchObject({ code: 'bad-verdict', place: { line: 17 }, message: expect.stringContaining(message) });
});

test('a broken array names the line of the fault', () => {
  expect(() => recordedArray('[\n{"pattern": {"a": ["x"]}, "valid": true},\n{"pattern" {}}]')).toThrow(
    expect.objectContaining({ place: { line: 3, column: 12 } }),
  );
});
