import { asTyped } from '../../../shared/cli/show-inbox.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { outcomeText, resultLines } from '../../../shared/cli/show-run.ts';
import { bold, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { stageMode } from '../../../shared/config/settings.ts';
import { ensure } from '../../../shared/guard/rights.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import type { RunState } from '../../../shared/model/run.ts';
import { type DrillReport, type DrillWish, drillFor, planDrill, runDrill } from '../../../shared/run/drill.ts';
import { openQuestions } from '../../../shared/run/inbox.ts';
import type { Desk } from '../desk.ts';
import { carried } from '../finish.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type Common, personAt } from '../person.ts';

export type Drilling = Common & {
  readonly playbook?: string;
  readonly action?: string;
  readonly target: string;
  readonly account?: string;
  readonly region?: string;
  readonly with?: readonly string[];
  readonly enforce: boolean;
  readonly as?: string;
};

const wrong = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

function inputsOf(pairs: readonly string[] = []): JsonObject {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw wrong('bad-drill', `--with ${pair} is no name=value`, 'Write --with port=22.');
      const value = pair.slice(at + 1);
      return [pair.slice(0, at), /^\d+$/.test(value) ? Number(value) : value];
    }),
  );
}

/** What the options ask for. */
export const wishOf = ({ playbook, action, target, account, region, with: given }: Drilling): DrillWish => ({
  ...{ target, with: inputsOf(given) },
  ...(playbook !== undefined && { playbook }),
  ...(action !== undefined && { action }),
  ...(account !== undefined && { account }),
  ...(region !== undefined && { region }),
});

/** What a drill has shown, for people. */
export function* reportLines({ stages, refused, restored, waitsFor }: DrillReport, commands: readonly string[]) {
  for (const { name, run, seconds } of stages) {
    const { result } = run;
    yield `${bold(name)} ${result ? outcomeText(result.outcome) : yellow(run.status)}  ${dim(`${seconds} s, run ${run.order.id}`)}`;
    if (result) yield* resultLines(result).map((line) => `  ${line}`);
  }
  yield '';
  for (const call of refused) yield `${red('✗')} a right is missing: ${inert(call)}`;
  if (waitsFor !== null) {
    yield `${yellow('!')} run ${waitsFor} waits for a person; the canary is as it was once that is answered`;
    yield* commands.map((command) => `  answer with: ${command}`);
  } else if (restored) yield `${green('✓')} the canary is as it was`;
  else yield `${red('✗')} the canary is not as it was: see \`cordon contained\` and \`cordon explain\``;
}

/** 0 where all was contained and taken back. */
export const codeFor = ({ stages, restored, waitsFor }: DrillReport): ExitCode => {
  if (waitsFor !== null) return exit.stopped;
  const outcomes = stages.map(({ run }) => run.result?.outcome);
  return restored && outcomes[0] === 'contained' && outcomes[1] === 'released' ? exit.done : exit.failed;
};

/** Contains and releases a canary, to see that it can be done before it has to be; without --enforce it shows the plan. */
export async function drill(desk: Desk, options: Drilling): Promise<ExitCode> {
  const { json, enforce, as } = options;
  const { id: person, caller, deps } = personAt(desk, as);
  const signal = AbortSignal.timeout(600_000);
  const playbooks = options.playbook === undefined ? [] : await desk.playbooks();
  const one = await drillFor(deps, playbooks, wishOf(options), person, signal);
  ensure(caller, 'run', { playbook: options.playbook ?? one.playbook.id, account: one.target.account });
  const carry = async (runId: string): Promise<RunState> => {
    const [state] = await carried(desk, [runId]);
    if (state) return state;
    throw new TypeError(`there is no run ${runId}`);
  };
  const plan = await planDrill(deps, one, signal);
  if (!enforce || stageMode(desk.settings) !== 'enforce') {
    const why = enforce ? `Stage ${desk.settings.stage} changes nothing.` : 'Do it with --enforce.';
    print(json, plan, () => [...planLines(plan), '', dim(`Nothing was changed. ${why}`)]);
    return enforce ? exit.stopped : exit.done;
  }
  const report = await runDrill(deps, one, plan, carry, signal);
  const waiting = await openQuestions(deps, ({ run }) => run === report.waitsFor);
  const commands = waiting.map(({ commands: [approve = ''] }) => `${asTyped(approve)} --as <another person>`);
  print(json, report, () => [...reportLines(report, commands)]);
  return codeFor(report);
}
