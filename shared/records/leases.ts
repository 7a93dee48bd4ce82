import * as z from 'zod';
import { later } from '../model/duration.ts';
import { CordonError } from '../model/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

const Held = z.object({ owner: z.string(), until: z.string() });
const seconds = 60;

type Deps = { readonly records: Records; readonly clock: Clock };

/** One writer per resource: another run holds the lease and has not let it lapse. */
export class Leased extends CordonError {
  constructor(resource: string, owner: string) {
    super({
      code: 'leased',
      message: `${resource} is being changed by run ${owner}`,
      remedy: 'The run tries again by itself.',
      retryable: true,
    });
  }
}

/** A lease as its owner has it. */
export type Lease = {
  /** Nobody has ever held it before: what was read while it was being taken is what its owner found. */
  readonly first: boolean;
  /** Renews it when half of its time is over. Throws `Leased` when somebody else, or another turn of the owner, has taken it. */
  keep(): Promise<void>;
  free(): Promise<void>;
};

/** Takes the lease on a resource for a minute, or takes it again. Throws `Leased`. */
export async function lease({ records, clock }: Deps, id: string, owner: string): Promise<Lease> {
  const now = clock.now();
  const draftOf = (until: string) => ({ kind: 'lease', id, body: { owner, until } }) as const;
  const draft = draftOf(later(now, seconds));
  let half = later(now, seconds / 2);
  const first = await records.create(draft);
  let version = 1;
  let renewing: Promise<void> | undefined;
  if (!first) {
    const stored = await records.read('lease', id);
    const held = stored && Held.parse(stored.body);
    if (!stored || !held || (held.owner !== owner && held.until > now)) throw new Leased(id, held?.owner ?? 'another');
    if (!(await records.replace(draft, stored.version))) throw new Leased(id, held.owner);
    version = stored.version + 1;
  }
  const renew = async (): Promise<void> => {
    const since = clock.now();
    if (!(await records.replace(draftOf(later(since, seconds)), version))) throw new Leased(id, 'another turn');
    half = later(since, seconds / 2);
    version += 1;
  };
  return {
    first,
    async keep() {
      if (clock.now() < half) return;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      await renewing;
    },
    async free() {
      await records.replace(draftOf(now), version); // one that lapsed meanwhile is not ours to free
    },
  };
}

/** Takes several leases, all or none. Throws `Leased`. */
export async function leaseSeveral(deps: Deps, ids: readonly string[], owner: string): Promise<Lease> {
  const taken = await Promise.allSettled([...new Set(ids)].map((id) => lease(deps, id, owner)));
  const held = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const free = async () => {
    await Promise.all(held.map((one) => one.free()));
  };
  const refused = taken.find((one) => one.status === 'rejected');
  const keep = async () => {
    await Promise.all(held.map((one) => one.keep()));
  };
  if (!refused) return { first: held.every(({ first }) => first), keep, free };
  await free();
  throw refused.reason;
}
