import * as z from 'zod';
import { shortDigest } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

const kinds = ['playbook', 'account'] as const;
type Kind = (typeof kinds)[number];
/** What a run acts for, and how many runs may in one hour. */
export type Scopes = { readonly [K in Kind]: string };
export type Most = { readonly [K in Kind]: number };
/** Whether others have used up an hour's budget. */
export type Spent = { readonly [K in Kind]: boolean };

/** Whose one of the numbered places of an hour is. */
const Slot = z.object({ run: z.string() });

const hourOf = (instant: string): string => instant.slice(0, 13);
const groupOf = (kind: Kind, scopes: Scopes, hour: string): string => `${kind}:${scopes[kind]}:${hour}`;
const draftOf = (group: string, number: number, run: string) =>
  ({ kind: 'budget', id: `${group}:${number}`, group, body: { run } }) as const;

/** Everybody begins elsewhere, so that many at once seldom meet; the same run always begins in the same place. */
function firstOf(run: string, most: number): number {
  const spread = [...shortDigest(run)].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
  return spread % most;
}

/** Takes one place, or finds that it is the run's own. */
async function takes({ records }: Deps, group: string, number: number, run: string): Promise<boolean> {
  const draft = draftOf(group, number, run);
  if (await records.create(draft)) return true;
  const stored = await records.read('budget', draft.id);
  return stored !== undefined && Slot.parse(stored.body).run === run;
}

/** Takes one of the places of an hour. There are as many as the limit says, so that no burst gets past it together. */
async function reserveIn(deps: Deps, group: string, most: number, run: string): Promise<boolean> {
  const first = firstOf(run, most);
  if (await takes(deps, group, first, run)) return true;
  const listed = (await deps.records.list('budget', group)).map(({ id, body }) => ({
    number: Number(id.slice(group.length + 1)),
    owner: Slot.parse(body).run,
  }));
  if (listed.some(({ owner }) => owner === run)) return true;
  const taken = new Set(listed.map(({ number }) => number));
  for (let step = 1; step < most; step += 1) {
    const number = (first + step) % most;
    if (!taken.has(number) && (await takes(deps, group, number, run))) return true;
  }
  return false;
}

/**
 * Reserves what a run needs to act: a place in the hour of its playbook, then one in that of its account. Asking again
 * finds the same places; they are never given back, because another step of the run may be acting on them.
 */
export async function reserveBudget(deps: Deps, runId: string, scopes: Scopes, most: Most): Promise<Spent> {
  const hour = hourOf(deps.clock.now());
  for (const kind of kinds) {
    if (await reserveIn(deps, groupOf(kind, scopes, hour), most[kind], runId)) continue;
    return { playbook: kind === 'playbook', account: kind === 'account' };
  }
  return { playbook: false, account: false };
}

/** Whether other runs have used an hour's budget up, as far as can be seen without reserving. */
export async function spentThisHour(
  { records, clock }: Deps,
  runId: string,
  scopes: Scopes,
  most: Most,
): Promise<Spent> {
  const hour = hourOf(clock.now());
  const isSpent = async (kind: Kind): Promise<boolean> => {
    const listed = await records.list('budget', groupOf(kind, scopes, hour));
    return listed.filter(({ body }) => Slot.parse(body).run !== runId).length >= most[kind];
  };
  const [playbook, account] = await Promise.all([isSpent('playbook'), isSpent('account')]);
  return { playbook, account };
}

/** How many more runs of a playbook may act within this hour, as far as the list shows. */
export async function leftThisHour({ records, clock }: Deps, playbook: string, most: number): Promise<number> {
  const group = groupOf('playbook', { playbook, account: '' }, hourOf(clock.now()));
  return Math.max(0, most - (await records.list('budget', group)).length);
}
