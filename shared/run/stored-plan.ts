import * as z from 'zod';
import type { Containment } from '../model/containment.ts';
import { Plan } from '../model/plan.ts';
import { containmentId, readContainment } from '../records/containments.ts';
import { readJournal } from '../records/journal.ts';
import type { RunDeps } from './deps.ts';

/** A stored plan; undefined when the digest names none. */
export async function readPlan({ evidence }: Pick<RunDeps, 'evidence'>, digest: string): Promise<Plan | undefined> {
  const stored = await evidence.get(digest);
  return stored === undefined ? undefined : Plan.parse(stored);
}

const Planned = z.object({ ok: z.literal(true), value: z.object({ plan: z.string().min(1) }) });

const Joined = z.object({ ok: z.literal(true), value: z.array(z.string()) });

/** Every plan that a run has made, as its journal names them. */
export async function plansOf(deps: Pick<RunDeps, 'records' | 'evidence'>, runId: string): Promise<readonly Plan[]> {
  const entries = (await readJournal(deps.records, runId)).flatMap((row) => row.entries);
  const named = entries.flatMap((entry) => {
    const planned =
      entry.type === 'reply' && entry.key.startsWith('plan#') ? Planned.safeParse(entry.reply) : undefined;
    return planned?.success ? [planned.data.value.plan] : [];
  });
  const plans = await Promise.all([...new Set(named)].map((digest) => readPlan(deps, digest)));
  return plans.flatMap((plan) => plan ?? []);
}

/**
 * The open containments that a run owns, the oldest first. They are read one by one from what its journal names:
 * a list may lag behind, and a release must miss none.
 */
export async function containmentsOf(
  deps: Pick<RunDeps, 'records' | 'evidence'>,
  runId: string,
): Promise<readonly Containment[]> {
  const [plans, journal] = await Promise.all([plansOf(deps, runId), readJournal(deps.records, runId)]);
  const joined = journal
    .flatMap((row) => row.entries)
    .flatMap((entry) => {
      const reply = entry.type === 'reply' && entry.key.endsWith('/join') ? Joined.safeParse(entry.reply) : undefined;
      return reply?.success ? reply.data.value : [];
    });
  const ids = [...plans.flatMap(({ steps }) => steps.map(containmentId)), ...joined];
  const known = await Promise.all([...new Set(ids)].map((id) => readContainment(deps, id)));
  return known
    .flatMap((one) => (one?.status === 'held' && one.owners.includes(runId) ? [one] : []))
    .sort((a, b) => a.since.localeCompare(b.since));
}
