import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../shared/model/error.ts';
import { matches } from '../../shared/pattern/match.ts';
import { type Pattern, parsePattern, parsePatternText } from '../../shared/pattern/parse.ts';

function refusal(read: () => Pattern): InvalidInput {
  try {
    read();
  } catch (fault) {
    if (fault instanceof InvalidInput) return fault;
    throw fault;
  }
  throw new Error('the pattern was accepted');
}

describe('what is refused, where and why', () => {
  test.each<[pattern: unknown, path: string, message: string]>([
    [[], '', 'a pattern must be an object'],
    [null, '', 'a pattern must be an object'],
    ['x', '', 'a pattern must be an object'],
    [{}, '', 'an empty object asks for nothing'],
    [{ a: { b: {} } }, 'a.b', 'an empty object asks for nothing'],
    [{ a: 'x' }, 'a', '"a" must be a list or an object'],
    [{ a: null }, 'a', '"a" must be a list or an object'],
    [{ a: undefined }, 'a', '"a" must be a list or an object'],
    [{ a: [] }, 'a', 'an empty list matches nothing'],
    [{ a: [['x']] }, 'a[0]', 'a value must be'],
    [{ a: ['x', undefined] }, 'a[1]', 'a value must be'],
    [{ a: [Number.NaN] }, 'a[0]', 'a value must be'],
    [{ a: [{}] }, 'a[0]', 'an operator is missing'],
    [{ a: ['x', { prefix: 'a', suffix: 'b' }] }, 'a[1]', 'only one operator per object'],
    [{ a: [{ Prefix: 'x' }] }, 'a[0]', '"Prefix" is no operator'],
    [{ a: [{ constructor: 'x' }] }, 'a[0]', '"constructor" is no operator'],
    [{ a: { b: [{ prefix: 5 }] } }, 'a.b[0].prefix', '"prefix" takes a string'],
    [{ a: [{ prefix: ['x'] }] }, 'a[0].prefix', '"prefix" takes a string'],
    [{ a: [{ prefix: { suffix: 'x' } }] }, 'a[0].prefix', '"prefix" cannot hold "suffix"'],
    [
      { a: [{ suffix: { 'equals-ignore-case': 5 } }] },
      'a[0].suffix.equals-ignore-case',
      '"equals-ignore-case" takes a string',
    ],
    [{ a: [{ exactly: 5 }] }, 'a[0].exactly', '"exactly" takes a string'],
    [{ a: [{ 'equals-ignore-case': ['x'] }] }, 'a[0].equals-ignore-case', 'takes a string'],
    [{ a: [{ wildcard: 'a**b' }] }, 'a[0].wildcard', 'two asterisks in a row at position 2'],
    [{ a: [{ wildcard: 'a\\x' }] }, 'a[0].wildcard', 'a backslash at position 2'],
    [{ a: [{ wildcard: 'a\\' }] }, 'a[0].wildcard', 'a backslash at position 2'],
    [{ a: [{ exists: 'true' }] }, 'a[0].exists', '"exists" takes true or false'],
    [{ a: [{ numeric: 5 }] }, 'a[0].numeric', '"numeric" takes an array'],
    [{ a: [{ numeric: [] }] }, 'a[0].numeric', 'nothing is no comparison'],
    [{ a: [{ numeric: ['==', 5] }] }, 'a[0].numeric', '"==" is no comparison'],
    [{ a: [{ numeric: ['toString', 5] }] }, 'a[0].numeric', '"toString" is no comparison'],
    [{ a: [{ numeric: ['>', '5'] }] }, 'a[0].numeric', '"5" is not a number'],
    [{ a: [{ numeric: ['>', Number.POSITIVE_INFINITY] }] }, 'a[0].numeric', 'this number cannot be compared'],
    [{ a: [{ numeric: ['>', 1, '>', 2] }] }, 'a[0].numeric', 'a range is one of > and >='],
    [{ a: [{ numeric: ['<', 5, '>', 1] }] }, 'a[0].numeric', 'a range is one of > and >='],
    [{ a: [{ numeric: ['>=', 5, '<=', 5] }] }, 'a[0].numeric', 'no number lies between 5 and 5'],
    [{ a: [{ numeric: ['>', 1, '<', 3, 4] }] }, 'a[0].numeric', 'a range is one of > and >='],
    [{ a: [{ 'anything-but': [] }] }, 'a[0].anything-but', 'takes strings only or numbers only'],
    [{ a: [{ 'anything-but': [1, 'x'] }] }, 'a[0].anything-but', 'takes strings only or numbers only'],
    [{ a: [{ 'anything-but': true }] }, 'a[0].anything-but', 'takes strings only or numbers only'],
    [{ a: [{ 'anything-but': { numeric: ['=', 5] } }] }, 'a[0].anything-but', '"anything-but" cannot hold "numeric"'],
    [{ a: [{ 'anything-but': { prefix: ['x', ''] } }] }, 'a[0].anything-but.prefix', 'an empty prefix'],
    [{ a: [{ 'anything-but': { suffix: [] } }] }, 'a[0].anything-but.suffix', 'an empty list excludes nothing'],
    [{ a: [{ 'anything-but': { wildcard: ['x', 'a**'] } }] }, 'a[0].anything-but.wildcard', 'two asterisks'],
    [{ a: [{ cidr: '10.0.0.0' }] }, 'a[0].cidr', 'a block is written address/bits'],
    [{ a: [{ cidr: '10.0.0.0/32' }] }, 'a[0].cidr', 'from 0 to 31'],
    [{ a: [{ cidr: '::1/128' }] }, 'a[0].cidr', 'from 0 to 127'],
    [{ a: [{ cidr: '10.0.0/8' }] }, 'a[0].cidr', '"10.0.0" is not an IP address'],
    [{ a: [{ cidr: '10.0.0.0/8/' }] }, 'a[0].cidr', 'a block is written address/bits'],
    [{ $or: [{ a: ['1'] }] }, '$or', 'at least two objects'],
    [{ d: { $or: [{ a: ['1'] }, 'x'] } }, 'd.$or[1]', '"$or" takes objects only'],
    [{ $or: [{ a: ['1'] }, {}] }, '$or[1]', 'an empty object asks for nothing'],
    [{ $or: [{ regex: ['x'] }, { a: ['1'] }] }, '$or[0].regex', 'cannot be called "regex"'],
    [{ $or: [{ a: '1' }, { b: ['1'] }] }, '$or[0].a', '"a" must be a list or an object'],
  ])('%j', (pattern, path, message) => {
    const fault = refusal(() => parsePattern(pattern));
    expect(fault.code).toBe('invalid-pattern');
    expect(fault.place?.path).toBe(path);
    expect(fault.message).toContain(message);
  });

  test.each([
    ['prefx', 'prefix'],
    ['Suffix', 'suffix'],
    ['anythingBut', 'anything-but'],
    ['equals_ignore_case', 'equals-ignore-case'],
    ['wildcrad', 'wildcard'],
    ['exist', 'exists'],
  ])('%s is taken for %s', (word, meant) => {
    expect(refusal(() => parsePattern({ a: [{ [word]: 'x' }] })).remedy).toBe(`Did you mean "${meant}"?`);
  });

  test.each([
    ['regex', 'no regular expressions'],
    ['startsWith', '{"prefix"'],
    ['contains', '{"wildcard"'],
    ['gte', '{"numeric"'],
    ['not', '{"anything-but"'],
    ['qqqqqqqqq', 'The operators are exactly, prefix'],
  ])('%s gets advice', (word, advice) => {
    expect(refusal(() => parsePattern({ a: [{ [word]: 'x' }] })).remedy).toContain(advice);
  });
});

