import * as z from 'zod';
import { later } from '../model/duration.ts';
import { Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records, Stored } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** A circuit breaker: while it is open a person is asked before every change in its account, or anywhere. */
export const Breaker = z.object({
  /** An account, or `all`. */
  scope: z.string(),
  open: z.boolean(),
  why: z.string(),
  openedAt: z.string(),
  /** The run that was one too many. */
  openedBy: z.string(),
  /** When something last wanted to change the account. */
  triedAt: z.string(),
  closedBy: z.string().nullable(),
  closedAt: z.string().nullable(),
  /** What the person who closed it has found. */
  closedWhy: z.string().nullable().default(null),
  /** How often it has been opened so far; names this opening. */
  opening: z.int(),
});
export type Breaker = z.infer<typeof Breaker>;

/** What a breaker stands for: one account, or everything. */
export type BreakerScope = { readonly account?: string };
/** How long it stays open without a further attempt. */
type Patience = { readonly hours: number };

const scopeOf = ({ account }: BreakerScope): string => account ?? 'all';
const idOf = (scope: string): string => (scope === 'all' ? 'all' : `account:${scope.toLowerCase()}`);
const draftOf = (breaker: Breaker) =>
  ({
    kind: 'breaker',
    id: idOf(breaker.scope),
    group: breaker.open ? 'open' : 'closed',
    body: Json.parse(breaker),
  }) as const;
const read = ({ body }: Stored): Breaker => Breaker.parse(body);

/** Open, and somebody has tried something not long ago. */
const stands = ({ open, triedAt }: Breaker, { hours }: Patience, now: string): boolean =>
  open && now < later(triedAt, hours * 3_600);

/** Opens a breaker that is not open. True for exactly one run of each opening, however often that run comes back. */
export async function openBreaker(
  { records, clock }: Deps,
  patience: Patience,
  { run, why, ...of }: BreakerScope & { readonly run: string; readonly why: string },
): Promise<boolean> {
  const now = clock.now();
  const scope = scopeOf(of);
  const fresh: Breaker = {
    scope,
    open: true,
    why,
    openedAt: now,
    openedBy: run,
    triedAt: now,
    closedBy: null,
    closedAt: null,
    closedWhy: null,
    opening: 1,
  };
  for (;;) {
    if (await records.create(draftOf(fresh))) return true;
    const stored = await records.read('breaker', idOf(scope));
    if (!stored) continue;
    const known = read(stored);
    if (stands(known, patience, now)) return known.openedBy === run;
    const again = { ...fresh, opening: known.opening + 1 };
    if (await records.replace(draftOf(again), stored.version)) return true;
  }
}

const standing = async ({ records, clock }: Deps, patience: Patience, scope: string): Promise<Breaker | undefined> => {
  const stored = await records.read('breaker', idOf(scope));
  const known = stored && read(stored);
  return known && stands(known, patience, clock.now()) ? known : undefined;
};

/** The breaker that holds changes in an account back: its own, or the one for everything. Read fresh before every change. */
export async function breakerFor(deps: Deps, patience: Patience, account: string): Promise<Breaker | undefined> {
  const [own, all] = await Promise.all([account, 'all'].map((scope) => standing(deps, patience, scope)));
  return all ?? own;
}

/** Attempts in the same minute are one: a storm would otherwise fight over the record that holds it back. */
const sameMinute = 60;

/** Notes that something wanted to change an account whose breaker is open, which keeps it open. */
export async function noteAttempt(deps: Deps, patience: Patience, account: string): Promise<void> {
  const known = await breakerFor(deps, patience, account);
  const now = deps.clock.now();
  if (!known || now < later(known.triedAt, sameMinute)) return;
  const stored = await deps.records.read('breaker', idOf(known.scope));
  // whoever has written it meanwhile has noted an attempt too, or closed it
  if (stored) await deps.records.replace(draftOf({ ...read(stored), triedAt: now }), stored.version);
}

/** Closes a breaker, as a person does who has looked; false where it was not open. */
export async function closeBreaker(
  { records, clock }: Deps,
  { by, why, ...of }: BreakerScope & { readonly by: string; readonly why: string },
): Promise<boolean> {
  for (;;) {
    const stored = await records.read('breaker', idOf(scopeOf(of)));
    const known = stored && read(stored);
    if (!stored || !known?.open) return false;
    const closed: Breaker = { ...known, open: false, closedBy: by, closedAt: clock.now(), closedWhy: why };
    if (await records.replace(draftOf(closed), stored.version)) return true;
  }
}

/** The breakers that are open now. */
export const openBreakers = async ({ records, clock }: Deps, patience: Patience): Promise<readonly Breaker[]> =>
  (await records.list('breaker', 'open')).map(read).filter((one) => stands(one, patience, clock.now()));
