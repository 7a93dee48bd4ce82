import { planLines } from '../../../shared/cli/show-plan.ts';
import { dim, inert } from '../../../shared/cli/style.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { codeFor, type Drilling, reportLines, wishOf } from '../commands/drill.ts';
import type { Deployment } from '../deployment.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { Drilled, DrillRun, Runs, WayBack } from './answers.ts';

const everySeconds = 3;
/** So long a drill is waited for; the runs go on without whoever waits. */
const mostSeconds = 900;

type Opened = { readonly contain: string; readonly release?: string };

/** What a drill has shown, once its last run has ended, waits for somebody, or has taken too long. */
async function settled(deployment: Deployment, { contain, release }: Opened, clock: Pick<Clock, 'sleep'>) {
  const query = release === undefined ? '' : `?release=${encodeURIComponent(release)}`;
  const path = `/drills/${encodeURIComponent(contain)}${query}`;
  for (let waited = 0; ; waited += everySeconds) {
    const report = await deployment.ask(Drilled, { path });
    const last = report.stages.at(-1)?.run;
    if (last?.status === 'ended' || last?.waitsFor !== null || waited >= mostSeconds) return report;
    await clock.sleep(everySeconds, AbortSignal.timeout(60_000));
  }
}

/** Asks for the release of what a drill has done; undefined where it has done nothing. */
async function takenBack(deployment: Deployment, contain: string): Promise<string | undefined> {
  const route = { method: 'POST', path: `/runs/${encodeURIComponent(contain)}/release` } as const;
  const back = { reactivateCredentials: true };
  const { plan } = await deployment.ask(WayBack, { ...route, body: back });
  if (plan.steps.every(({ changes }) => changes.length === 0)) return undefined;
  const body = { ...back, mode: 'enforce', digest: plan.digest };
  const { runs } = await deployment.ask(Runs, { ...route, body });
  return runs[0]?.id;
}

/** Has a deployment contain a canary and take it back, by its own road; without --enforce it shows the plan. */
export async function drill(
  deployment: Deployment,
  options: Drilling,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<ExitCode> {
  const { json, enforce } = options;
  const wish = wishOf(options);
  const route = { method: 'POST', path: '/drills' } as const;
  const { plan } = await deployment.ask(WayBack, { ...route, body: wish });
  if (!enforce) {
    print(json, plan, () => [...planLines(plan), '', dim('Nothing was changed. Do it with --enforce.')]);
    return exit.done;
  }
  const body = { ...wish, mode: 'enforce', digest: plan.digest };
  const { run: contain } = await deployment.ask(DrillRun, { ...route, body });
  const first = await settled(deployment, { contain }, clock);
  const over = first.waitsFor === null;
  const release = over ? await takenBack(deployment, contain) : undefined;
  const report = release === undefined ? first : await settled(deployment, { contain, release }, clock);
  const answer = report.waitsFor === null ? [] : [`cordon inbox  ${inert(`(run ${report.waitsFor})`)}`];
  print(json, report, () => [...reportLines(report, answer)]);
  return codeFor(report);
}
