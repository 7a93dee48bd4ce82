import * as z from 'zod';
import { later } from '../model/duration.ts';
import { InvalidInput } from '../model/error.ts';
import { digest as digestOf, Json, shortDigest } from '../model/json.ts';
import type { Plan } from '../model/plan.ts';
import { type Reason, reasons } from '../model/reason.ts';
import type { RunState } from '../model/run.ts';
import type { Starter } from '../ports/starter.ts';
import { held } from '../records/containments.ts';
import { sideBySide } from '../records/side-by-side.ts';
import type { RunDeps } from './deps.ts';
import { openRelease, previewRelease, type ReleaseWish } from './release.ts';
import { readRun } from './turn.ts';

/** So many releases start in one minute: a mistake in a bulk release is seen, and halted, before much is open again. */
export const releasesPerMinute = 20;
/** So many plans are made at a time. */
const atOnce = 10;

/** Which runs are meant. */
export type Filter = {
  readonly playbook?: string;
  /** ISO instant: what was contained, or opened, at or after it. */
  readonly since?: string;
  readonly account?: string;
};

/** Who wants them taken back, and how far they go. `reaches` leaves out what they have no right to. */
export type ManyWish = {
  readonly by: string;
  readonly reactivateCredentials: boolean;
  readonly reaches: (scope: { readonly account: string; readonly playbook: string }) => boolean;
};

/** One run of many, with its way back. */
export type OneOfMany = {
  readonly run: string;
  readonly playbook: string;
  readonly account: string;
  readonly targetName: string;
  readonly plan: Plan;
};

/** A run that fits and is left as it is, with the reason. */
export type LeftOut = Pick<OneOfMany, 'run' | 'playbook' | 'account' | 'targetName'> & { readonly why: string };

/** The way back of many runs; `digest` is over each run with the digest of its plan. */
export type ManyPlan = {
  readonly digest: string;
  readonly runs: readonly OneOfMany[];
  readonly left: readonly LeftOut[];
};

/** What was opened: the release of each run, and when it starts. */
export type OpenedRelease = { readonly run: string; readonly release: string; readonly startsAt: string };

const Batch = z.object({
  digest: z.string(),
  by: z.string(),
  at: z.string(),
  runs: z.array(z.object({ run: z.string(), digest: z.string() })),
});
type Batch = z.infer<typeof Batch>;

const wishOf = ({ by, reactivateCredentials }: ManyWish): ReleaseWish => ({
  requester: { kind: 'person', id: by },
  wants: 'enforce',
  reactivateCredentials,
});

/** Runs that hold something cut off, with the instant at which they last cut something. */
async function holding(deps: RunDeps): Promise<readonly (RunState & { readonly lastCut: string })[]> {
  const lastCut = new Map<string, string>();
  for (const { owners, since } of await held(deps))
    for (const owner of owners)
      lastCut.set(
        owner,
        [lastCut.get(owner) ?? '', since].reduce((a, b) => (a > b ? a : b)),
      );
  const runs = await sideBySide([...lastCut], atOnce, async ([id, at]) => {
    const run = await readRun(deps.records, id);
    return run && { ...run, lastCut: at };
  });
  return runs.flatMap((run) => run ?? []);
}

function fits({ order, lastCut }: RunState & { readonly lastCut: string }, filter: Filter): boolean {
  const { playbook, since, account } = filter;
  return (
    (playbook === undefined || order.playbook === playbook) &&
    (account === undefined || order.finding.account.toLowerCase() === account.toLowerCase()) &&
    (since === undefined || lastCut >= since || order.openedAt >= since)
  );
}

/** Why nothing of a plan would be taken back; nothing where something is. */
function idle({ steps }: Plan): Reason | undefined {
  const acts = steps.some(({ changes, reason }) => changes.length > 0 || reason === 'shared-containment');
  return acts ? undefined : steps[0]?.reason;
}

