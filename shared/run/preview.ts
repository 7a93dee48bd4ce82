import type { Plan } from '../model/plan.ts';
import type { Playbook } from '../model/playbook.ts';
import type { RunOrder } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import type { RunDeps } from './deps.ts';
import { type Occasion, orderFor } from './open.ts';
import { planContainment } from './plan.ts';

/** A plan that nobody has started: no run, no journal, nothing changed. */
export type Preview = { readonly order: RunOrder; readonly plan: Plan | 'target-gone' };

/** The exact plan a run would begin with now. */
export async function preview(
  deps: RunDeps,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  signal: AbortSignal,
): Promise<Preview> {
  const order = await orderFor(deps, playbook, occasion, target);
  return { order, plan: await planContainment(deps, { order, signal }) };
}
