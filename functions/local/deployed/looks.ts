import { containedLines, holdLines } from '../../../shared/cli/show-contained.ts';
import { statusLines } from '../../../shared/cli/show-status.ts';
import { dim, green } from '../../../shared/cli/style.ts';
import { journalLines, runRows } from '../commands/runs.ts';
import type { Deployment } from '../deployment.ts';
import { type ExitCode, exit, print } from '../output.ts';
import type { Common } from '../person.ts';
import { Contained, Lifted, OneRun, OnHold, Runs, StatusNow } from './answers.ts';

/** How things stand in a deployment. */
export async function status(deployment: Deployment, { json }: Common): Promise<ExitCode> {
  const now = await deployment.ask(StatusNow, { path: '/status' });
  print(json, now, () => [dim(deployment.url), ...statusLines(now)]);
  return exit.done;
}

/** What a deployment has cut off. */
export async function contained(deployment: Deployment, { json }: Common): Promise<ExitCode> {
  const { containments } = await deployment.ask(Contained, { path: '/containments' });
  print(json, containments, () => containedLines(containments));
  return exit.done;
}

/** What was released in a deployment and is not contained again by the same finding. */
export async function holds(deployment: Deployment, { json }: Common): Promise<ExitCode> {
  const { holds: all } = await deployment.ask(OnHold, { path: '/holds' });
  print(json, all, () => holdLines(all));
  return exit.done;
}

/** Lets the finding of a released run count again. */
export async function unhold(deployment: Deployment, runId: string, { json }: Common): Promise<ExitCode> {
  const said = await deployment.ask(Lifted, { method: 'DELETE', path: `/holds/${encodeURIComponent(runId)}` });
  const none = dim('nothing was on hold for this run');
  print(json, said, () => [
    said.lifted === 0 ? none : `${green('lifted')} ${said.lifted} of run ${said.run}: its finding counts again`,
  ]);
  return exit.done;
}

/** The runs of a day in a deployment, or one with its journal. */
export async function runs(
  deployment: Deployment,
  runId: string | undefined,
  { json, day }: Common & { readonly day?: string },
): Promise<ExitCode> {
  if (runId !== undefined) {
    const run = await deployment.ask(OneRun, { path: `/runs/${encodeURIComponent(runId)}` });
    print(json, run, () => journalLines(run, run.journal));
    return exit.done;
  }
  const query = day === undefined ? '' : `?day=${encodeURIComponent(day)}`;
  const { runs: all } = await deployment.ask(Runs, { path: `/runs${query}` });
  print(json, all, () => runRows(all));
  return exit.done;
}
