import * as z from 'zod';
import { later } from '../model/duration.ts';
import { CordonError } from '../model/error.ts';
import { Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Draft, Records, Stored } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** Something that is to be told, and how far that has come. */
export const OutboxItem = z.object({
  id: z.string(),
  /** `channel:<name>`, `finding` for the finding's own system, `outcome:<place>` for programs. */
  to: z.string(),
  body: Json,
  state: z.enum(['waiting', 'sent', 'given-up']),
  attempts: z.int(),
  postedAt: z.string(),
  /** What the other side calls the message, once it is sent. */
  answer: z.string(),
  /** Why the last attempt failed. */
  problem: z.string(),
});
export type OutboxItem = z.infer<typeof OutboxItem>;

const draftOf = (item: OutboxItem, due?: string): Draft => ({
  kind: 'outbox',
  id: item.id,
  group: item.state,
  ...(due !== undefined && { due }),
  body: Json.parse(item),
});
const read = ({ body }: Stored): OutboxItem => OutboxItem.parse(body);

/** Puts a message into the outbox; the same one again is the same one. */
export async function post(
  { records, clock }: Deps,
  { id, to, body }: Pick<OutboxItem, 'id' | 'to' | 'body'>,
): Promise<void> {
  const postedAt = clock.now();
  const item: OutboxItem = { id, to, body, state: 'waiting', attempts: 0, postedAt, answer: '', problem: '' };
  await records.create(draftOf(item, postedAt));
}

/** Messages by what became of them, in the order of their ids. */
export const messages = async (
  { records }: Pick<Deps, 'records'>,
  state: OutboxItem['state'],
): Promise<readonly OutboxItem[]> => (await records.list('outbox', state)).map(read);

/** Sends one message; resolves to what the other side calls it. */
export type Send = (item: OutboxItem) => Promise<string>;

/** What one pass came to. */
export type Delivered = {
  readonly sent: number;
  /** What was tried and did not go out; those that are `given-up` are not tried again. */
  readonly failed: readonly OutboxItem[];
  /** What was not tried, because its receiver takes nothing. */
  readonly putOff: readonly OutboxItem[];
};

/** Seconds after each failed attempt: soon at first, then every hour. */
const waits = [5, 15, 60, 300, 900] as const;
const hour = 3_600;
/** The last attempt is made a day after the message was posted. */
const patienceSeconds = 86_400;
/** While somebody sends a message nobody else does. */
const claimSeconds = 60;

type Failure = { readonly item: OutboxItem; readonly due?: string };

/** What is kept of a fault: only our own errors are known to hold no secret. */
function problemOf(thrown: unknown): string {
  if (thrown instanceof CordonError) return thrown.message.slice(0, 300);
  return `an unexpected ${thrown instanceof Error ? thrown.name : typeof thrown}`;
}

function failure(item: OutboxItem, thrown: unknown, now: string): Failure {
  const known = thrown instanceof CordonError ? thrown : undefined;
  const problem = problemOf(thrown);
  const last = later(item.postedAt, patienceSeconds);
  if ((known && !known.retryable) || now >= last) return { item: { ...item, state: 'given-up', problem } };
  const due = later(now, Math.max(waits[item.attempts - 1] ?? hour, known?.retryAfterSeconds ?? 0));
  return { item: { ...item, problem }, due: due < last ? due : last };
}

type Outcome = 'sent' | 'taken' | Failure;

/** Claims a message, sends it, and settles it; `taken` where somebody else has it. */
async function attempt({ records, clock }: Deps, stored: Stored, send: Send): Promise<Outcome> {
  const before = read(stored);
  const item = { ...before, attempts: before.attempts + 1 };
  const claimed = await records.replace(draftOf(item, later(clock.now(), claimSeconds)), stored.version);
  if (!claimed) return 'taken';
  const settle = (draft: Draft) => records.replace(draft, stored.version + 1);
  let answer: string;
  try {
    answer = await send(item);
  } catch (thrown) {
    const failed = failure(item, thrown, clock.now());
    await settle(draftOf(failed.item, failed.due));
    return failed;
  }
  await settle(draftOf({ ...item, state: 'sent', answer, problem: '' }));
  return 'sent';
}

/** So many failures in a row, and the receiver is left alone until the next pass: one bad message is no reason to. */
const mostInARow = 3;

/** One after the other. What is put off comes back before what has failed, and counts no attempt. */
async function deliverLane(deps: Deps, lane: readonly Stored[], send: Send): Promise<Delivered> {
  const failed: OutboxItem[] = [];
  let sent = 0;
  let inARow = 0;
  for (const [at, stored] of lane.entries()) {
    const outcome = await attempt(deps, stored, send);
    if (outcome === 'sent') sent += 1;
    inARow = typeof outcome === 'string' ? 0 : inARow + 1;
    if (typeof outcome !== 'string') failed.push(outcome.item);
    if (inARow < mostInARow) continue;
    const behind = lane.slice(at + 1);
    const due = later(deps.clock.now(), waits[0]);
    await Promise.all(behind.map((one) => deps.records.replace(draftOf(read(one), due), one.version)));
    return { sent, failed, putOff: behind.map(read) };
  }
  return { sent, failed, putOff: [] };
}

const isWaiting = (stored: Stored): boolean => read(stored).state === 'waiting';

/**
 * Sends what is due: to each receiver one after the other, to all receivers at the same time, so that one that hangs
 * holds up nobody else. A message is claimed before it is sent and settled after: two deliverers never send it at once,
 * and one that dies in between leaves it to be sent again, so that it may arrive twice, never not at all. Throws, after
 * everything was tried, where the store failed.
 */
export async function deliver(deps: Deps, send: Send, limit = 100): Promise<Delivered> {
  const due = (await deps.records.listDue('outbox', deps.clock.now(), limit)).filter(isWaiting);
  const lanes = Map.groupBy(due, (stored) => read(stored).to);
  const ends = await Promise.allSettled([...lanes.values()].map((lane) => deliverLane(deps, lane, send)));
  const fallen = ends.find((end) => end.status === 'rejected');
  if (fallen) throw fallen.reason;
  const done = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  return {
    sent: done.reduce((sum, { sent }) => sum + sent, 0),
    failed: done.flatMap(({ failed }) => failed),
    putOff: done.flatMap(({ putOff }) => putOff),
  };
}
