import { later } from '../model/duration.ts';
import { RunState } from '../model/run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import { addTally, type Tally, tallyOf, together } from '../records/tallies.ts';
import type { Received, Taken } from './receive.ts';
import { readRun } from './turn.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** What an event ends in. An event of several findings ends in the first of these that one of them came to. */
const ends = ['opened', 'quarantined', 'skipped', 'ignored'] as const;

const skippedAs = (one: Received): string => (one.kind === 'skipped' ? `skipped:${one.reason}` : one.kind);

/** The one state that an event ended in which was taken: `opened`, `quarantined`, `skipped:<reason>` or `ignored`. */
export function endOf({ became }: Taken): string {
  for (const kind of ends) {
    const found = became.find((one) => one.kind === kind);
    if (found) return skippedAs(found);
  }
  return 'ignored'; // a message that holds no event at all, as an empty list
}

/** Runs that were opened, none of them by an earlier delivery. */
const freshIn = (taken: readonly Taken[]): readonly string[] =>
  taken.flatMap(({ became }) => became.flatMap((one) => (one.kind === 'opened' && one.fresh ? [one.runId] : [])));

/** Deliveries that failed; `deadLettered` are the events among them that nobody tries again. */
export type Failures = { readonly failed: number; readonly deadLettered: number };

const counted = (name: string, count: number): Tally => (count > 0 ? { [name]: count } : {});

/** The events of an invocation as one tally: `<source> <state>` each, the runs they opened, and those that come again. */
export function tallied(taken: readonly Taken[], { failed, deadLettered }: Failures): Tally {
  const states = taken.map((one): Tally => ({ [`${one.source ?? 'unknown'} ${endOf(one)}`]: 1 }));
  const rest = [
    counted('runs', freshIn(taken).length),
    counted('failed', failed),
    counted('unknown dead-lettered', deadLettered),
  ];
  return [...states, ...rest].reduce(together, {});
}

/** An invocation lasts so long at the most: the runs that it opened may be of the day before. */
export const invocationSeconds = 900;

/** How many of them were opened before today: they are on record there. */
async function openedBefore({ records, clock }: Deps, runIds: readonly string[]): Promise<number> {
  const today = clock.now().slice(0, 10);
  if (later(clock.now(), -invocationSeconds) >= today) return 0;
  const runs = await Promise.all(runIds.map((id) => readRun(records, id)));
  return runs.filter((run) => run !== undefined && run.order.openedAt < today).length;
}

/** Writes down what became of the events of one invocation; nothing is written where it had none. */
export async function keepAccount(deps: Deps, who: string, taken: readonly Taken[], failures: Failures): Promise<void> {
  const tally = tallied(taken, failures);
  if (Object.keys(tally).length === 0) return;
  const early = await openedBefore(deps, freshIn(taken));
  if (early > 0) await addTally(deps, who, { runs: early }, later(deps.clock.now(), -invocationSeconds).slice(0, 10));
  await addTally(deps, who, early > 0 ? together(tally, { runs: -early }) : tally);
}

/** A day's events and what became of them: `received` is the sum of the states. */
export type Account = {
  readonly received: number;
  readonly opened: number;
  readonly ignored: number;
  readonly quarantined: number;
  readonly skipped: Tally;
  /** Events whose last try failed: they lie in a dead-letter queue, or are set aside. */
  readonly deadLettered: number;
  /** Deliveries that failed; the events came again, or are dead-lettered. */
  readonly failed: number;
  /** By source and state, as `guardduty opened`. */
  readonly bySource: Tally;
  readonly runs: {
    /** As counted when they were opened. */
    readonly counted: number;
    /** As the records have them. */
    readonly open: number;
    readonly waiting: number;
    readonly ended: number;
    /** Counted and not on record: somebody has taken records away. Never below 0: who opens runs and dies counts nothing. */
    readonly unaccounted: number;
  };
};

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

/** What became of the events of a day (`2026-11-20`), and of the runs that they opened. */
export async function accountOf({ records }: Pick<Deps, 'records'>, day: string): Promise<Account> {
  const tally = await tallyOf({ records }, day); // first: what is opened meanwhile is then on record, at least
  const { runs: counted = 0, failed = 0, ...bySource } = tally;
  const counts = Object.entries(bySource).map(([name, count]) => ({ state: name.split(' ')[1] ?? '', count }));
  const inState = (state: string) => sum(counts.filter((one) => one.state === state).map(({ count }) => count));
  const skipped = counts
    .filter(({ state }) => state.startsWith('skipped:'))
    .map(({ state, count }): Tally => ({ [state.slice('skipped:'.length)]: count }))
    .reduce(together, {});
  const runs = (await records.list('run', day))
    .map(({ body }) => RunState.parse(body))
    .filter(({ order }) => order.requester.kind === 'event');
  const standing = (status: RunState['status']) => runs.filter((run) => run.status === status).length;
  return {
    received: sum(counts.map(({ count }) => count)),
    opened: inState('opened'),
    ignored: inState('ignored'),
    quarantined: inState('quarantined'),
    skipped,
    deadLettered: inState('dead-lettered'),
    failed,
    bySource,
    runs: {
      counted,
      open: standing('open'),
      waiting: standing('waiting'),
      ended: standing('ended'),
      unaccounted: Math.max(0, counted - runs.length),
    },
  };
}
