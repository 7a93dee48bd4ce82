import type { State } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { changesOf, verify } from '../action/change.ts';
import { later } from '../model/duration.ts';
import { CordonError, InvalidInput } from '../model/error.ts';
import { Json, same } from '../model/json.ts';
import type { Plan, StepPlan } from '../model/plan.ts';
import { type PlacedStep, type Playbook, stepOfUse } from '../model/playbook.ts';
import { containmentId, coveredBy, join, leave, leaveToOthers, readContainment } from '../records/containments.ts';
import { lease } from '../records/leases.ts';
import { killed } from '../records/switches.ts';
import * as z from 'zod';
import { answered, escalated, question } from './ask.ts';
import { conclude } from './conclude.ts';
import { contain } from './contain.ts';
import type { RunDeps } from './deps.ts';
import { trip } from './guarding.ts';
import { pinnedPlaybook, planContainment } from './plan.ts';
import { planRelease } from './plan-release.ts';
import { readPlan } from './stored-plan.ts';
import { takenBack } from './take-back.ts';
import type { PlanAnswer, Works } from './work.ts';
import { applyContext, planContext, resolved } from './step-context.ts';
import type { WorkContext, WorkTable } from './turn.ts';

const StepOf = z.object({ plan: z.string(), step: z.string() });

/** The steps of a plan with their places. Uses of one step follow each other, but those of a parallel group share a stage. */
function placedUses(plan: Plan, playbook: Playbook | undefined) {
  let stage = -1;
  let before: PlacedStep | undefined;
  return plan.steps.map((step) => {
    const placed = playbook && stepOfUse(playbook, step.id);
    if (!placed?.parallel || placed.stage !== before?.stage) stage += 1;
    before = placed;
    return { step, placed, stage };
  });
}

