import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asJson, canonical, digest, type Json, own, same, shortDigest } from '../../shared/model/json.ts';

describe('canonical JSON (RFC 8785)', () => {
  test('keys are ordered by UTF-16 code units, as the RFC shows it', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const text = canonical(Object.fromEntries(keys.map((key) => [key, 0])));
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    expect(Object.keys(JSON.parse(text)).filter((key) => key !== '1')).toEqual(sorted.filter((key) => key !== '1'));
    expect(text).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  test.each<[Json, string]>([
    [Number('333333333.33333329'), '333333333.3333333'],
    [1e30, '1e+30'],
    [4.5, '4.5'],
    [2e-3, '0.002'],
    [0.000000000000000000000000001, '1e-27'],
    [-0, '0'],
    [1e21, '1e+21'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    [[null, true, false], '[null,true,false]'],
    [{ b: [{ z: 1, a: 2 }], a: {} }, '{"a":{},"b":[{"a":2,"z":1}]}'],
  ])('%j is written %s', (value, text) => expect(canonical(value)).toBe(text));

  test.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['an undefined item', [undefined]],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['NaN far inside', { a: [{ b: Number.NaN }] }],
  ])('%s is refused', (_, value) => {
    expect(() => canonical(value as Json)).toThrow(TypeError); // believed for the sake of the test
  });

  test('reading it back gives the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(asJson(value));
        expect(canonical(JSON.parse(text))).toBe(text);
        expect(same(asJson(value), JSON.parse(text))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(digest(asJson(reversed))).toBe(digest(asJson(value)));
      }),
    );
  });
});

describe('digests', () => {
  test('a digest is SHA-256 of the canonical text', () => {
    expect(digest({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    expect(digest({ b: 1, a: 2 })).toBe(digest({ a: 2, b: 1 }));
  });

  test('a short digest is 26 base32 characters and is the front of the long one', () => {
    const bits = BigInt(`0x${digest({})}`)
      .toString(2)
      .padStart(256, '0')
      .slice(0, 130);
    const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
    const wanted = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
    expect(shortDigest({})).toBe(wanted);
    fc.assert(fc.property(fc.jsonValue(), (value) => /^[a-z2-7]{26}$/.test(shortDigest(asJson(value)))));
  });
});

test('prototypes are never read', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    expect(own({ a: 1 }, key)).toBeUndefined();
  expect(own(JSON.parse('{"__proto__":5}'), '__proto__')).toBe(5);
  expect(own(null, 'a')).toBeUndefined();
});

test('what another library made becomes JSON: dates are ISO strings, undefined members go', () => {
  expect(asJson({ at: new Date(0), gone: undefined, list: [1] })).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    list: [1],
  });
  expect(asJson(undefined)).toBeNull();
});
