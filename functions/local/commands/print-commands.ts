import { commandLines } from '../../../shared/cli/as-commands.ts';
import type { StepCommands } from '../../../shared/model/command.ts';
import type { Plan } from '../../../shared/model/plan.ts';
import type { RunOrder } from '../../../shared/model/run.ts';
import { commandsOf } from '../../../shared/run/as-commands.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';

type Told = { readonly order: Pick<RunOrder, 'id' | 'openedAt' | 'kind'>; readonly plan: Plan };

/** Prints plans as lines for a shell; with --json as data. */
export async function printCommands(desk: Desk, told: readonly Told[], json: boolean): Promise<ExitCode> {
  const steps: StepCommands[] = [];
  for (const { order, plan } of told)
    steps.push(...(await commandsOf(desk.deps, plan, { order, signal: AbortSignal.timeout(60_000) })));
  print(json, steps, () => commandLines(steps));
  return exit.done;
}
