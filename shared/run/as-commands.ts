import { loadAction } from '../action/catalogue.ts';
import type { Command, StepCommands } from '../model/command.ts';
import { AwsAccountId } from '../model/identifiers.ts';
import type { Plan, StepPlan } from '../model/plan.ts';
import { reasons } from '../model/reason.ts';
import type { RunOrder } from '../model/run.ts';
import type { RunDeps } from './deps.ts';
import { applyContext, resolved } from './step-context.ts';

type Deps = Pick<RunDeps, 'actions' | 'clock' | 'clouds'>;
type Of = { readonly order: Pick<RunOrder, 'id' | 'openedAt' | 'kind'>; readonly signal: AbortSignal };

const whyNot = ({ decision, reason, changes }: StepPlan): string | undefined => {
  if (decision === 'deny') return reasons[reason];
  if (changes.length > 0) return undefined;
  return decision === 'ask' ? reasons[reason] : 'Nothing is left to change.';
};

/** By the account: a step that came down to no action has none that would tell. */
const cloudOf = (account: string): 'aws' | 'azure' => (AwsAccountId.safeParse(account).success ? 'aws' : 'azure');

async function stepCommands(deps: Deps, step: StepPlan, of: Of): Promise<StepCommands> {
  const { account, region, id, title } = step;
  const head = { step: id, title, cloud: cloudOf(account), account, region };
  const without = whyNot(step);
  if (without !== undefined) return { ...head, commands: [], without };
  const { action } = await loadAction(deps.actions, step.action);
  const commands: Command[] = [];
  const note = (command: Command): void => void commands.push(command);
  const { order, signal } = of;
  const session = await deps.clouds.rehearse({ cloud: action.cloud, account, region, runId: order.id, signal }, note);
  const context = {
    ...applyContext(deps.clock, of, id),
    wait: async (seconds: number) => note({ kind: 'wait', seconds }),
  };
  // a release's plan names what was found; a containment's has names for what is only known now
  for (const change of order.kind === 'release' ? step.changes : resolved(step.changes, context))
    await action.apply(session, change, context);
  return { ...head, commands };
}

/** The calls that a plan would make, as commands, in its order. Nothing is changed: each action is rehearsed. */
export async function commandsOf(deps: Deps, plan: Plan, of: Of): Promise<readonly StepCommands[]> {
  const all: StepCommands[] = [];
  for (const step of plan.steps) all.push(await stepCommands(deps, step, of));
  return all;
}
