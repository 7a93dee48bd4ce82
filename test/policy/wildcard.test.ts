import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fits, glob, isAnything, literal, starGlob } from '../../shared/policy/wildcard.ts';

/** The definition, without regard to time. */
function byDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [head, rest] = [pattern[0], pattern.slice(1)];
  if (head === '*') return byDefinition(rest, text) || (text !== '' && byDefinition(pattern, text.slice(1)));
  return text !== '' && (head === '?' || head === text[0]) && byDefinition(rest, text.slice(1));
}

const near = (...letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });

test('fits what the definition of * and ? says', () => {
  fc.assert(
    fc.property(near('a', 'b', '*', '?'), near('a', 'b'), (pattern, text) => {
      expect(fits(glob(pattern), text)).toBe(byDefinition(pattern, text));
    }),
    { numRuns: 2_000 },
  );
});

test('a literal fits itself only', () => {
  expect(fits(literal('a*?'), 'a*?')).toBe(true);
  expect(fits(literal('a*'), 'abc')).toBe(false);
});

test('where only * is a wildcard, ? stands for itself', () => {
  expect(fits(starGlob('a?*'), 'a?b')).toBe(true);
  expect(fits(starGlob('a?*'), 'abb')).toBe(false);
});

test('many stars that almost fit take no exponential time', () => {
  expect(fits(glob(`${'a*'.repeat(500)}b`), 'a'.repeat(4_000))).toBe(false);
});

test('only a lone star is anything', () => {
  expect(['*', '**', '?', 'a'].filter((text) => isAnything(glob(text)))).toEqual(['*']);
});
