import { stageMode } from '../config/settings.ts';
import { InvalidInput } from '../model/error.ts';
import { shortDigest } from '../model/json.ts';
import type { Plan } from '../model/plan.ts';
import { type Mode, type Requester, RunOrder, type RunState } from '../model/run.ts';
import type { RunDeps } from './deps.ts';
import { createRun } from './open.ts';
import { planRelease } from './plan-release.ts';
import { readRun } from './turn.ts';

/** Who wants a run taken back, and how far they go. */
export type ReleaseWish = {
  readonly requester: Requester;
  readonly wants: Mode;
  /** Hands credentials out again too; a second person must agree. */
  readonly reactivateCredentials: boolean;
  /** The plan they have seen; nothing is taken back without. */
  readonly agreedDigest?: string;
  /** One containment of the run, instead of all. */
  readonly only?: string;
  /** When the sweep starts it, where that is not now. */
  readonly dueAt?: string;
};

const refuse = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

async function released({ records }: RunDeps, runId: string): Promise<RunState> {
  const run = await readRun(records, runId);
  if (!run) throw refuse('no-such-run', `there is no run ${runId}`, 'List them with `cordon runs`.');
  if (run.order.kind === 'release')
    throw refuse('is-a-release', `run ${runId} is itself a release`, 'Contain again by starting the playbook.');
  return run;
}

const modeOf = ({ settings }: RunDeps, { wants }: ReleaseWish): Mode =>
  stageMode(settings) === 'enforce' && wants === 'enforce' ? 'enforce' : 'dry-run';

/** The same wish makes the same run; `round` counts on where earlier ones came to nothing. */
function orderOf(deps: RunDeps, { order }: RunState, wish: ReleaseWish, round: number): RunOrder {
  const { requester, reactivateCredentials, agreedDigest, only } = wish;
  const mode = modeOf(deps, wish);
  const { agreedDigest: _, ...copied } = order;
  return RunOrder.parse({
    ...copied,
    kind: 'release',
    id: shortDigest({
      releases: order.id,
      by: requester.id,
      reactivateCredentials,
      mode,
      digest: agreedDigest ?? null,
      only: only ?? null,
      round,
    }),
    mode,
    modeReason: mode === 'enforce' ? 'allowed' : 'mode-dry-run',
    requester,
    openedAt: deps.clock.now(),
    releases: order.id,
    reactivateCredentials,
    ...(agreedDigest !== undefined && { agreedDigest }),
    ...(only !== undefined && { only }),
  });
}

/**
 * Opens the run that takes another one back; answers with its id. The same wish again finds the same run, unless
 * that one ended without a release: then it is a new try. Throws `InvalidInput` when there is no such run, it is
 * itself a release or still under way, or when it is to be taken back without naming the plan.
 */
export async function openRelease(deps: RunDeps, runId: string, wish: ReleaseWish): Promise<string> {
  const run = await released(deps, runId);
  if (modeOf(deps, wish) === 'enforce' && wish.requester.kind === 'person') {
    if (run.status !== 'ended')
      throw refuse('run-not-over', `run ${runId} is still under way`, 'Wait until it ends, or reject what it asks.');
    if (wish.agreedDigest === undefined)
      throw refuse('digest-needed', 'a release names the plan it agrees to', 'Ask for the plan first, in dry-run.');
  }
  for (let round = 0; ; round += 1) {
    const order = orderOf(deps, run, wish, round);
    if (await createRun(deps, order, wish.dueAt)) return order.id;
    const earlier = await readRun(deps.records, order.id);
    const over = earlier?.status === 'ended' && earlier.result?.outcome !== 'released';
    if (!over || wish.requester.kind === 'run') return order.id;
  }
}

/** The way back of a run as a plan with a digest, without starting anything. */
export async function previewRelease(
  deps: RunDeps,
  runId: string,
  wish: ReleaseWish,
  signal: AbortSignal,
): Promise<Plan> {
  return planRelease(deps, { order: orderOf(deps, await released(deps, runId), wish, 0), signal });
}
