import { asTyped } from '../../../shared/cli/show-inbox.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { outcomeText, resultLines } from '../../../shared/cli/show-run.ts';
import { bold, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { stageMode } from '../../../shared/config/settings.ts';
import { ensure } from '../../../shared/guard/rights.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import { nearest } from '../../../shared/model/nearest.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { openQuestions } from '../../../shared/run/inbox.ts';
import { type Canary, canaryNamed, checkCanary } from '../canary.ts';
import type { Desk } from '../desk.ts';
import { type Drill, type DrillReport, drillOf, drillOfAction, planDrill, runDrill } from '../drill.ts';
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

async function playbookFor(desk: Desk, options: Drilling, canary: Canary): Promise<Playbook> {
  const { playbook: id, action } = options;
  if ((id === undefined) === (action === undefined))
    throw wrong('bad-drill', 'it is not clear what is drilled', 'Give one of --playbook and --action.');
  if (action !== undefined) return drillOfAction(desk.deps, action, canary.target, inputsOf(options.with));
  const playbooks = await desk.playbooks();
  const found = playbooks.find((one) => one.id === id);
  if (found) return drillOf(found, canary);
  const known = playbooks.map((one) => one.id);
  throw wrong('no-such-playbook', `there is no playbook ${id ?? ''}`, nearest(id ?? '', known));
}

function* reportLines({ stages, refused, restored, waitsFor }: DrillReport, commands: readonly string[]) {
  for (const { name, run, seconds } of stages) {
    const { result } = run;
    yield `${bold(name)} ${result ? outcomeText(result.outcome) : yellow(run.status)}  ${dim(`${seconds} s, run ${run.order.id}`)}`;
    if (result) yield* resultLines(result).map((line) => `  ${line}`);
  }
  yield '';
  for (const call of refused) yield `${red('✗')} a right is missing: ${inert(call)}`;
  if (waitsFor !== undefined) {
    yield `${yellow('!')} run ${waitsFor} waits for a person; the canary is as it was once that is answered`;
    yield* commands.map((command) => `  answer with: ${command}`);
  } else if (restored) yield `${green('✓')} the canary is as it was`;
  else yield `${red('✗')} the canary is not as it was: see \`cordon contained\` and \`cordon explain\``;
}

const codeFor = ({ stages, restored, waitsFor }: DrillReport): ExitCode => {
  if (waitsFor !== undefined) return exit.stopped;
  const outcomes = stages.map(({ run }) => run.result?.outcome);
  return restored && outcomes[0] === 'contained' && outcomes[1] === 'released' ? exit.done : exit.failed;
};

/** Contains and releases a canary, to see that it can be done before it has to be; without --enforce it shows the plan. */
export async function drill(desk: Desk, options: Drilling): Promise<ExitCode> {
  const { json, enforce, as } = options;
  const { id: person, caller, deps } = personAt(desk, as);
  const named = canaryNamed(options.target, options);
  const canary = await checkCanary(deps, named);
  const { target } = canary;
  const playbook = await playbookFor(desk, options, canary);
  ensure(caller, 'run', { playbook: options.playbook ?? playbook.id, account: target.account });
  const carry: Drill['carry'] = async (runId) => {
    const [state] = await carried(desk, [runId]);
    if (state) return state;
    throw new TypeError(`there is no run ${runId}`);
  };
  const one: Drill = { deps, playbook, target, person, carry };
  const plan = await planDrill(one);
  if (!enforce || stageMode(desk.settings) !== 'enforce') {
    const why = enforce ? `Stage ${desk.settings.stage} changes nothing.` : 'Do it with --enforce.';
    print(json, plan, () => [...planLines(plan), '', dim(`Nothing was changed. ${why}`)]);
    return enforce ? exit.stopped : exit.done;
  }
  const report = await runDrill(one, plan);
  const waiting = await openQuestions(deps, ({ run }) => run === report.waitsFor);
  const commands = waiting.map(({ commands: [approve = ''] }) => `${asTyped(approve)} --as <another person>`);
  print(json, report, () => [...reportLines(report, commands)]);
  return codeFor(report);
}
