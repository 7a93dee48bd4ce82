import { RunState } from '../model/run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import { addTally, type Tally, tallyOf, together } from '../records/tallies.ts';
import type { Received, Taken } from './receive.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** What an event ends in. An event of several findings ends in the first of these that one of them came to. */
const ends = ['opened', 'quarantined', 'skipped', 'ignored'] as const;

const skippedAs = (one: Received): string => (one.kind === 'skipped' ? `skipped:${one.reason}` : one.kind);

/** The one state that an event ended in: `opened`, `quarantined`, `skipped:<reason>` or `ignored`. */
export function endOf({ became }: Taken): string {
  for (const kind of ends) {
    const found = became.find((one) => one.kind === kind);
    if (found) return skippedAs(found);
  }
  return 'ignored'; // a message that holds no event at all, as an empty list
}

const freshIn = ({ became }: Taken): number => became.filter((one) => one.kind === 'opened' && one.fresh).length;

/** The events of an invocation as one tally: `<source> <state>` each, the runs they opened, and those that come again. */
export function tallied(taken: readonly Taken[], failed: number): Tally {
  const states = taken.map((one): Tally => ({ [`${one.source ?? 'unknown'} ${endOf(one)}`]: 1, runs: freshIn(one) }));
  return [...states, ...(failed > 0 ? [{ failed }] : [])].reduce(together, {});
}

/** Writes down what became of the events of one invocation; nothing is written where it had none. */
export async function keepAccount(deps: Deps, who: string, taken: readonly Taken[], failed: number): Promise<void> {
  const tally = tallied(taken, failed);
  if (Object.keys(tally).length > 0) await addTally(deps, who, tally);
}

/** A day's events and what became of them: `received` is the sum of the states. */
export type Account = {
  readonly received: number;
  readonly opened: number;
  readonly ignored: number;
  readonly quarantined: number;
  readonly skipped: Tally;
  /** Deliveries that failed and came again, or went to a dead-letter queue: none of the received. */
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