async function planned(deps: RunDeps, context: WorkContext): Promise<PlanAnswer> {
  const { order } = context;
  const plan = order.kind === 'release' ? await planRelease(deps, context) : await planContainment(deps, context);
  if (plan === 'target-gone') return { gone: true, digest: '', plan: '', steps: [] };
  await trip(deps, order, plan);
  const playbook = order.kind === 'containment' ? await pinnedPlaybook(deps, order) : undefined;
  return {
    gone: plan.steps.length > 0 && plan.steps.every(({ reason }) => reason === 'target-gone'),
    digest: plan.digest,
    plan: await deps.evidence.put(Json.parse(plan)),
    steps: placedUses(plan, playbook).map(({ step, placed, stage }) => {
      return {
        id: step.id,
        action: step.action,
        changes: step.changes.length,
        decision: step.decision,
        reason: step.reason,
        detail: step.detail ?? '',
        onFailure: placed?.step.onFailure ?? (playbook ? 'stop' : 'continue'),
        stage,
        always: placed?.always ?? false,
      };
    }),
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

const LeftOf = z.object({ left: z.array(z.string()).default([]) });

async function verified(
  deps: RunDeps,
  step: StepPlan,
  input: Json,
  context: WorkContext,
): Promise<Works['verify']['answer']> {
  const { action, reader } = await readerFor(deps, step, context);
  const apply = applyContext(deps.clock, context, step.id);
  const changes = context.order.kind === 'release' ? step.changes : resolved(step.changes, apply);
  const { left } = LeftOf.parse(input);
  const { open: all, proven } = await verify(action, reader, step.input, changes, apply);
  const open = all.filter(({ resource }) => !left.includes(resource));
  return { open: open.length, proven: context.order.kind === 'release' ? open.length === 0 : proven };
}

/**
 * Joins what is contained already, unless a release has taken it back since the plan was made. Where this very step has
 * never been taken, what others have set on the same resources is joined: their release must not open it.
 */
async function joined(deps: RunDeps, step: StepPlan, context: WorkContext): Promise<string[] | null> {
  const id = containmentId(step);
  const { order } = context;
  const leases = [await lease(deps, id, order.id)];
  try {
    const { action, reader } = await readerFor(deps, step, context);
    const names = planContext(deps.clock, context);
    const look = () => action.capture(reader, step.input, names);
    const isOpen = (seen: State) =>
      changesOf(action, step.input, seen, action.plan(step.input, seen, names)).length > 0;
    const seen = await look();
    if (isOpen(seen)) return null;
    // what the watch answers for is held by its owner already, or by nobody who has let go of it
    if (order.kind === 'containment' && order.again?.same) return [];
    if (await join(deps, id, order.id)) return [id];
    const covering = await coveredBy(deps, step, seen);
    for (const other of covering) leases.push(await lease(deps, other, order.id));
    if (covering.length > 0 && isOpen(await look())) return null;
    const taken = await Promise.all(covering.map((other) => join(deps, other, order.id)));
    return taken.flatMap((one) => (one ? [one.id] : []));
  } finally {
    await Promise.all(leases.map(({ free }) => free()));
  }
}

/** Whether something that a release has taken back is as Cordon had set it: somebody has contained it again since. */
async function isBack(deps: RunDeps, step: StepPlan, left: readonly string[], context: WorkContext): Promise<boolean> {
  if (step.changes.length === 0) return false;
  const { action, reader } = await readerFor(deps, step, context);
  const seen = await action.capture(reader, step.input, applyContext(deps.clock, context, step.id));
  return step.changes.some(({ resource, from }) => !left.includes(resource) && same(seen[resource] ?? null, from));
}

/**
 * A release lets go: of what it has taken back, of what stays as evidence, or of what others still hold. Nobody changes
 * the target meanwhile; false where it would let go of what is contained.
 */
async function letGo(deps: RunDeps, step: StepPlan, input: Json, context: WorkContext): Promise<boolean> {
  const { order } = context;
  if (order.kind !== 'release')
    throw new InvalidInput({ code: 'not-a-release', message: 'only a release ends a containment' });
  const id = containmentId(step);
  const { free } = await lease(deps, id, order.id);
  try {
    if (step.reason === 'shared-containment') return await leaveToOthers(deps, id, order.releases);
    const now = await readContainment(deps, id);
    if (now?.status !== 'held' || !now.owners.includes(order.releases)) return true;
    if (await isBack(deps, step, LeftOf.parse(input).left, context)) return false;
    await leave(deps, id, order.releases);
    return true;
  } finally {
    await free();
  }
}

/** For so long a run waits for a kill switch to be lifted. */
const patienceHours = 24;

async function paused({ records, clock }: RunDeps, { order }: WorkContext): Promise<Works['pause']['answer']> {
  const until = later(clock.now(), patienceHours * 3_600);
  const draft = { kind: 'paused', id: order.id, group: 'paused', body: { run: order.id, until } } as const;
  if (!(await records.create(draft))) {
    const stored = await records.read('paused', order.id);
    if (stored) await records.replace(draft, stored.version);
  }
  return { until };
}

async function resumed({ records }: RunDeps, { order }: WorkContext): Promise<true | null> {
  if (await killed(records, order.playbook, order.id)) return null;
  const stored = await records.read('paused', order.id);
  if (stored)
    await records.replace({ kind: 'paused', id: order.id, group: 'resumed', body: stored.body }, stored.version);
  return true;
}

async function confirmed({ clouds }: RunDeps, { order, signal }: WorkContext): Promise<Works['confirm']['answer']> {
  const { finding, requester, id: runId, target } = order;
  // a target that a person named stands for itself; an event cannot bring such a finding
  if (finding.provider === 'person') return requester.kind === 'person' ? 'same' : 'unknown';
  const place = { cloud: finding.cloud, account: finding.account, region: finding.region };
  const session = await clouds.session({ ...place, rights: 'reader', runId, signal });
  return clouds.confirm(session, finding, target);
}

const approvedIn = (input: Json): boolean => z.object({ approved: z.boolean() }).parse(input).approved;

/** What others will see is done once the journal holds what led to it: a turn that dies in between must not come to another view. */
const onRecord =
  (work: WorkTable[string]): WorkTable[string] =>
  async (input, context) => {
    await context.journal.commit();
    return work(input, context);
  };

/** The table of effects. Each is safe to repeat: it looks before it acts, and its writes are conditional. */
export const worksOf = (deps: RunDeps): WorkTable & { readonly [W in keyof Works]: WorkTable[string] } => ({
  confirm: (_, context) => confirmed(deps, context),
  plan: async (_, context) => Json.parse(await planned(deps, context)),
  contain: async (input, context) => {
    const { step } = await stepOf(deps, input);
    return Json.parse(await contain(deps, step, approvedIn(input), context));
  },
  verify: async (input, context) => verified(deps, (await stepOf(deps, input)).step, input, context),
  join: async (input, context) => Json.parse(await joined(deps, (await stepOf(deps, input)).step, context)),
  leave: onRecord(async (input, context) => letGo(deps, (await stepOf(deps, input)).step, input, context)),
  ask: onRecord(async (input, context) => Json.parse(await question(deps, await stepOf(deps, input), input, context))),
  escalate: onRecord((input, context) => escalated(deps, input, context)),
  answer: (input, context) => answered(deps, input, context),
  pause: (_, context) => paused(deps, context),
  resumed: (_, context) => resumed(deps, context),
  'take-back': onRecord((_, context) => takenBack(deps, worksOf(deps), context)),
  conclude: onRecord((input, context) => conclude(deps, input, context)),
});
