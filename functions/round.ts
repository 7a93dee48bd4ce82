import { later } from '../shared/model/duration.ts';
import type { Anchor } from '../shared/ports/anchor.ts';
import type { Starter } from '../shared/ports/starter.ts';
import { anchorHeads } from '../shared/records/anchors.ts';
import { sendWriteBack } from '../shared/report/write-back.ts';
import { attend } from '../shared/run/attend.ts';
import type { RunDeps } from '../shared/run/deps.ts';
import { sweep } from '../shared/run/sweep.ts';
import { tellPeople } from './tell.ts';

export type RoundDeps = RunDeps & {
  readonly starter: Starter;
  /** Where the heads of the journals are kept outside the records; nowhere when left out. */
  readonly anchor?: Anchor;
};

/** What a round has for its reads of the clouds; whatever is left is done by the next one. */
const deadlineMilliseconds = 45_000;

/** Does something once an hour, whoever's round it is; one that fails is done again by the next round. */
async function hourly({ records, clock }: RunDeps, id: string, work: () => Promise<unknown>): Promise<void> {
  const now = clock.now();
  const stored = await records.read('round', id);
  if (stored && String(stored.body) > later(now, -3_600)) return;
  await work();
  const draft = { kind: 'round', id, body: now } as const;
  if (!(await records.create(draft)) && stored) await records.replace(draft, stored.version);
}

/** Tells people, and the findings' own systems, what waits in the outbox. */
export const tellAll = (deps: RunDeps, stop?: AbortSignal): Promise<void> => {
  const deadline = AbortSignal.timeout(deadlineMilliseconds);
  const signal = stop ? AbortSignal.any([deadline, stop]) : deadline;
  return tellPeople(deps, { finding: sendWriteBack({ ...deps, signal }) }, stop);
};

/**
 * What has to be done again and again: starts the runs that are due or whose start was lost, reads containments again
 * and looks after their reviews and ends, tells people and the findings' own systems, anchors the journals. Each part
 * to its end, whatever becomes of the others; then throws what the first that failed threw.
 */
export async function round(
  deps: RoundDeps,
  stop?: AbortSignal,
): Promise<{ readonly started: readonly string[]; readonly attended: number }> {
  const deadline = AbortSignal.timeout(deadlineMilliseconds);
  const signal = stop ? AbortSignal.any([deadline, stop]) : deadline;
  const { anchor } = deps;
  const parts = [
    sweep(deps),
    attend(deps, signal),
    tellAll(deps, stop),
    anchor ? hourly(deps, 'anchor', () => anchorHeads({ ...deps, anchor })) : undefined,
  ] as const;
  await Promise.allSettled(parts);
  const [{ started }, { attended }] = await Promise.all(parts);
  return { started, attended };
}
