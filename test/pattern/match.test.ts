import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import { compile } from '../../shared/pattern/compile.ts';
import { matches, matching } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { parallelArrays } from '../support/parallel-arrays.ts';

const asks = (pattern: Json, event: Json): boolean => matches(parsePattern(pattern), event);

describe('arrays of objects', () => {
  const tags = { tags: { key: ['env'], value: ['prod'] } };

  test.each<[Json, Json, boolean]>([
    [tags, { tags: [{ key: 'env', value: 'prod' }] }, true],
    [
      tags,
      {
        tags: [
          { key: 'env', value: 'dev' },
          { key: 'tier', value: 'prod' },
        ],
      },
      false,
    ],
    [
      tags,
      {
        tags: [
          { key: 'env', value: 'dev' },
          { key: 'env', value: 'prod' },
        ],
      },
      true,
    ],
    [tags, { tags: { key: 'env', value: 'prod' } }, true],
    [tags, { tags: [{ key: ['x', 'env'], value: ['prod', 'y'] }] }, true],
    [tags, { tags: [[{ key: 'env' }, { value: 'prod' }]] }, false],
    [tags, { tags: [[{ key: 'env', value: 'prod' }], []] }, true],
    [{ a: ['x'], b: ['y'] }, { a: ['q', 'x'], b: ['y', 'r'] }, true],
    [{ a: { k: ['1'] }, b: { k: ['2'] } }, { a: [{ k: '0' }, { k: '1' }], b: [{ k: '2' }] }, true],
    [{ a: { b: { x: ['1'], y: ['2'] } } }, { a: [{ b: [{ x: '1' }, { y: '2' }] }] }, false],
    [{ a: { b: { x: ['1'] }, c: ['2'] } }, { a: [{ b: [{ x: '1' }] }, { c: '2' }] }, false],
    [{ a: { b: { x: ['1'] }, c: ['2'] } }, { a: [{ b: [{ x: '0' }, { x: '1' }], c: '2' }] }, true],
    [{ a: ['x'], 'a.b': [1] }, { a: ['x', { b: 1 }] }, true],
    [{ a: ['x'], 'a.b': [1] }, { a: [['x'], [{ b: 1 }]] }, false],
    [{ a: ['x'], 'a-b': [1], 'a.b': [1] }, { a: [['x', { b: 1 }], []], 'a-b': 1 }, true],
    [{ a: ['x'], 'a-b': [1], 'a.b': [1] }, { a: [['x'], [{ b: 1 }]], 'a-b': 1 }, false],
    [{ a: { length: [2] } }, { a: [1, 2] }, false],
    [{ a: { 0: ['x'] } }, { a: ['x'] }, false],
  ])('%j on %j', (pattern, event, verdict) => {
    expect(asks(pattern, event)).toBe(verdict);
  });
});

describe('absence in arrays is judged inside the element that smaller paths chose', () => {
  test.each<[Json, Json, boolean]>([
    [{ d: { a: ['1'], b: [{ exists: false }] } }, { d: [{ a: '1' }, { b: '2' }] }, true],
    [{ d: { a: ['1'], b: [{ exists: false }] } }, { d: [{ a: '1', b: '2' }] }, false],
    [{ d: { a: [{ exists: false }], b: ['2'] } }, { d: [{ a: '1' }, { b: '2' }] }, false],
    [
      { d: { a: ['1'], b: [{ exists: false }, 'x'] } },
      {
        d: [
          { a: '1', b: 'y' },
          { a: '1', b: 'x' },
        ],
      },
      true,
    ],
    [{ d: { a: ['1'], b: [{ exists: false }] } }, { d: [{ a: '1', b: '2' }, { a: '1' }] }, true],
    [{ a: [{ exists: false }] }, { a: [{ b: 1 }] }, true],
  ])('%j on %j', (pattern, event, verdict) => {
    expect(asks(pattern, event)).toBe(verdict);
  });
});

