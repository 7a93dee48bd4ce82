import { later } from '../model/duration.ts';
import { NotYet } from '../model/error.ts';
import type { RunOrder } from '../model/run.ts';
import { shareOf } from '../model/share.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records, Stored } from '../ports/records.ts';
import type { Starter } from '../ports/starter.ts';
import {
  type Entry,
  firstInQueue,
  heldBack,
  keepPlace,
  leaveQueue,
  type Place,
  queues,
  rankOf,
} from '../records/admission.ts';
import { type Journal, LostTurn } from '../records/journal.ts';
import { isAhead, reserve } from '../records/pace.ts';
import { tollOfReads } from './quotas.ts';

/** How many runs go on at a time, and who starts the next one; without a starter the sweep does. */
export type Admission = { readonly bound: number; readonly starter?: Starter };

/** Whether a run goes on now, and whether it is one of many; else when it comes back, and what for. */
export type Admitted =
  | { readonly go: true; readonly crowded: boolean }
  | { readonly go: false; readonly dueAt: string; readonly waitsFor: string | null };

type Engine = { readonly records: Records; readonly clock: Clock; readonly admission?: Admission };

/** Up to this share of the bound, quotas have room for all and are not asked. */
const calm = 0.2;
/** Whoever leaves starts the next; this is for starts that are lost. */
const lookAgainSeconds = 900;
/** What a run that is held back waits for. */
export const itsTurn = 'its turn, after more severe or older runs';

/** The runs that are going on, the most severe first; nothing where runs are not admitted but just go. */
export const lookAround = async ({ records, admission }: Engine): Promise<readonly Stored[]> =>
  admission ? firstInQueue(records, admission.bound) : [];

async function keep({ records }: Engine, order: RunOrder, place: Place, next: Partial<Entry>): Promise<void> {
  if (!(await keepPlace(records, order, place, next))) throw new LostTurn(order.id);
}

/** Behind the first: marked as waiting, then looked at once more, so that whoever leaves now sees it. */
async function behind(engine: Engine, { bound }: Admission, order: RunOrder, place: Place): Promise<Place | undefined> {
  await keep(engine, order, place, { waits: true });
  const rank = await rankOf(engine.records, order, await firstInQueue(engine.records, bound), bound);
  return rank.at === 'first' ? rank.place : undefined;
}

/** Among the first of a crowd: the run begins when the quota of its account has room for what it is going to read. */
async function inCrowd(engine: Engine, order: RunOrder, place: Place): Promise<Admitted> {
  try {
    const from = place.from ?? (await reserve(engine, tollOfReads(order), order.id));
    await keep(engine, order, place, { waits: false, from });
    return isAhead(engine, from) ? { go: false, dueAt: from, waitsFor: null } : { go: true, crowded: true };
  } catch (thrown) {
    if (thrown instanceof NotYet) return { go: false, dueAt: thrown.until, waitsFor: null };
    throw thrown;
  }
}

/**
 * Lets a run in: among the first it goes on, in a crowd from when the quota of its account has room for it; all others
 * wait. A run that has begun to change something is never held back, nor one that a person has answered.
 */
export async function admit(
  engine: Engine,
  order: RunOrder,
  { entries }: Pick<Journal, 'entries'>,
  first: readonly Stored[],
): Promise<Admitted> {
  const { admission } = engine;
  if (!admission || !queues(order)) return { go: true, crowded: false };
  const crowded = first.length > admission.bound * calm;
  if (entries.some(({ type }) => type === 'intent')) return { go: true, crowded };
  const rank = await rankOf(engine.records, order, first, admission.bound);
  if (rank.at === 'outside') return { go: true, crowded };
  const place = rank.at === 'first' ? rank.place : await behind(engine, admission, order, rank.place);
  if (!place) {
    const seconds = lookAgainSeconds * (1 + shareOf(order.id));
    return { go: false, dueAt: later(engine.clock.now(), seconds), waitsFor: itsTurn };
  }
  if (crowded && entries.length === 0) return inCrowd(engine, order, place);
  await keep(engine, order, place, { waits: false });
  return { go: true, crowded };
}

/** Takes a run that has ended, or waits for a person, out of the queue, and starts those that move up. */
export async function makeRoom({ records, admission }: Engine, order: RunOrder): Promise<void> {
  if (!admission || !queues(order)) return;
  await leaveQueue(records, order);
  const { bound, starter } = admission;
  if (starter) await Promise.all(heldBack(await firstInQueue(records, bound)).map((runId) => starter.start(runId)));
}
