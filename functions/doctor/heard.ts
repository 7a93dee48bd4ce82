import type { Settings } from '../../shared/config/settings.ts';
import { later } from '../../shared/model/duration.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { RunState } from '../../shared/model/run.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { Examined } from '../../shared/model/examined.ts';
import { linesOf } from './examined.ts';

/** So many days are looked through: runs are listed by the day on which they were opened. */
const days = 14;
const mostPerDay = 1_000;
const daySeconds = 86_400;

const { ok, warning } = linesOf('events');

/** A run and when it ended. */
export type Held = { readonly run: string; readonly at: string };

type Deps = { readonly records: Records; readonly clock: Clock; readonly settings: Settings };

/** The runs of the last days, the newest day first. */
async function* recent({ records, clock }: Pick<Deps, 'records' | 'clock'>): AsyncGenerator<RunState> {
  for (let back = 0; back < days; back += 1) {
    const day = later(clock.now(), -back * daySeconds).slice(0, 10);
    for (const { body } of await records.list('run', day, mostPerDay)) yield RunState.parse(body);
  }
}

/** When a finding of each provider last opened a run. */
async function lastHeard(deps: Deps): Promise<ReadonlyMap<string, string>> {
  const last = new Map<string, string>();
  for await (const { order } of recent(deps)) {
    const { provider } = order.finding;
    if ((last.get(provider) ?? '') < order.openedAt) last.set(provider, order.openedAt);
  }
  return last;
}

/** The last run that has changed something in an account: what shows that runs reach the writer there. */
export async function lastHeld(deps: Pick<Deps, 'records' | 'clock'>, account: string): Promise<Held | undefined> {
  for await (const { order, result, endedAt } of recent(deps))
    if (order.target.account === account && result && changed.includes(result.outcome) && endedAt !== null)
      return { run: order.id, at: endedAt };
  return undefined;
}

/** Outcomes that no run has without having changed something. */
const changed: readonly Outcome[] = ['contained', 'partly-contained', 'released', 'rolled-back'];

/** How a sample finding is asked for, by the source that every deployment of a cloud should hear. */
const samples = {
  guardduty:
    'aws guardduty create-sample-findings --detector-id <id> --finding-types UnauthorizedAccess:IAMUser/MaliciousIPCaller',
  defender: 'Defender for Cloud, Security alerts, Sample alerts',
} as const;

/** Sources whose events have not opened a run for long: a rule, an export or a right may be gone and nobody noticed. */
export async function examineHeard(deps: Deps): Promise<readonly Examined[]> {
  const { aws, azure } = deps.settings;
  const last = await lastHeard(deps);
  const expected = [
    ...(Object.keys(aws.accounts).length > 0 ? (['guardduty'] as const) : []),
    ...(azure.subscriptions.length > 0 ? (['defender'] as const) : []),
  ];
  const silent = expected.filter((provider) => !last.has(provider));
  return [
    ...[...last].sort().map(([provider, at]) => ok(`${provider}: the last finding that opened a run came at ${at}`)),
    ...silent.map((provider) =>
      warning(
        `${provider}: no finding has opened a run in ${days} days`,
        `Send a sample and see it planned: ${samples[provider]}.`,
      ),
    ),
  ];
}
