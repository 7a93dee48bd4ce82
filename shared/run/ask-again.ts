import type { Action } from '../action/action.ts';
import { decide, type Verdict } from '../guard/decide.ts';
import type { StepPlan } from '../model/plan.ts';
import { stepOfUse } from '../model/playbook.ts';
import { reserveBudget } from '../records/budgets.ts';
import type { RunDeps } from './deps.ts';
import { brakesFor, cutOffNow, mostOf, questionOf, scopesOf } from './guarding.ts';
import { inspectTarget, type Of, pinnedPlaybook } from './plan.ts';

/**
 * Asks the guardrails once more, right before a change, because plans are read and approved slowly: with the brakes and
 * the facts of the target as they are now. Here the budget is taken, not only looked at.
 */
export async function askAgain(
  deps: RunDeps,
  of: Of,
  step: StepPlan,
  action: Action,
): Promise<Verdict & { readonly fleets: readonly string[] }> {
  const { order } = of;
  const pinned = pinnedPlaybook(deps, order);
  const cutOff = cutOffNow(deps, order);
  const [brakes, playbook, target, spent] = await Promise.all([
    brakesFor(deps, order),
    pinned,
    inspectTarget(deps, of),
    pinned.then((one) => reserveBudget(deps, order.id, scopesOf(order), mostOf(deps, one))),
  ]);
  if (brakes.killSwitch) return { decision: 'deny', reason: 'kill-switch', fleets: [] };
  if (!target) return { decision: 'deny', reason: 'target-gone', fleets: [] };
  const agreed = order.kind === 'containment' && order.again?.same === true;
  const approve = agreed ? undefined : stepOfUse(playbook, step.id)?.step.approve;
  const { input, account } = step;
  const about = { playbook, action, input, account, target, spent, brakes, cutOff, step: { id: step.id, approve } };
  const question = await questionOf(deps, of, about);
  return { ...decide(question), fleets: question.fleets.map(({ id }) => id) };
}
