import type { Clock } from '../ports/clock.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Records } from '../ports/records.ts';
import { changeContainment } from '../records/containments.ts';
import { containmentsOf } from './stored-plan.ts';

type Deps = { readonly records: Records; readonly evidence: Evidence; readonly clock: Clock };

/**
 * The finding is reported again although its run is over: what the run has contained is read again now. Where it still
 * holds nothing happens; where it does not, the watch contains it again.
 */
export async function watchSoon(deps: Deps, runId: string): Promise<void> {
  const at = deps.clock.now();
  for (const { id } of await containmentsOf(deps, runId))
    await changeContainment(deps, id, (held) =>
      held.status === 'held' ? { ...held, watch: { at, round: held.watch?.round ?? 0 } } : undefined,
    );
}
