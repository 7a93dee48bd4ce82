import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { severities } from '../model/finding.ts';
import { type Json, same } from '../model/json.ts';
import type { RunOrder } from '../model/run.ts';
import type { Records, Stored } from '../ports/records.ts';

const Entry = z.object({
  run: z.string(),
  since: z.string(),
  /** Held back, and to be started again when there is room. */
  waits: z.boolean(),
  /** From when the quota of its account has room for it; null until that was asked. */
  from: z.string().nullable(),
});
export type Entry = z.infer<typeof Entry>;

const group = 'going';

/** The most severe first, then the oldest: in the order of these ids runs are let in. */
const idOf = ({ finding, openedAt, id }: RunOrder): string =>
  `${severities.length - severities.indexOf(finding.severity)}:${openedAt}:${id}`;

const draftOf = (order: RunOrder, body: Entry) => ({ kind: 'admission', id: idOf(order), body, group }) as const;

const entryOf = ({ id, openedAt }: RunOrder, waits: boolean): Entry => ({
  run: id,
  since: openedAt,
  waits,
  from: null,
});

/** Only what is going to change something queues; what a person asks back goes at once. */
export const queues = ({ kind, mode }: RunOrder): boolean => kind === 'containment' && mode === 'enforce';

/** Puts a run into the queue, once. */
export const queue = async (records: Records, order: RunOrder, waits = false): Promise<boolean> =>
  records.create(draftOf(order, entryOf(order, waits)));

/** The first of the queue: those that may go on. */
export const firstInQueue = (records: Records, bound: number): Promise<readonly Stored[]> =>
  records.list('admission', group, bound);

/** The runs among the first that were held back. */
export const heldBack = (first: readonly Stored[]): readonly string[] =>
  first.map(({ body }) => Entry.parse(body)).flatMap(({ run, waits }) => (waits ? [run] : []));

/** A run's own place in the queue, with its version; undefined when it has none, or has left. */
export type Place = Entry & { readonly version: number };

const placeOf = (stored: Stored | undefined): Place | undefined =>
  stored?.group === group ? { ...Entry.parse(stored.body), version: stored.version } : undefined;

/** Where a run stands: among the first, behind them, or not in the queue at all. */
export type Rank = { readonly at: 'first' | 'behind'; readonly place: Place } | { readonly at: 'outside' };

/** Finds a run among the first of the queue, or behind them. The list may lag: a run that is missing there is read. */
export async function rankOf(
  records: Records,
  order: RunOrder,
  first: readonly Stored[],
  bound: number,
): Promise<Rank> {
  const id = idOf(order);
  const listed = placeOf(first.find((one) => one.id === id));
  if (listed) return { at: 'first', place: listed };
  const last = first.at(-1);
  if (first.length < bound || !last || id < last.id) return { at: 'outside' };
  const own = await records.read('admission', id);
  if (!own && (await queue(records, order, true)))
    return { at: 'behind', place: { ...entryOf(order, true), version: 1 } };
  const place = placeOf(own);
  return place ? { at: 'behind', place } : { at: 'outside' };
}

/** Writes a run's place anew; false when another turn of the run has done so meanwhile. */
export async function keepPlace(
  records: Records,
  order: RunOrder,
  place: Place,
  next: Partial<Entry>,
): Promise<boolean> {
  const { version, ...now } = place;
  const wanted: Entry = { ...now, ...next };
  return same(wanted as Json, now as Json) || records.replace(draftOf(order, wanted), version);
}

async function takeOut(records: Records, id: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const stored = await records.read('admission', id);
    if (!stored || stored.group === undefined) return;
    const { kind, body } = stored;
    if (await records.replace({ kind, id, body }, stored.version)) return;
  }
  throw new CordonError({ code: 'contended', message: `place ${id} in the queue keeps changing`, retryable: true });
}

/** Takes a run out of the queue: it has ended, or waits for a person. */
export const leaveQueue = (records: Records, order: RunOrder): Promise<void> => takeOut(records, idOf(order));

/** Takes those out that stand in everybody's way: nothing goes on for a day but what cannot end. */
export async function clearQueue(records: Records, first: readonly Stored[], before: string): Promise<void> {
  const stuck = first.filter(({ body }) => Entry.parse(body).since < before);
  await Promise.all(stuck.map(({ id }) => takeOut(records, id)));
}
