import { type Containment, looks } from '../model/containment.ts';
import type { RunState } from '../model/run.ts';
import { held } from '../records/containments.ts';
import type { RunDeps } from './deps.ts';
import { readRun } from './turn.ts';

/** One reason why something is cut off: the run that wants it, its finding, and who asked for it. */
export type Because = {
  readonly run: string;
  readonly playbook: string;
  readonly finding: { readonly id: string; readonly type: string; readonly title: string; readonly severity: string };
  readonly by: RunState['order']['requester'];
  readonly openedAt: string;
};

/** What is cut off now, with why, by whom and until when. Titles and names may hold text that an attacker chose. */
export type CutOff = Containment & {
  readonly because: readonly Because[];
  /** When it ends by itself; null where a person has to release it. */
  readonly until: string | null;
  readonly reviewOverdue: boolean;
  /** How often it has been read again so far, of how often in all, and when it is next. */
  readonly watched: { readonly looks: number; readonly of: number; readonly next: string | null };
  /** The commands that take it back; each owner has to let go. */
  readonly release: readonly string[];
};

const becauseOf = ({ order }: RunState): Because => {
  const { id, type, title, severity } = order.finding;
  return {
    run: order.id,
    playbook: order.playbook,
    finding: { id, type, title, severity },
    by: order.requester,
    openedAt: order.openedAt,
  };
};

/** A containment as people ask for it. */
async function aboutContainment({ records, clock }: Pick<RunDeps, 'records' | 'clock'>, one: Containment) {
  const runs = await Promise.all(one.owners.map((owner) => readRun(records, owner)));
  const { watch, reviews, reviewAt, endsAt } = one;
  return {
    ...one,
    because: runs.flatMap((run) => (run ? [becauseOf(run)] : [])),
    until: endsAt,
    reviewOverdue: reviews > 0 || reviewAt <= clock.now(),
    watched: { looks: watch?.round ?? looks.length, of: looks.length, next: watch?.at ?? null },
    release: one.owners.map((owner) => `cordon release ${owner} --only ${one.id}`),
  } satisfies CutOff;
}

/** Everything that is cut off now, the oldest first; `sees` leaves out what somebody has no right to. */
export async function containedNow(
  deps: Pick<RunDeps, 'records' | 'clock'>,
  sees: (one: Containment) => boolean = () => true,
): Promise<readonly CutOff[]> {
  return Promise.all((await held(deps)).filter(sees).map((one) => aboutContainment(deps, one)));
}
