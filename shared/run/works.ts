import { loadAction } from '../action/catalogue.ts';
import { changesOf, verify } from '../action/change.ts';
import { later, secondsOf } from '../model/duration.ts';
import { CordonError, InvalidInput } from '../model/error.ts';
import { Json, shortDigest } from '../model/json.ts';
import { Decision, type Plan, type StepPlan } from '../model/plan.ts';
import { stepOfUse } from '../model/playbook.ts';
import { type Reason, reasonCodes } from '../model/reason.ts';
import { ask, readApproval } from '../records/approvals.ts';
import { containmentId, join, leave, leaveToOthers } from '../records/containments.ts';
import { lease } from '../records/leases.ts';
import * as z from 'zod';
import { type Contained, contain } from './contain.ts';
import type { RunDeps } from './deps.ts';
import { pinnedPlaybook, planContainment, planRelease } from './plan.ts';
import { readPlan } from './stored-plan.ts';
import { applyContext, planContext, resolved } from './step-context.ts';
import type { WorkContext, WorkTable } from './turn.ts';

/** A planned step, as small as the program needs it. */
export const Planned = z.object({
  id: z.string(),
  action: z.string(),
  changes: z.int(),
  decision: Decision,
  reason: z.enum(reasonCodes),
  detail: z.string(),
  onFailure: z.enum(['stop', 'continue']),
});
export type Planned = z.infer<typeof Planned>;

export type PlanAnswer = {
  readonly gone: boolean;
  readonly digest: string;
  /** Where the whole plan lies in the evidence store. */
  readonly plan: string;
  readonly steps: readonly Planned[];
};
export type StepOf = { readonly plan: string; readonly step: string };
export type Question = { readonly approval: string; readonly until: string };

/** What the program may ask for. */
export type Works = {
  readonly confirm: { readonly input: null; readonly answer: 'same' | 'different' | 'unknown' };
  readonly plan: { readonly input: { readonly attempt: number }; readonly answer: PlanAnswer };
  readonly contain: { readonly input: StepOf & { readonly approved: boolean }; readonly answer: Contained };
  readonly verify: { readonly input: StepOf; readonly answer: { readonly open: number; readonly proven: boolean } };
  /** False when the target is not contained any more. */
  readonly join: { readonly input: StepOf; readonly answer: boolean };
  /** False when the run turned out to be the last owner, who would have to take it back. */
  readonly leave: { readonly input: StepOf; readonly answer: boolean };
  readonly ask: { readonly input: StepOf & { readonly reason: Reason }; readonly answer: Question };
  readonly answer: { readonly input: { readonly approval: string }; readonly answer: 'approved' | 'rejected' | null };
};

const StepOf = z.object({ plan: z.string(), step: z.string() });
const asked = { within: '4h', by: ['approver'] } as const;

async function planned(deps: RunDeps, context: WorkContext): Promise<PlanAnswer> {
  const { order } = context;
  const plan = order.kind === 'release' ? await planRelease(deps, context) : await planContainment(deps, context);
  if (plan === 'target-gone') return { gone: true, digest: '', plan: '', steps: [] };
  const playbook = order.kind === 'containment' ? await pinnedPlaybook(deps, order) : undefined;
  return {
    gone: plan.steps.length > 0 && plan.steps.every(({ reason }) => reason === 'target-gone'),
    digest: plan.digest,
    plan: await deps.evidence.put(Json.parse(plan)),
    steps: plan.steps.map((step) => ({
      id: step.id,
      action: step.action,
      changes: step.changes.length,
      decision: step.decision,
      reason: step.reason,
      detail: step.detail ?? '',
      onFailure: playbook ? (stepOfUse(playbook, step.id)?.onFailure ?? 'stop') : 'continue',
    })),
  };
}

async function stepOf(deps: RunDeps, input: Json): Promise<{ readonly plan: Plan; readonly step: StepPlan }> {
  const wanted = StepOf.parse(input);
  const plan = await readPlan(deps, wanted.plan);
  const step = plan?.steps.find(({ id }) => id === wanted.step);
  if (plan && step) return { plan, step };
  throw new CordonError({
    code: 'plan-lost',
    message: `step ${wanted.step} of plan ${wanted.plan} is not in the store`,
  });
}

async function readerFor(deps: RunDeps, { action: id, account, region }: StepPlan, { order, signal }: WorkContext) {
  const { action } = await loadAction(deps.actions, id);
  const place = { cloud: action.cloud, account, region };
  return { action, reader: await deps.clouds.session({ ...place, rights: 'reader', runId: order.id, signal }) };
}

