import * as z from 'zod';
import { later } from '../model/duration.ts';
import { Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import { type Account, accountOf, invocationSeconds } from './account.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** For so many days a day that is not whole is looked at again: so long it is told. */
const mostDays = 7;
const daySeconds = 86_400;
const round = 'accounted';

/** How far the days have been looked at. */
const Looked = z.object({
  /** The last day that nothing is added to any more. */
  through: z.string(),
  /** Those up to it that were not whole. */
  open: z.array(z.string()),
});

const dayOf = (instant: string): string => instant.slice(0, 10);
const dayBefore = (day: string, days: number): string => dayOf(later(`${day}T00:00:00.000Z`, -days * daySeconds));
const isWhole = ({ runs }: Account): boolean => runs.unaccounted === 0;

/**
 * The accounts of today and of each day before it that has not been seen whole since it was over: what goes missing late
 * in a day is found after midnight.
 */
export async function checkAccounts({ records, clock }: Deps): Promise<ReadonlyMap<string, Account>> {
  const now = clock.now();
  const stored = await records.read('round', round);
  // on the first look, yesterday too
  const before = stored ? Looked.parse(stored.body) : { through: dayBefore(dayOf(now), 2), open: [] };
  const back = Array.from({ length: mostDays + 1 }, (_, days) => dayBefore(dayOf(now), days));
  const days = back.filter((day) => day > before.through || before.open.includes(day));
  const looked = new Map<string, Account>();
  for (const day of days) looked.set(day, await accountOf({ records }, day));
  const through = dayBefore(dayOf(later(now, -invocationSeconds)), 1);
  const open = [...looked].flatMap(([day, account]) => (day <= through && !isWhole(account) ? [day] : []));
  const draft = { kind: 'round', id: round, body: Json.parse({ through, open }) } as const;
  await (stored ? records.replace(draft, stored.version) : records.create(draft)); // false: another round has looked
  return looked;
}
