import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import { type Figures, inWords } from './weather.ts';

/** Another storm each time; `CORDON_SEED` brings back the one that failed, which its figures name. */
export const seed = (): number => Number(process.env['CORDON_SEED'] ?? randomInt(2 ** 31));

/** The figures that are promised: nothing lost, next to nothing throttled, as fast as the quota lets, by severity. */
export async function expectCalm(figures: Figures, annotate: (message: string) => Promise<unknown>): Promise<void> {
  const words = inWords(figures);
  await annotate(words);
  const { runs, contained, calls, throttled, seconds, bounds, changes } = figures;
  expect({ runs, contained }, words).toEqual({ runs: findingsAtOnce(), contained: findingsAtOnce() });
  expect(throttled / calls, words).toBeLessThan(0.05);
  // the last run's own calls and waits, which weigh in a small storm and vanish in a large one
  const ownSeconds = runs < 1_000 ? 15 : 0;
  expect(seconds, words).toBeLessThanOrEqual(1.25 * bounds.all + ownSeconds);
  expect(changes['Critical']?.last, words).toBeLessThan(changes['Low']?.first ?? 0);
}

/** How many findings come at once: 200 with every `npm test`; CORDON_STORM asks for more, as `npm run bench` has 1,000. */
export const findingsAtOnce = (): number => Number(process.env['CORDON_STORM'] ?? 200);
