import { type Approval, rungsOf } from '../model/approval.ts';
import type { Containment } from '../model/containment.ts';
import { Json, shortDigest } from '../model/json.ts';
import type { Notice, NoticeStep } from '../model/notice.ts';
import type { Plan } from '../model/plan.ts';
import type { RunOrder, RunResult, StepResult } from '../model/run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Records } from '../ports/records.ts';
import { post } from '../records/outbox.ts';

type Deps = { readonly records: Records; readonly clock: Clock; readonly notifier: Notifier };

/** Puts a notice into the outbox, once for each channel it goes to. */
export async function tell(deps: Deps, notice: Notice): Promise<void> {
  const channels = deps.notifier.channelsFor(notice);
  await Promise.all(
    channels.map(({ name }) =>
      post(deps, { id: `${notice.id}:${name}`, to: `channel:${name}`, body: Json.parse(notice) }),
    ),
  );
}

/** What every notice about a run says of it. */
function aboutRun({ id, finding, target, playbook }: RunOrder) {
  const { provider, type, title, description, severity } = finding;
  const { type: kind, id: targetId, name, account, region } = target;
  return {
    severity,
    run: id,
    playbook,
    finding: { provider, id: finding.id, type, title, description },
    target: { type: kind, id: targetId, name, account, region },
  };
}

function stepsOf(plan: Plan | undefined, done: readonly StepResult[], asked?: string): NoticeStep[] {
  const results = new Map(done.map((one) => [one.id, one]));
  const known = (plan?.steps ?? []).map((step): NoticeStep => {
    const result = results.get(step.id);
    const waits = step.id === asked ? 'asked' : 'waiting';
    const { id, title, changes } = step;
    return {
      id,
      title,
      changes: changes.length,
      state: result?.outcome ?? waits,
      reason: result?.reason ?? step.reason,
    };
  });
  const named = new Set(known.map(({ id }) => id));
  const others = done.filter(({ id }) => !named.has(id));
  return [
    ...known,
    ...others.map(({ id, action, outcome, reason }) => ({ id, title: action, changes: 0, state: outcome, reason })),
  ];
}

const wayBack = ({ id, kind }: RunOrder, steps: readonly NoticeStep[]): string[] =>
  kind === 'containment' && steps.some(({ state }) => state === 'contained') ? [`cordon release ${id}`] : [];

/** A person is asked, for the first time or because those before have not answered. */
export function askNotice(
  order: RunOrder,
  plan: Plan,
  approval: Approval,
  rung: number,
  done: readonly StepResult[],
  at: string,
): Notice {
  const { id, step, digest, reason } = approval;
  const { asked, until } = rungsOf(approval)[rung] ?? { asked: approval.by, until: approval.deadline };
  const steps = stepsOf(plan, done, step);
  const planned = plan.steps.find((one) => one.id === step);
  return {
    id: shortDigest({ approval: id, rung }),
    kind: rung === 0 ? 'approval-asked' : 'approval-escalated',
    at,
    page: true,
    ...aboutRun(order),
    outcome: null,
    detail: planned?.detail ?? '',
    steps: steps.map((one) => (one.id === step ? { ...one, reason } : one)),
    asks: { approval: id, step, digest, to: [...asked], until, cautions: [...(planned?.cautions ?? [])] },
    commands: [
      `cordon approve ${id} --digest ${digest}`,
      `cordon reject ${id} --digest ${digest}`,
      ...wayBack(order, steps),
    ],
  };
}

const worrying: readonly RunResult['outcome'][] = ['not-contained', 'unverified', 'failed', 'partly-contained'];

/** A run is over. */
export function endNotice(order: RunOrder, plan: Plan | undefined, result: RunResult, at: string): Notice {
  const steps = stepsOf(plan, result.steps);
  return {
    id: shortDigest({ run: order.id, ended: true }),
    kind: 'run-ended',
    at,
    page: worrying.includes(result.outcome),
    ...aboutRun(order),
    outcome: result.outcome,
    detail: result.detail ?? '',
    steps,
    asks: null,
    commands: [...wayBack(order, steps), `cordon explain ${order.id}`],
  };
}

/** Something about a containment that stands: its review, its end, or that it does not hold. */
export function containmentNotice(
  kind: Extract<Notice['kind'], 'review-due' | 'containment-broken' | 'containment-answered'>,
  held: Containment,
  order: RunOrder | undefined,
  detail: string,
  { at, page, key }: { readonly at: string; readonly page: boolean; readonly key: Json },
): Notice {
  const about = order
    ? aboutRun(order)
    : {
        severity: 'Unknown' as const,
        run: held.owners[0] ?? null,
        playbook: held.playbook,
        finding: null,
        target: null,
      };
  return {
    id: shortDigest({ containment: held.id, kind, key }),
    kind,
    at,
    page,
    ...about,
    target: {
      type: about.target?.type ?? held.action,
      id: held.target,
      name: held.targetName,
      account: held.account,
      region: held.region,
    },
    outcome: null,
    detail,
    steps: [
      { id: held.action, title: held.action, changes: held.changes.length, state: 'contained', reason: 'allowed' },
    ],
    asks: null,
    commands: held.owners.flatMap((owner) => [`cordon explain ${owner}`, `cordon release ${owner}`]),
  };
}

/** A circuit breaker has opened: of an account, or of `all`. Said once for each opening. */
export const breakerNotice = (order: RunOrder, scope: string, why: string, at: string): Notice => ({
  id: shortDigest({ breaker: scope, run: order.id }),
  kind: 'breaker-opened',
  at,
  page: true,
  ...aboutRun(order),
  outcome: null,
  detail: `${scope === 'all' ? 'Everywhere' : `In ${scope}`} a person is asked before every change from now on: ${why}`,
  steps: [],
  asks: null,
  commands: ['cordon status', 'cordon contained', 'cordon inbox'],
});