describe('pattern text', () => {
  test.each([
    ['{"a": ["x"]} x', 1, 14],
    ['{"a": ["x"]', 1, 12],
    ['{\n "a": ["x",\n ]}', 3, 2],
    ["{'a': 1}", 1, 2],
    [`{"a": ["${'x'.repeat(100)}", y]}`, 1, 112],
    ['', 1, 1],
  ])('%j is refused with its place', (text, line, column) => {
    const fault = refusal(() => parsePatternText(text));
    expect(fault.place).toEqual({ line, column });
    expect(fault.message).toContain('cannot be read as JSON');
  });

  test.each(['9007199254740993', '1e400', '1E-325', '0.12345678901234567890123'])('%s cannot be compared', (number) => {
    for (const condition of [
      `{"numeric": ["=", ${number}]}`,
      `{"anything-but": ${number}}`,
      `{"anything-but": [1, ${number}]}`,
    ]) {
      expect(refusal(() => parsePatternText(`{"a": [${condition}]}`)).message).toContain(
        'this number cannot be compared',
      );
    }
  });

  test.each(['300.0', '3.0e2', '30E+1', '-4e-6', '1E-320', '0.10', '9007199254740992', '0', '-0.0'])(
    '%s can',
    (number) => {
      expect(parsePatternText(`{"a": [{"numeric": ["=", ${number}]}]}`).alternatives).toHaveLength(1);
    },
  );

  test('a number too long to compare is still a value', () => {
    expect(parsePatternText('{"a": [9007199254740993]}').alternatives).toHaveLength(1);
  });

  test('text that nests too deeply is refused, not a crash', () => {
    const text = `${'{"a":'.repeat(100_000)}["x"]${'}'.repeat(100_000)}`;
    expect(refusal(() => parsePatternText(text)).code).toBe('invalid-pattern');
  });
});

