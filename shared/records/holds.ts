import * as z from 'zod';
import { comparable } from '../model/identifiers.ts';
import { Json, shortDigest } from '../model/json.ts';
import type { Records } from '../ports/records.ts';

/** A person has released a target: the same finding does not contain it again. */
export const Hold = z.object({
  finding: z.string(),
  target: z.string(),
  run: z.string(),
  by: z.string(),
  at: z.string(),
  /** Lifted by a person, so that the finding counts again. */
  lifted: z.object({ by: z.string(), at: z.string() }).nullable(),
  /** How often it was lifted. */
  lifts: z.int().default(0),
});
export type Hold = z.infer<typeof Hold>;

type Of = { readonly provider: string; readonly finding: string; readonly target: string };

const idOf = ({ provider, finding, target }: Of): string =>
  shortDigest({ provider, finding: comparable(finding), target: comparable(target) });

const draftOf = (id: string, hold: Hold) =>
  ({ kind: 'hold', id, group: hold.lifted ? 'lifted' : 'held', body: Json.parse(hold) }) as const;

/** Puts a finding's target on hold, or on hold again. */
export async function putOnHold(
  records: Records,
  of: Of,
  { run, by, at }: Pick<Hold, 'run' | 'by' | 'at'>,
): Promise<void> {
  const id = idOf(of);
  const fresh: Hold = { finding: of.finding, target: of.target, run, by, at, lifted: null, lifts: 0 };
  while (!(await records.create(draftOf(id, fresh)))) {
    const stored = await records.read('hold', id);
    if (!stored) continue;
    const before = Hold.parse(stored.body);
    if (before.run === run && before.lifted === null) return;
    if (await records.replace(draftOf(id, { ...fresh, lifts: before.lifts }), stored.version)) return;
  }
}

/** Whether a finding's target is on hold, and how often a hold on it was lifted. */
export async function holdOn(records: Records, of: Of): Promise<{ readonly held: boolean; readonly lifts: number }> {
  const stored = await records.read('hold', idOf(of));
  if (!stored) return { held: false, lifts: 0 };
  const { lifted, lifts } = Hold.parse(stored.body);
  return { held: lifted === null, lifts };
}

/** Everything on hold. */
export const holds = async (records: Records): Promise<readonly Hold[]> =>
  (await records.list('hold', 'held')).map(({ body }) => Hold.parse(body));

/** Lifts the holds that a run left; answers how many. */
export async function liftHolds(records: Records, run: string, by: string, at: string): Promise<number> {
  let lifted = 0;
  for (const stored of await records.list('hold', 'held')) {
    const hold = Hold.parse(stored.body);
    if (hold.run !== run) continue;
    if (
      await records.replace(draftOf(stored.id, { ...hold, lifted: { by, at }, lifts: hold.lifts + 1 }), stored.version)
    )
      lifted += 1;
  }
  return lifted;
}
