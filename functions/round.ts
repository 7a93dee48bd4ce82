import { later } from '../shared/model/duration.ts';
import type { Playbook } from '../shared/model/playbook.ts';
import type { ActiveFindings } from '../shared/ports/active-findings.ts';
import type { Anchor } from '../shared/ports/anchor.ts';
import type { Metrics } from '../shared/ports/metrics.ts';
import type { Starter } from '../shared/ports/starter.ts';
import { anchorHeads } from '../shared/records/anchors.ts';
import { gauges } from '../shared/report/gauges.ts';
import { measure } from '../shared/report/metrics.ts';
import { reconcileMetrics } from '../shared/report/reconcile-metrics.ts';
import { attend } from '../shared/run/attend.ts';
import { checkAccounts } from '../shared/run/check-account.ts';
import type { RunDeps } from '../shared/run/deps.ts';
import { reconcile } from '../shared/run/reconcile.ts';
import { sweep } from '../shared/run/sweep.ts';
import { forHost, log } from './log.ts';
import { tellAll } from './tell.ts';

export type RoundDeps = RunDeps & {
  readonly starter: Starter;
  /** Where the heads of the journals are kept outside the records; nowhere when left out. */
  readonly anchor?: Anchor;
  /** Where is measured how things stand; nowhere when left out. */
  readonly metrics?: Metrics;
  /** What the providers hold as active, to be compared with what arrived; not compared when left out. */
  readonly active?: ActiveFindings;
  /** The region of AWS that Cordon is at home in. */
  readonly homeRegion?: string;
  /** Whose budgets are measured. */
  readonly playbooks?: readonly Playbook[];
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

/** When the journals were last anchored; where they never were, since when that is so. Null where there is no anchor. */
async function anchoredAt({ records, clock, anchor }: RoundDeps): Promise<string | null> {
  if (!anchor) return null;
  const last = (await records.read('round', 'anchor')) ?? (await records.read('round', 'not-anchored'));
  if (last) return String(last.body);
  const now = clock.now();
  await records.create({ kind: 'round', id: 'not-anchored', body: now });
  return now;
}

/** Measures how things stand. */
async function measureAll(deps: RoundDeps): Promise<void> {
  await deps.metrics?.put(await gauges(deps, await anchoredAt(deps)));
}

/** Compares what the providers hold with what arrived, and measures that and the accounts of the days. */
async function reconcileAll(deps: RoundDeps, signal: AbortSignal): Promise<void> {
  const { active, homeRegion = '', metrics, records, clock, settings } = deps;
  if (!active) return;
  const looked = await reconcile({ ...deps, active, homeRegion }, signal);
  for (const { cloud, account, problems } of looked)
    if (problems.length > 0) log('warn', 'the findings of an account were not compared', { cloud, account, problems });
  if (settings.aws.regions.length === 0 && looked.some(({ cloud }) => cloud === 'aws'))
    log('warn', 'findings are compared in one Region alone: name all in use under aws.regions', { homeRegion });
  await metrics?.put(reconcileMetrics(looked));
  await hourly(deps, 'account', async () => {
    const accounts = await checkAccounts({ records, clock });
    const lacking = [...accounts].filter(([, { runs }]) => runs.unaccounted > 0);
    for (const [day, { runs }] of lacking) log('error', 'runs are not in the records', { day, ...runs });
    await metrics?.put([
      measure(
        'RunsUnaccounted',
        lacking.reduce((sum, [, { runs }]) => sum + runs.unaccounted, 0),
      ),
    ]);
  });
}

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
    deps.metrics ? measureAll(deps) : undefined,
    reconcileAll(deps, signal),
  ] as const;
  await Promise.allSettled(parts);
  try {
    const [{ started }, { attended }] = await Promise.all(parts);
    return { started, attended };
  } catch (thrown) {
    throw forHost(thrown);
  }
}
