import * as z from 'zod';
import { later } from '../model/duration.ts';
import { NotYet } from '../model/error.ts';
import { shareOf } from '../model/share.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import type { Journal } from './journal.ts';

/** A token bucket, as providers publish their limits. */
export type Quota = { readonly burst: number; readonly perSecond: number };

/** One bucket of one provider, and how many calls are meant. */
export type Toll = { readonly bucket: string; readonly quota: Quota; readonly calls: number };

type Deps = { readonly records: Records; readonly clock: Clock };

/** What is left for others who use the same quota, and for clocks that do not agree. */
const ours = 0.9;
/** A wait this short is waited out; for a longer one the run comes back. */
const patienceSeconds = 1;
const attempts = 8;

/** When the bucket would be full again if nobody called any more, in milliseconds since the epoch. */
const Bucket = z.object({ fullAt: z.number() });

/**
 * Reserves calls in a bucket that all runs share, first come, first served; answers with the instant from which they
 * may go (the generic cell rate algorithm, ITU-T I.371). Throws `NotYet` when too many reserve at once.
 */
export async function reserve({ records, clock }: Deps, { bucket, quota, calls }: Toll, who: string): Promise<string> {
  const each = 1_000 / (quota.perSecond * ours);
  const deep = quota.burst * ours * each;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await records.read('pace', bucket);
    const now = Date.parse(clock.now());
    const before = stored ? Bucket.parse(stored.body).fullAt : now;
    const fullAt = Math.max(now, before) + calls * each;
    const draft = { kind: 'pace', id: bucket, body: { fullAt } } as const;
    const done = stored ? await records.replace(draft, stored.version) : await records.create(draft);
    if (done) return new Date(Math.ceil(Math.max(now, fullAt - deep))).toISOString();
  }
  const soon = later(clock.now(), 0.5 + shareOf([bucket, who, clock.now()]));
  throw new NotYet('pace-contended', `many runs ask for ${bucket} at once`, soon);
}

/** Whether an instant is so far ahead that the run had better come back. */
export const isAhead = ({ clock }: Pick<Deps, 'clock'>, instant: string): boolean =>
  instant > later(clock.now(), patienceSeconds);

/** What a run has reserved for a step and not used yet: an intent uses it up. */
function reserved({ entries }: Journal, step: string): string | undefined {
  const last = entries.findLast(
    (entry) =>
      (entry.type === 'reply' && entry.key === `${step}~paced`) || (entry.type === 'intent' && entry.step === step),
  );
  return last?.type === 'reply' ? String(last.reply) : undefined;
}

/**
 * Lets a step make its calls when the provider's quota has room for them. Throws `NotYet` where that is later: the
 * journal keeps the reservation, so that the run does not reserve again when it comes back.
 */
export async function pace(
  deps: Deps,
  {
    journal,
    order,
    signal,
  }: { readonly journal: Journal; readonly order: { readonly id: string }; readonly signal: AbortSignal },
  step: string,
  toll: Toll,
): Promise<void> {
  const known = reserved(journal, step);
  const from = known ?? (await reserve(deps, toll, order.id));
  const now = deps.clock.now();
  if (from <= now) return;
  if (!isAhead(deps, from)) return deps.clock.sleep((Date.parse(from) - Date.parse(now)) / 1_000, signal);
  if (known === undefined) journal.note({ type: 'reply', key: `${step}~paced`, reply: from });
  throw new NotYet('paced', `${toll.bucket} has room from ${from}`, from);
}
