import { NotYet } from '../model/error.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RunDeps } from './deps.ts';
import { road } from './program.ts';
import { openRelease } from './release.ts';
import { turn, type WorkContext, type WorkTable } from './turn.ts';

/**
 * Takes back what a run has changed so far: a release of its own, with plan, proof and journal, carried on from here.
 * Throws `NotYet` until it has ended.
 */
export async function takenBack(
  deps: RunDeps,
  works: WorkTable,
  { order, signal }: WorkContext,
): Promise<{ readonly outcome: Outcome; readonly detail: string }> {
  const requester = { kind: 'run', id: order.id } as const;
  const id = await openRelease(deps, order.id, { requester, wants: 'enforce', reactivateCredentials: false });
  const { records, clock } = deps;
  const { result, dueAt, waitsFor } = await turn({ records, clock, works, program: road }, id, signal);
  if (result) return { outcome: result.outcome, detail: `${result.outcome} ${result.reason} (release ${id})` };
  if (waitsFor !== null) return { outcome: 'not-contained', detail: `release ${id} waits for ${waitsFor}` };
  throw new NotYet('taking-back', `release ${id} is under way`, dueAt ?? clock.now());
}
