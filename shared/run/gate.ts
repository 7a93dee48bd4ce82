import type { Action, Change } from '../action/action.ts';
import type { StepPlan } from '../model/plan.ts';
import type { Reason } from '../model/reason.ts';
import { ownerOf } from '../model/run.ts';
import { containmentId, ownedByOnly, readContainment } from '../records/containments.ts';
import { killed } from '../records/switches.ts';
import { askAgain } from './ask-again.ts';
import type { RunDeps } from './deps.ts';
import type { WorkContext } from './turn.ts';

/** How a step ended up: made, found changed by others, or stopped by a guardrail. */
export type Contained = {
  readonly result: 'done' | 'drifted' | 'stopped';
  readonly reason: Reason;
  readonly detail: string;
  readonly moved: readonly Change[];
  readonly settlesAt: string;
};

/** A step before its change. */
export type Gate = {
  readonly deps: RunDeps;
  readonly context: WorkContext;
  readonly step: StepPlan;
  readonly action: Action;
};

/** A step that ends without a change. */
export const without = ({ deps }: Gate, result: 'drifted' | 'stopped', reason: Reason, detail = ''): Contained => ({
  result,
  reason,
  detail,
  moved: [],
  settlesAt: deps.clock.now(),
});

/** A release takes back what its run alone holds; whoever has joined or let go meanwhile wants a new plan. */
async function sharedMeanwhile(gate: Gate): Promise<Contained | undefined> {
  const { deps, context, step } = gate;
  if (context.order.kind !== 'release') return undefined;
  const held = await readContainment(deps, containmentId(step));
  return ownedByOnly(held, context.order.releases) ? undefined : without(gate, 'drifted', 'shared-containment');
}

/** What the watch wants contained again stays released where its owner has let go of it meanwhile. */
async function releasedMeanwhile(gate: Gate): Promise<Contained | undefined> {
  const { deps, context, step } = gate;
  if (context.order.kind !== 'containment' || !context.order.again?.same) return undefined;
  const held = await readContainment(deps, containmentId(step));
  const stands = held?.status === 'held' && held.owners.includes(ownerOf(context.order));
  return stands
    ? undefined
    : without(gate, 'stopped', 'on-hold', 'It was released before it could be contained again.');
}

/** Whether anything came up since the plan that forbids the change, and the fleets that its target is of. */
export async function forbidden(
  gate: Gate,
  approved: boolean,
): Promise<{ stopped?: Contained; fleets: readonly string[] }> {
  const { deps, context, step, action } = gate;
  if (context.order.kind === 'release') {
    const [off, shared] = await Promise.all([
      killed(deps.records, context.order.playbook, context.order.id),
      sharedMeanwhile(gate),
    ]);
    const stopped = off ? without(gate, 'stopped', 'kill-switch') : shared;
    return { fleets: [], ...(stopped && { stopped }) };
  }
  const [{ decision, reason, detail, fleets }, released] = await Promise.all([
    askAgain(deps, context, step, action),
    releasedMeanwhile(gate),
  ]);
  if (released) return { stopped: released, fleets };
  if (decision === 'deny') return { stopped: without(gate, 'stopped', reason, detail), fleets };
  // a new plan asks the person that this one did not have to ask
  return decision === 'ask' && !approved ? { stopped: without(gate, 'drifted', reason, detail), fleets } : { fleets };
}