describe('keys', () => {
  test.each<[Json, Json, boolean]>([
    [{ 'a.b': ['x'] }, { a: { b: 'x' } }, true],
    [{ a: { b: ['x'] } }, { 'a.b': 'x' }, true],
    [{ a: { 'b.c': ['x'] } }, { 'a.b': { c: 'x' } }, true],
    [{ 'a.b': ['x'], 'a.c': ['y'] }, { 'a.b': 'x', a: { c: 'y' } }, true],
    [{ '': ['x'] }, { '': 'x' }, true],
    [{ 'a..b': ['x'] }, { a: { '': { b: 'x' } } }, true],
    [{ 'a.': ['x'] }, { a: { '': 'x' } }, true],
    [{ a: { b: ['x'] } }, { a: 'x' }, false],
  ])('%j on %j', (pattern, event, verdict) => {
    expect(asks(pattern, event)).toBe(verdict);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length'])(
    '%s is a key like any other',
    (key) => {
      const own: Json = JSON.parse(`{"a": {"${key}": "x"}}`);
      expect(asks(JSON.parse(`{"a": {"${key}": ["x"]}}`), own)).toBe(true);
      expect(asks(JSON.parse(`{"a": {"${key}": [{"exists": true}]}}`), { a: {} })).toBe(false);
      expect(asks(JSON.parse(`{"a": {"${key}": [{"exists": false}]}}`), { a: {} })).toBe(true);
      expect(asks(JSON.parse(`{"a": {"${key}": {"name": [{"exists": true}]}}}`), { a: {} })).toBe(false);
    },
  );

  test('what an event inherits is not there', () => {
    const event: Json = Object.create({ a: 'x' });
    expect(asks({ a: ['x'] }, event)).toBe(false);
  });

  test('more paths than can be looked up one by one', () => {
    const pattern = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`k${at}`, { x: [{ exists: false }, at] }]),
    );
    expect(asks(pattern, { k7: { x: 7 }, 'k9.x': 9, other: 1 })).toBe(true);
    expect(asks(pattern, { k7: { x: 7 }, 'k9.x': 8 })).toBe(false);
  });
});

describe('many patterns at once', () => {
  const matcherOf = (patterns: readonly Json[]) =>
    compile(patterns.map((pattern, at) => ({ id: `p${at}`, pattern: parsePattern(pattern) })));

  test('answers come in the order of the entries, each once', () => {
    const matcher = matcherOf([
      { b: [{ exists: true }] },
      { a: ['y'] },
      { $or: [{ a: ['x'] }, { b: ['x'] }] },
      { c: [{ exists: false }] },
      { a: [{ prefix: 'x' }, 'x'], b: [{ suffix: 'x' }] },
    ]);
    expect(matching(matcher, { a: 'x', b: 'x' })).toEqual(['p0', 'p2', 'p3', 'p4']);
  });

  test('equal ids and equal patterns stay apart', () => {
    const pattern = parsePattern({ a: ['x'] });
    expect(
      matching(
        compile([
          { id: 1, pattern },
          { id: 1, pattern },
        ]),
        { a: 'x' },
      ),
    ).toEqual([1, 1]);
  });

  test('a matcher remembers nothing of the event before', () => {
    const matcher = matcherOf([{ a: ['x'], b: [{ exists: false }] }, { c: { k: ['1'], v: ['2'] } }]);
    const events: Json[] = [
      { a: 'x' },
      { b: 'y' },
      { a: 'x', b: 1 },
      { c: [{ k: '1', v: '2' }] },
      { c: [{ k: '1' }, { v: '2' }] },
    ];
    const answers = [['p0'], [], [], ['p1'], []];
    for (let round = 0; round < 2; round++) expect(events.map((event) => matching(matcher, event))).toEqual(answers);
  });

  test.each([
    ['exact', 'abc', ['abc']],
    ['prefix', 'abc', [{ prefix: 'ab' }]],
    ['shorter prefix', 'abc', [{ prefix: 'a' }]],
    ['empty prefix', 'abc', [{ prefix: '' }]],
    ['address', '0::1', ['::1']],
    ['block', '10.2.3.4', [{ cidr: '10.0.0.0/8' }]],
    ['wider block', '10.2.3.4', [{ cidr: '10.0.0.0/7' }]],
    ['IPv6 block', '2001:db8::9', [{ cidr: '2001:db8::/32' }]],
    ['anything', 7, [{ 'anything-but': 'x' }]],
  ])('finds what is filed under %s', (_, value, conditions) => {
    const noise = ['aa', 'ab', 'abcd', 'b'].map((prefix) => ({ a: [{ prefix }] }));
    const blocks = ['10.3.0.0/16', '2001:db9::/32'].map((cidr) => ({ a: [{ cidr }] }));
    expect(matching(matcherOf([...noise, ...blocks, { a: conditions }]), { a: value })).toContain('p6');
  });

  test('an empty matcher and an event that is no object match nothing', () => {
    expect(matching(compile([]), { a: 'x' })).toEqual([]);
    for (const event of [null, 'x', 5, ['x'], [{ a: 'x' }]]) expect(asks({ a: ['x'] }, event)).toBe(false);
  });

  test('objects that an event holds twice do not confuse the arrays', () => {
    const shared: Json = [{ k: '1' }, { v: '2' }];
    expect(asks({ a: { k: ['1'] }, b: { v: ['2'] } }, { a: shared, b: shared })).toBe(true);
    expect(asks({ a: { k: ['1'], v: ['2'] } }, { a: shared, b: shared })).toBe(false);
  });
});

