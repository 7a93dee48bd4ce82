import type { Action, Change } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { inverse } from '../action/change.ts';
import type { Verdict } from '../guard/decide.ts';
import type { Containment } from '../model/containment.ts';
import type { Plan, StepPlan } from '../model/plan.ts';
import { isGenuine } from '../records/containments.ts';
import { killed } from '../records/switches.ts';
import type { RunDeps } from './deps.ts';
import { type Of, sealed } from './plan.ts';
import { containmentsOf } from './stored-plan.ts';

/** What a release may not do by itself. `allowed` alone takes the changes back; the other allowances only let go. */
function releaseVerdict(
  action: Action,
  { owners: { length: owners }, changes }: Pick<Containment, 'owners' | 'changes'>,
  killSwitch: boolean,
  reactivate: boolean,
): Verdict {
  if (killSwitch) return { decision: 'deny', reason: 'kill-switch' };
  if (owners > 1) return { decision: 'allow', reason: 'shared-containment' };
  if (action.keeps) return { decision: 'allow', reason: 'kept-as-evidence', detail: action.keeps };
  if (action.irreversible) return { decision: 'deny', reason: 'irreversible-action', detail: action.irreversible };
  const why = changes.map((change) => action.final(change));
  if (why.length > 0 && !why.includes(undefined))
    return { decision: 'deny', reason: 'irreversible-action', detail: [...new Set(why)].join('; ') };
  if (action.restores === 'credentials') return { decision: reactivate ? 'ask' : 'deny', reason: 'credentials-return' };
  return { decision: 'allow', reason: 'allowed' };
}

const stepIdOf = ({ id, action }: Containment): string => `${action.split('.').at(-1)}-${id.slice(0, 6)}`;

/** What somebody else has written into the store is told and left alone; the other containments are taken back. */
const refused = (containment: Containment): StepPlan => ({
  id: stepIdOf(containment),
  action: containment.action,
  actionHash: '',
  title: `Take back: ${containment.action}`,
  input: containment.input,
  account: containment.account,
  region: containment.region,
  changes: [],
  cautions: [],
  decision: 'deny',
  reason: 'record-altered',
});

/** The way back of one run: its open containments with their changes exchanged, the last one first. */
export async function planRelease(deps: RunDeps, of: Of): Promise<Plan> {
  if (of.order.kind !== 'release') throw new TypeError('not a release');
  const { releases, reactivateCredentials, only } = of.order;
  const [mine, killSwitch] = await Promise.all([
    containmentsOf(deps, releases),
    killed(deps.records, of.order.playbook, of.order.id),
  ]);
  const wanted = mine.filter(({ id }) => only === undefined || id === only);
  const steps = [...wanted].reverse().map(async (containment: Containment): Promise<StepPlan> => {
    if (!(await isGenuine(deps.signer, containment))) return refused(containment);
    const { action, hash } = await loadAction(deps.actions, containment.action);
    const final = containment.changes.flatMap((change) => action.final(change) ?? []);
    const back: readonly Change[] = inverse(containment.changes.filter((change) => action.final(change) === undefined));
    const verdict = releaseVerdict(action, containment, killSwitch, reactivateCredentials);
    const stays =
      (verdict.decision === 'deny' && verdict.reason !== 'kill-switch') ||
      verdict.reason === 'shared-containment' ||
      verdict.reason === 'kept-as-evidence';
    return {
      id: stepIdOf(containment),
      action: action.id,
      actionHash: hash,
      title: `Take back: ${action.title}`,
      input: containment.input,
      account: containment.account,
      region: containment.region,
      changes: stays ? [] : [...back],
      cautions: final.map((why) => `Not taken back: ${why}`),
      ...verdict,
    };
  });
  return sealed(of, await Promise.all(steps));
}
