import { playbookSet } from '../../playbook/playbook-set.ts';
import { preview } from '../../run/preview.ts';
import { type Api, type ApiDeps, bodyOf } from '../context.ts';
import { ensure } from '../../guard/rights.ts';
import { granted, PlanWish } from '../wish.ts';

/** Plans that nobody starts: no run, no journal, nothing changed. */
export function planRoutes(api: Api, deps: ApiDeps): void {
  api.post('/plans', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'plan');
    const { playbook, occasion, targets } = await granted(deps, caller, 'plan', await bodyOf(context, PlanWish));
    const { finding, event } = occasion;
    const signal = deps.deadline();
    const asked = { ...occasion, wants: 'enforce' } as const; // shows the mode that a run could have
    const plans = targets.map(async (target) => {
      const { order, plan } = await preview(deps, playbook, asked, target, signal);
      return {
        target: target.id,
        mode: order.mode,
        modeReason: order.modeReason,
        matches: playbookSet([playbook]).matching(finding, event).length === 1,
        plan: plan === 'target-gone' ? null : plan,
      };
    });
    return context.json({ plans: await Promise.all(plans) });
  });
}