describe('events made to do harm', () => {
  const nested = (depth: number, inner: Json, wrap: (value: Json) => Json): Json => {
    let value = inner;
    for (let level = 0; level < depth; level++) value = wrap(value);
    return value;
  };

  test('arrays nested a hundred thousand deep', () => {
    const event = { a: nested(100_000, [{ k: '1', v: '2' }], (value) => [value]) };
    expect(asks({ a: { k: ['1'], v: ['2'] } }, event)).toBe(true);
  });

  test('objects nested a hundred thousand deep', () => {
    expect(
      asks(
        { a: { a: { a: ['x'] } } },
        nested(100_000, 'x', (a) => ({ a })),
      ),
    ).toBe(false);
  });

  test('a long path through a deep event', () => {
    const path = Array.from({ length: 1_000 }, () => 'a').join('.');
    expect(
      asks(
        { [path]: ['x'] },
        nested(1_000, 'x', (a) => ({ a })),
      ),
    ).toBe(true);
    expect(asks({ [path]: ['x'] }, { [path]: 'x' })).toBe(true);
  });

  test('a hundred thousand elements that nearly match', () => {
    const d = Array.from({ length: 100_000 }, (_, at) => (at % 2 ? { k: '1', v: '0' } : { k: '0', v: '2' }));
    expect(asks({ d: { k: ['1'], v: ['2'] } }, { d })).toBe(false);
    expect(asks({ d: { k: ['1'], v: [{ exists: false }] } }, { d })).toBe(false);
  });

  test('twelve sibling arrays do not multiply', () => {
    const keys = Array.from({ length: 12 }, (_, at) => `k${at}`);
    const pattern = Object.fromEntries(keys.map((key) => [key, { x: ['1'], y: ['1'] }]));
    const fine = Array.from({ length: 50 }, () => ({ x: '1', y: '1' }));
    const event = Object.fromEntries(keys.map((key) => [key, fine]));
    expect(asks(pattern, event)).toBe(true);
    expect(asks(pattern, { ...event, k11: [{ x: '1' }, { y: '1' }] })).toBe(false);
  });

  test('a thousand fields of one element, and of a thousand arrays', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `f${String(at).padStart(3, '0')}`);
    const record = Object.fromEntries(names.map((name) => [name, '1']));
    const one = Object.fromEntries(names.map((name) => [name, ['1']]));
    const elements = Array.from({ length: 50 }, (_, at) => ({ ...record, f999: at === 49 ? '1' : '0' }));
    expect(asks({ d: one }, { d: elements })).toBe(true);
    expect(asks({ d: one }, { d: elements.slice(0, 49).concat({ f999: '1' } as (typeof elements)[number]) })).toBe(
      false,
    );
    const each = Object.fromEntries(names.slice(0, 500).map((name) => [name, { x: ['1'], y: ['1'] }]));
    const arrays = Object.fromEntries(
      names.map((name) => [name, Array.from({ length: 20 }, () => ({ x: '1', y: '1' }))]),
    );
    expect(asks(each, arrays)).toBe(true);
    expect(asks(each, { ...arrays, f499: [{ x: '1' }, { y: '1' }] })).toBe(false);
  });

  test('parallel arrays behind dotted keys end in a refusal, not in a search without end', () => {
    const { pattern, event } = parallelArrays();
    expect(() => asks(pattern, event)).toThrow(InvalidInput);
  });
});