async function oneOf(
  deps: RunDeps,
  { order, status }: RunState,
  wish: ManyWish,
  signal: AbortSignal,
): Promise<OneOfMany | LeftOut> {
  const { id: run, playbook, target, finding } = order;
  const head = { run, playbook, account: finding.account, targetName: target.name };
  if (status !== 'ended') return { ...head, why: 'It is still under way: answer what it asks, or halt it.' };
  const plan = await previewRelease(deps, order.id, wishOf(wish), signal);
  const why = idle(plan);
  if (why !== undefined || plan.steps.length === 0) return { ...head, why: reasons[why ?? 'already-contained'] };
  return { ...head, plan };
}

/**
 * The way back of every run that fits and still holds something cut off. Nothing is opened. What is cut off is read from
 * a list that may lag by moments: what it does not show yet is not in this plan and is found when asked again; what it
 * still shows and is released already is left out, because each plan reads its containments one by one.
 */
export async function previewMany(
  deps: RunDeps,
  filter: Filter,
  wish: ManyWish,
  signal: AbortSignal,
): Promise<ManyPlan> {
  const meant = (await holding(deps))
    .filter((run) => fits(run, filter))
    .filter(({ order }) => wish.reaches({ account: order.finding.account, playbook: order.playbook }))
    .sort((a, b) => a.order.openedAt.localeCompare(b.order.openedAt) || a.order.id.localeCompare(b.order.id));
  const each = await sideBySide(meant, atOnce, (run) => oneOf(deps, run, wish, signal));
  const runs = each.flatMap((one) => ('plan' in one ? [one] : []));
  return {
    digest: digestOf(runs.map(({ run, plan }) => ({ run, plan: plan.digest }))),
    runs,
    left: each.flatMap((one) => ('why' in one ? [one] : [])),
  };
}

/** What was agreed to is written down before the first release is opened, so that asking again finds the same. */
async function agreed(
  deps: RunDeps,
  filter: Filter,
  wish: ManyWish,
  digest: string,
  signal: AbortSignal,
): Promise<Batch> {
  const { by, reactivateCredentials } = wish;
  const id = shortDigest({ releases: digest, by, reactivateCredentials });
  const known = await deps.records.read('bulk', id);
  if (known) return Batch.parse(known.body);
  const now = await previewMany(deps, filter, wish, signal);
  if (now.digest !== digest || now.runs.length === 0)
    throw new InvalidInput({
      code: 'other-plan',
      message: 'what would be taken back is not what was agreed to',
      remedy: `Look at the plan again: there are ${now.runs.length} runs in it now.`,
    });
  const runs = now.runs.map(({ run, plan }) => ({ run, digest: plan.digest }));
  const fresh: Batch = { digest, by, at: deps.clock.now(), runs };
  if (await deps.records.create({ kind: 'bulk', id, body: Json.parse(fresh) })) return fresh;
  return agreed(deps, filter, wish, digest, signal);
}

/**
 * Opens the releases of the runs of a plan that was agreed to: the first start now, the others minute by minute, by the
 * sweep. Each has its own plan, guards and, for credentials, its second person. The same wish with the same digest finds
 * the same releases, whatever has become of them meanwhile. Throws `InvalidInput` where the plan is another one by now.
 */
export async function releaseMany(
  deps: RunDeps & { readonly starter: Starter },
  filter: Filter,
  wish: ManyWish,
  digest: string,
  signal: AbortSignal,
): Promise<readonly OpenedRelease[]> {
  const { runs } = await agreed(deps, filter, wish, digest, signal);
  const now = deps.clock.now();
  const opened: OpenedRelease[] = [];
  for (const [at, { run, digest: agreedDigest }] of runs.entries()) {
    const startsAt = later(now, Math.floor(at / releasesPerMinute) * 60);
    const release = await openRelease(deps, run, { ...wishOf(wish), agreedDigest, dueAt: startsAt });
    opened.push({ run, release, startsAt: (await readRun(deps.records, release))?.dueAt ?? startsAt });
  }
  await Promise.all(opened.slice(0, releasesPerMinute).map(({ release }) => deps.starter.start(release)));
  return opened;
}