async function verified(deps: RunDeps, step: StepPlan, context: WorkContext): Promise<Works['verify']['answer']> {
  const { action, reader } = await readerFor(deps, step, context);
  const apply = applyContext(deps.clock, context, step.id);
  const changes = context.order.kind === 'release' ? step.changes : resolved(step.changes, apply);
  const { open, proven } = await verify(action, reader, step.input, changes, apply);
  return { open: open.length, proven: context.order.kind === 'release' ? open.length === 0 : proven };
}

/** Joins what is contained already, unless a release has taken it back since the plan was made. */
async function joined(deps: RunDeps, step: StepPlan, context: WorkContext): Promise<boolean> {
  const id = containmentId(step);
  const { free } = await lease(deps, id, context.order.id);
  try {
    const { action, reader } = await readerFor(deps, step, context);
    const names = planContext(deps.clock, context);
    const seen = await action.capture(reader, step.input, names);
    if (changesOf(action, step.input, seen, action.plan(step.input, seen, names)).length > 0) return false;
    await join(deps, id, context.order.id);
    return true;
  } finally {
    await free();
  }
}

/** A release lets go: of what it has taken back, of what stays as evidence, or of what others still hold. */
async function left(deps: RunDeps, step: StepPlan, { order }: WorkContext): Promise<boolean> {
  if (order.kind !== 'release')
    throw new InvalidInput({ code: 'not-a-release', message: 'only a release ends a containment' });
  const id = containmentId(step);
  if (step.reason === 'shared-containment') return leaveToOthers(deps, id, order.releases);
  await leave(deps, id, order.releases);
  return true;
}

async function question(deps: RunDeps, input: Json, context: WorkContext): Promise<Question> {
  const { reason } = z.object({ reason: z.enum(reasonCodes) }).parse(input);
  const { plan, step } = await stepOf(deps, input);
  const { order } = context;
  const approve =
    order.kind === 'containment' ? stepOfUse(await pinnedPlaybook(deps, order), step.id)?.approve : undefined;
  const { by, within } = approve ?? asked;
  const id = shortDigest({ run: order.id, step: step.id, plan: plan.digest });
  const askedAt = deps.clock.now();
  const fresh = {
    id,
    run: order.id,
    step: step.id,
    digest: plan.digest,
    reason,
    by: [...by],
    requester: order.requester.id,
    askedAt,
    deadline: later(askedAt, secondsOf(within)),
    answer: null,
  };
  await ask(deps, fresh);
  return { approval: id, until: (await readApproval(deps, id))?.deadline ?? fresh.deadline };
}

async function answered(deps: RunDeps, input: Json): Promise<Works['answer']['answer']> {
  const { approval } = z.object({ approval: z.string() }).parse(input);
  return (await readApproval(deps, approval))?.answer?.verdict ?? null;
}

async function confirmed({ clouds }: RunDeps, { order, signal }: WorkContext): Promise<Works['confirm']['answer']> {
  const { finding, requester, id: runId } = order;
  // a target that a person named stands for itself; an event cannot bring such a finding
  if (finding.provider === 'person') return requester.kind === 'person' ? 'same' : 'unknown';
  const place = { cloud: finding.cloud, account: finding.account, region: finding.region };
  const session = await clouds.session({ ...place, rights: 'reader', runId, signal });
  return clouds.confirm(session, finding);
}

const approvedIn = (input: Json): boolean => z.object({ approved: z.boolean() }).parse(input).approved;

/** The table of effects. Each is safe to repeat: it looks before it acts, and its writes are conditional. */
export const worksOf = (deps: RunDeps): WorkTable & { readonly [W in keyof Works]: WorkTable[string] } => ({
  confirm: (_, context) => confirmed(deps, context),
  plan: async (_, context) => Json.parse(await planned(deps, context)),
  contain: async (input, context) => {
    const { step } = await stepOf(deps, input);
    return Json.parse(await contain(deps, step, approvedIn(input), context));
  },
  verify: async (input, context) => verified(deps, (await stepOf(deps, input)).step, context),
  join: async (input, context) => joined(deps, (await stepOf(deps, input)).step, context),
  leave: async (input, context) => left(deps, (await stepOf(deps, input)).step, context),
  ask: async (input, context) => question(deps, input, context),
  answer: (input) => answered(deps, input),
});
