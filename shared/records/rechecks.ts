import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

const Recheck = z.object({ run: z.string() });

/**
 * Asks for the containments of a run to be read again soon: its finding was reported once more. Whoever takes events
 * asks, and cannot touch a containment.
 */
export async function askRecheck({ records, clock }: Deps, run: string): Promise<void> {
  const draft = { kind: 'recheck', id: run, due: clock.now(), body: { run } } as const;
  while (!(await records.create(draft))) {
    const stored = await records.read('recheck', run);
    if (stored?.due !== undefined) return;
    if (stored && (await records.replace(draft, stored.version))) return;
  }
}

/** Does what was asked for, run by run; what fails is asked for still. */
export async function takeRechecks(
  { records, clock }: Deps,
  limit: number,
  recheck: (run: string) => Promise<void>,
): Promise<void> {
  for (const { id, version, body } of await records.listDue('recheck', clock.now(), limit)) {
    await recheck(Recheck.parse(body).run);
    await records.replace({ kind: 'recheck', id, body }, version);
  }
}
