import { describe, expect, test } from 'vitest';
import { patternReference } from '../../shared/generate/pattern-reference.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { type Departure, departures } from '../../shared/pattern/departures.ts';
import { matches } from '../../shared/pattern/match.ts';
import { operators } from '../../shared/pattern/operators.ts';
import { parsePattern, parsePatternText } from '../../shared/pattern/parse.ts';
import { operatorMeanings, refusedPatterns, ruleMeanings } from '../../shared/pattern/semantics.ts';
import type { Verdict } from '../../shared/pattern/verdicts.ts';
import { referenceMatches } from '../support/reference-matcher.ts';

const meanings = Object.entries({ ...operatorMeanings, ...ruleMeanings });
const examples = meanings.flatMap(([name, { examples }]) => examples.map((example) => [name, ...example] as const));

describe('what the reference says', () => {
  test.each(examples)('%s: %j on %j: %s', (_, pattern, event, expected) => {
    expect(matches(parsePattern(pattern), event)).toBe(expected);
    expect(referenceMatches(pattern, event)).toBe(expected);
  });

  test('every operator has examples of both answers', () => {
    expect(Object.keys(operatorMeanings).sort()).toEqual(Object.keys(operators).sort());
    for (const [name, { examples }] of meanings) {
      expect(new Set(examples.map(([, , answer]) => answer)), name).toEqual(new Set([true, false]));
    }
  });

  test.each(refusedPatterns)('%s is refused', (text) => {
    expect(() => parsePatternText(text)).toThrow(InvalidInput);
  });
});

function verdictOf({ pattern, event }: Departure): Verdict {
  try {
    const read = typeof pattern === 'string' ? parsePatternText(pattern) : parsePattern(pattern);
    if (event === undefined) return 'accepted';
    return matches(read, event) ? 'matches' : 'does not match';
  } catch (thrown) {
    if (thrown instanceof InvalidInput && thrown.code === 'invalid-pattern') return 'refused';
    throw thrown;
  }
}

describe('accidents of the reference engine are not copied', () => {
  test.each(departures)('$name', (departure) => {
    expect(verdictOf(departure)).toBe(departure.ours);
    expect(departure.reference).not.toBe(departure.ours);
  });

  test('each is listed in the reference', () => {
    const { path, text } = patternReference();
    expect(path).toBe('shared/reference/patterns.md');
    for (const { name } of departures) expect(text).toContain(`| ${name} |`);
  });
});
