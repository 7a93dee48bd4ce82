import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { shortDigest } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** How often something happened, by its name. */
export const Tally = z.record(z.string(), z.int());
export type Tally = z.infer<typeof Tally>;

/** Two tallies as one. */
export function together(one: Tally, other: Tally): Tally {
  const sum = new Map(Object.entries(one));
  for (const [name, count] of Object.entries(other)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
}

/** A day is counted on so many sheets, so that those who count at the same time seldom meet. */
const sheets = 16;
/** Times somebody else may write first: each sheet is tried twice. */
const attempts = 2 * sheets;

const firstOf = (who: string): number =>
  [...shortDigest(who)].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7) % sheets;

/**
 * Adds to the tally of a day, today where none is named, in one write. `who` spreads those who count over the sheets. Throws, retryable, where
 * others keep writing first.
 */
export async function addTally(
  { records, clock }: Deps,
  who: string,
  added: Tally,
  day = clock.now().slice(0, 10),
): Promise<void> {
  const first = firstOf(who);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const id = `${day}:${(first + attempt) % sheets}`;
    const stored = await records.read('tally', id);
    const body = stored ? together(Tally.parse(stored.body), added) : added;
    const draft = { kind: 'tally', id, group: day, body } as const;
    if (stored ? await records.replace(draft, stored.version) : await records.create(draft)) return;
  }
  throw new CordonError({ code: 'tally-contended', message: 'too many count at the same time', retryable: true });
}

/** What was counted on one day (`2026-11-20`). */
export const tallyOf = async ({ records }: Pick<Deps, 'records'>, day: string): Promise<Tally> =>
  (await records.list('tally', day)).map(({ body }) => Tally.parse(body)).reduce(together, {});