const paths = (pattern: unknown): string[] =>
  parsePattern(pattern).alternatives.map((fields) =>
    fields
      .map(
        ({ path, conditions }) =>
          `${path}=${conditions.map((each) => ('value' in each ? each.value : each.kind)).join()}`,
      )
      .join(' '),
  );

describe('the parsed form', () => {
  test('fields stand in the order of their paths, dots joining', () => {
    expect(paths({ b: ['1'], a: { 'c.d': ['2'], b: ['3', '4'] } })).toEqual(['a.b=3,4 a.c.d=2 b=1']);
  });

  test('keeps the source', () => {
    expect(parsePattern({ a: ['x'] }).source).toEqual({ a: ['x'] });
  });

  test('is plain data', () => {
    const pattern = parsePattern({
      a: ['10.0.0.1', { cidr: '10.0.0.0/8' }, { wildcard: 'a*' }],
      $or: [{ b: [1] }, { c: [2] }],
    });
    expect(JSON.parse(JSON.stringify(pattern))).toEqual(pattern);
  });

  test.each([
    [{ $or: [{ a: ['1'] }, { b: ['2'] }] }, ['a=1', 'b=2']],
    [{ s: ['x'], $or: [{ a: ['1'] }, { b: ['2'] }], t: ['y'] }, ['a=1 s=x t=y', 'b=2 s=x t=y']],
    [{ a: ['1'], $or: [{ a: ['2'] }, { b: ['3'] }] }, ['a=2', 'a=1 b=3']],
    [{ $or: [{ a: ['2'] }, { b: ['3'] }], a: ['1'] }, ['a=1', 'a=1 b=3']],
    [{ d: { $or: [{ x: ['1'] }, { y: ['2'] }] } }, ['d.x=1', 'd.y=2']],
    [{ $or: [{ a: ['1'], $or: [{ b: ['2'] }, { c: ['3'] }] }, { d: ['4'] }] }, ['a=1 b=2', 'a=1 c=3', 'd=4']],
    [
      { $or: [{ a: ['1'] }, { b: ['2'] }], d: { $or: [{ x: ['3'] }, { y: ['4'] }] } },
      ['a=1 d.x=3', 'b=2 d.x=3', 'a=1 d.y=4', 'b=2 d.y=4'],
    ],
  ])('%j multiplies out', (pattern, expected) => {
    expect(paths(pattern)).toEqual(expected);
  });

  test('an $or that is none is a field of that name', () => {
    const pattern = parsePattern({ $or: { a: ['1'] } });
    expect(pattern.orIsField).toBe(true);
    expect(matches(pattern, { $or: { a: '1' } })).toBe(true);
    expect(parsePattern({ $or: [{ prefix: 'x' }, { suffix: 'y' }] }).alternatives).toHaveLength(1);
  });

  test('the last condition on a path replaces the others, and is told', () => {
    const pattern = parsePattern({ a: { b: ['1'] }, 'a.b': ['2'] });
    expect(paths({ a: { b: ['1'] }, 'a.b': ['2'] })).toEqual(['a.b=2']);
    expect(pattern.replaced).toEqual(['a.b']);
  });
});

describe('patterns made to do harm', () => {
  const or = (width: number, name: string) => Array.from({ length: width }, (_, at) => ({ [`${name}${at}`]: ['x'] }));

  test('$or multiplies out to a thousand alternatives and no further', () => {
    const wide = (last: number) => ({ a: { $or: or(10, 'a') }, b: { $or: or(10, 'b') }, c: { $or: or(last, 'c') } });
    expect(parsePattern(wide(10)).alternatives).toHaveLength(1_000);
    expect(refusal(() => parsePattern(wide(11))).message).toContain('more than 1000 alternatives');
  });

  test('an explosion of nested $or is refused before it fills the memory', () => {
    const members = Array.from({ length: 40 }, (_, at) => [`k${at}`, { $or: or(2, 'x') }]);
    expect(refusal(() => parsePattern(Object.fromEntries(members))).message).toContain('multiplies out');
  });

  test('depth and number of fields are bounded', () => {
    let deep: unknown = ['x'];
    for (let level = 0; level < 20_000; level++) deep = { a: deep };
    expect(refusal(() => parsePattern(deep)).message).toContain('at most 1000 levels');
    expect(refusal(() => parsePattern({ ['a.'.repeat(1_000)]: ['x'] })).message).toContain('at most 1000 steps');
    const wide = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`f${at}`, ['x']]));
    expect(refusal(() => parsePattern(wide)).message).toContain('too many fields');
  });
});
