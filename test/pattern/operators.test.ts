import { describe, expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { describe as describeCondition } from '../../shared/pattern/explain.ts';
import { fold } from '../../shared/pattern/ignore-case.ts';
import { matches } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { fitsWildcard, parseWildcard } from '../../shared/pattern/wildcard.ts';

type Table = Readonly<Record<string, { readonly is: readonly Json[]; readonly isNot: readonly Json[] }>>;

/** For each condition, values of one field that meet it and values that do not. */
const tables: Readonly<Record<string, Table>> = {
  'bare values compare by type and value': {
    '"x"': { is: ['x', ['y', 'x'], [['x']]], isNot: ['X', 'x ', null, {}, [], { x: 'x' }] },
    '"5"': { is: ['5'], isNot: [5] },
    '""': { is: [''], isNot: [null, ' '] },
    '5': { is: [5, 5.0, [1, 5]], isNot: ['5', 5.1, true] },
    '0': { is: [0, -0], isNot: [false, null, ''] },
    '300': { is: [3e2], isNot: ['300'] },
    true: { is: [true], isNot: ['true', 1] },
    null: { is: [null, [null]], isNot: ['null', 0, false, []] },
  },
  'a bare address compares as an address': {
    '"10.0.0.1"': { is: ['10.0.0.1', '010.000.000.001'], isNot: ['10.0.0.2', '10.0.0.1 ', 167772161] },
    '"::1"': { is: ['0:0:0:0:0:0:0:1', '::1', '0::0001'], isNot: ['::2', '0.0.0.1'] },
    '"2001:db8::A"': { is: ['2001:DB8::a', '2001:0db8:0:0:0::a'], isNot: ['2001:db8::b'] },
    '"::ffff:a01:203"': { is: ['10.1.2.3'], isNot: ['::a01:203'] },
    '"1.2.3.256"': { is: ['1.2.3.256'], isNot: ['1.2.3.0256'] },
    '":"': { is: [':'], isNot: ['::'] },
    '"32.1.13.184"': { is: [], isNot: ['2001:db8::1'] },
    '{"exactly": "::1"}': { is: ['::1'], isNot: ['0:0:0:0:0:0:0:1'] },
  },
  'prefix and suffix look at strings only': {
    '{"prefix": "ab"}': { is: ['ab', 'abc'], isNot: ['a', 'AB', 'cab', 5, null, true] },
    '{"prefix": ""}': { is: ['', 'x'], isNot: [5, null, [], {}] },
    '{"prefix": "\\""}': { is: ['"x'], isNot: ['', 'x'] },
    '{"suffix": "ab"}': { is: ['ab', 'cab'], isNot: ['abc', 'b', false] },
    '{"suffix": "e"}': { is: ['true'], isNot: [true] },
    '{"prefix": {"equals-ignore-case": "aB"}}': { is: ['abx', 'AB', 'Ab'], isNot: ['a', 'xab'] },
    '{"suffix": {"equals-ignore-case": ".PnG"}}': { is: ['x.png', '.PNG'], isNot: ['png', 'x.png '] },
  },
  'ignoring case folds the units of the pattern': {
    '{"equals-ignore-case": "straße"}': { is: ['straße', 'STRASSE', 'STRAßE'], isNot: ['strasse', 'straße!'] },
    '{"equals-ignore-case": "STRASSE"}': { is: ['strasse', 'StrasSe'], isNot: ['straße'] },
    '{"equals-ignore-case": "σ"}': { is: ['Σ', 'σ'], isNot: ['ς'] },
    '{"equals-ignore-case": "\u212a"}': { is: ['k', '\u212a'], isNot: ['K'] }, // the Kelvin sign
    '{"equals-ignore-case": "ok 😀"}': { is: ['OK 😀'], isNot: ['ok'] },
    '{"equals-ignore-case": "𐐀"}': { is: ['𐐀'], isNot: ['𐐨'] },
    '{"equals-ignore-case": ""}': { is: [''], isNot: ['x', null] },
    '{"suffix": {"equals-ignore-case": "ß"}}': { is: ['FUSS', 'fuß'], isNot: ['fuss', 'S'] },
  },
  'a wildcard covers the whole string': {
    '{"wildcard": "*"}': { is: ['', 'x', 'a\nb', '"'], isNot: [5, null] },
    '{"wildcard": ""}': { is: [''], isNot: ['x'] },
    '{"wildcard": "a*b"}': { is: ['ab', 'axb', 'abb'], isNot: ['a', 'b', 'aba', 'xab'] },
    '{"wildcard": "a*a"}': { is: ['aa', 'aba'], isNot: ['a'] },
    '{"wildcard": "*bc*"}': { is: ['abcbd', 'bc'], isNot: ['bdc'] },
    '{"wildcard": "aab*aab*b"}': { is: ['aabxaabb', 'aabaabb'], isNot: ['aabaab', 'aab'] },
    '{"wildcard": "a\\\\*b"}': { is: ['a*b'], isNot: ['axb', 'a\\*b'] },
    '{"wildcard": "a\\\\\\\\*"}': { is: ['a\\', 'a\\x'], isNot: ['a*'] },
    '{"wildcard": "a?b"}': { is: ['a?b'], isNot: ['axb'] },
  },
  'anything-but wants a leaf that is not excluded': {
    '{"anything-but": "x"}': { is: ['y', 5, null, true, ['x', 'y']], isNot: ['x', [], {}, ['x']] },
    '{"anything-but": 5}': { is: ['5', 6], isNot: [5, 5.0] },
    '{"anything-but": [1, 2]}': { is: [3, '1'], isNot: [1, 2.0] },
    '{"anything-but": ["a", "b"]}': { is: ['c'], isNot: ['a', 'b'] },
    '{"anything-but": "::1"}': { is: ['0:0:0:0:0:0:0:1'], isNot: ['::1'] },
    '{"anything-but": {"prefix": "a"}}': { is: ['b', 5, null], isNot: ['a', 'ab'] },
    '{"anything-but": {"prefix": ["in", "er"]}}': { is: ['ok'], isNot: ['error', 'info'] },
    '{"anything-but": {"suffix": ["a"]}}': { is: ['ab'], isNot: ['ba'] },
    '{"anything-but": {"equals-ignore-case": ["Ab"]}}': { is: ['abc'], isNot: ['AB', 'ab'] },
    '{"anything-but": {"wildcard": "*"}}': { is: [5, null, false], isNot: ['', 'x'] },
  },
  'numeric compares numbers by value': {
    '{"numeric": ["=", 5]}': { is: [5, 5.0, [1, 5]], isNot: ['5', 6] },
    '{"numeric": ["=", 0]}': { is: [-0], isNot: [null] },
    '{"numeric": ["<", 5]}': { is: [4.999, -1e10], isNot: [5] },
    '{"numeric": ["<=", 5]}': { is: [5], isNot: [5.0001] },
    '{"numeric": [">", 0, "<=", 5]}': { is: [0.1, 5], isNot: [0, 5.1] },
    '{"numeric": [">=", -10, "<", -5]}': { is: [-10], isNot: [-5] },
    '{"numeric": [">", 0]}': { is: [1], isNot: [Number.POSITIVE_INFINITY] }, // 1e400 in JSON text
  },
  'exists sees leaves only': {
    '{"exists": true}': { is: [1, '', 0, false, null, ['x']], isNot: [{}, [], { b: 1 }, [{ b: 1 }]] },
    '{"exists": false}': { is: [{}, [], { b: 1 }], isNot: [1, null, ['x']] },
  },
  'cidr takes addresses of its own family': {
    '{"cidr": "10.0.0.0/24"}': { is: ['10.0.0.0', '10.0.0.255', '010.0.0.1'], isNot: ['10.0.1.0', '10.0.0.1:443', 5] },
    '{"cidr": "10.0.16.7/20"}': { is: ['10.0.31.255', '10.0.16.0'], isNot: ['10.0.32.0', '10.0.15.255'] },
    '{"cidr": "0.0.0.0/0"}': { is: ['255.255.255.255'], isNot: ['::1', 5, 'x'] },
    '{"cidr": "2001:db8::/32"}': { is: ['2001:DB8:ffff::1'], isNot: ['2001:db9::1', '32.1.13.184'] },
    '{"cidr": "fe80::/10"}': { is: ['fe80::1', 'febf::'], isNot: ['fe80::1%eth0', 'fec0::', ' fe80::1'] },
    '{"cidr": "::/0"}': { is: ['::', '::1'], isNot: ['10.0.0.1', '::ffff:a01:203'] },
    '{"cidr": "10.0.0.0/8"}': { is: ['::ffff:a01:203'], isNot: ['10.0.0', '10.0.0.256', '::ffff:10.1.2.3'] },
  },
};

describe.each(Object.entries(tables))('%s', (_, table) => {
  test.each(Object.entries(table))('%s', (text, { is, isNot }) => {
    const pattern = parsePattern({ a: [JSON.parse(text)] });
    for (const value of is) expect(matches(pattern, { a: value }), JSON.stringify(value)).toBe(true);
    for (const value of isNot) expect(matches(pattern, { a: value }), JSON.stringify(value)).toBe(false);
  });
});

describe('conditions of one field are alternatives', () => {
  test('one of them is enough', () => {
    const pattern = parsePattern({ a: [{ exists: false }, { prefix: 'x' }, 5] });
    expect([{}, { a: 'xy' }, { a: 5 }, { a: 'y' }].map((event) => matches(pattern, event))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test('two anything-buts exclude nothing', () => {
    const pattern = parsePattern({ a: [{ 'anything-but': 'x' }, { 'anything-but': 'y' }] });
    expect(matches(pattern, { a: 'x' })).toBe(true);
  });
});

/** A text that counts how often it is looked at. */
function counted(text: string) {
  const counter = {
    length: text.length,
    steps: 0,
    charCodeAt: (at: number) => text.charCodeAt(at + 0 * counter.steps++),
  };
  return counter;
}

describe('wildcards', () => {
  test.each([
    [`${'a*'.repeat(20)}b`, 'a'.repeat(20_000)],
    [`*${'a'.repeat(200)}b*`, 'a'.repeat(20_000)],
    [`*${'ab'.repeat(100)}aa*${'ba'.repeat(50)}*`, 'ab'.repeat(10_000)],
    ['*a*b'.repeat(50), 'ab'.repeat(10_000)],
  ])('%.20s reads each unit of the value about once', (text, value) => {
    const wildcard = parseWildcard(text);
    if (typeof wildcard === 'string') throw new Error(wildcard);
    const seen = counted(value);
    fitsWildcard(seen, wildcard);
    expect(seen.steps).toBeLessThanOrEqual(value.length + text.length);
  });
});

test('no unit has a mapping that begins or ends the other, so folding needs no second try', () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    const [lower = '', upper = ''] = fold(String.fromCharCode(unit))[0] ?? [];
    if (lower === upper) continue;
    const [short, long] = lower.length < upper.length ? [lower, upper] : [upper, lower];
    expect(long.startsWith(short) || long.endsWith(short), unit.toString(16)).toBe(false);
  }
});

test.each([
  ['High', "'High'"],
  [5, '5'],
  [null, 'null'],
  ['10.0.0.1', 'the address 10.0.0.1'],
  [{ prefix: 'aws.' }, "something beginning with 'aws.'"],
  [{ suffix: { 'equals-ignore-case': '.exe' } }, "something ending in '.exe' in any case"],
  [{ 'equals-ignore-case': 'x' }, "'x' in any case"],
  [{ wildcard: 'a*b' }, "something like 'a*b'"],
  [{ numeric: ['>=', 7, '<', 9] }, 'a number >= 7 and < 9'],
  [{ exists: true }, 'any value'],
  [{ exists: false }, 'no value at all'],
  [{ cidr: '10.0.0.0/8' }, 'an address in 10.0.0.0/8'],
  [{ 'anything-but': ['a', 'b'] }, "anything but 'a' or 'b'"],
  [{ 'anything-but': { prefix: 'a' } }, "anything but something beginning with 'a'"],
])('%j reads as %s', (condition, words) => {
  const [alternative] = parsePattern({ a: [condition] }).alternatives;
  expect(alternative?.[0]?.conditions.map((each) => describeCondition(each))).toEqual([words]);
});
