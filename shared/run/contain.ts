import type { Action, Change, State, StepContext } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { carryOut, changesOf, standing } from '../action/change.ts';
import { looks } from '../model/containment.ts';
import { later } from '../model/duration.ts';
import { CordonError, ProviderError } from '../model/error.ts';
import { comparable } from '../model/identifiers.ts';
import { canonical, type JsonObject, same, shortDigest } from '../model/json.ts';
import type { StepPlan } from '../model/plan.ts';
import { ownerOf } from '../model/run.ts';
import type { Session } from '../ports/clouds.ts';
import { renderGrant } from '../policy/grants.ts';
import { containmentId, hold } from '../records/containments.ts';
import { leaseSeveral } from '../records/leases.ts';
import { pace } from '../records/pace.ts';
import type { RunDeps } from './deps.ts';
import { type Contained, forbidden, type Gate, without } from './gate.ts';
import { pinnedPlaybook } from './plan.ts';
import { tollOfChanges } from './quotas.ts';
import { applyContext, planContext, resolved } from './step-context.ts';
import type { WorkContext } from './turn.ts';

const inlineLimit = 6_000;

/** What a running step holds on to. */
type Hands = {
  readonly deps: RunDeps;
  readonly context: WorkContext;
  readonly step: StepPlan;
  readonly action: Action;
  readonly changes: readonly Change[];
  readonly apply: StepContext;
  readonly reader: Session;
  /** What was there a moment ago. */
  readonly seen: State;
  /** Throws where the lease is not the run's any more. */
  readonly keepLease: () => Promise<void>;
  readonly fleets: readonly string[];
};

const standingOf = ({ action, seen }: Hands, change: Change) =>
  standing(change, seen[change.resource] ?? null, action.halfway);

/** The writer is bounded to what this one plan needs. */
async function writerFor({ deps, context, step, action, keepLease }: Hands): Promise<Session> {
  const { account, region } = step;
  const { partition } = deps.settings.aws;
  const inputs = Object.entries(step.input as JsonObject).filter(([, value]) => typeof value === 'string'); // an action's input is an object
  const values = { ...Object.fromEntries(inputs), account, region, partition, subscription: account } as Record<
    string,
    string
  >; // only strings were kept
  return deps.clouds.session({
    cloud: action.cloud,
    account,
    region,
    rights: 'writer',
    runId: context.order.id,
    signal: context.signal,
    bound: action.permissions.write.map((grant) => renderGrant(grant, values)),
    // whoever was held up for longer than the lease must look again: somebody else may be at work
    mayCall: keepLease,
  });
}

/** What must be finished whatever comes up: nothing is left to do, or a change stands where it is worse than before. */
function mustFinish(hands: Hands): boolean {
  const { changes, seen, action } = hands;
  const open = changes.filter((change) => standingOf(hands, change) === 'open');
  const midway = ({ resource, through }: Change) =>
    [...(action.halfway ?? []), ...(through ? [through.value] : [])].some((value) =>
      same(value, seen[resource] ?? null),
    );
  return open.length === 0 || open.some(midway);
}

/** Whether the action would plan something else now, though nobody has touched what the plan names. */
function outdated({ action, step, seen, context, deps }: Hands): boolean {
  if (context.order.kind === 'release') return false;
  const names = planContext(deps.clock, context);
  const now = changesOf(action, step.input, seen, action.plan(step.input, seen, names));
  return !step.changes.every(({ resource, to }) =>
    now.some((change) => change.resource === resource && same(change.to, to)),
  );
}

/** Intent, captured state and containment, durable before the first call. */
async function recordIntent({ deps, context, step, action, changes, seen, fleets }: Hands): Promise<void> {
  const { order, journal } = context;
  const large = canonical(seen).length > inlineLimit;
  const captured = large ? await deps.evidence.put(seen) : { ...seen };
  const writes: Promise<unknown>[] = [
    journal.commit({
      type: 'intent',
      step: step.id,
      digest: containmentId(step),
      changes: [...changes],
      captured,
      startedAt: order.openedAt,
    }),
  ];
  if (order.kind === 'containment') {
    const { review } = await pinnedPlaybook(deps, order);
    writes.push(
      hold(
        deps,
        { ...step, changes: [...changes] },
        {
          run: ownerOf(order),
          playbook: order.playbook,
          target: order.target,
          review,
          fleets,
          ...(action.ends !== undefined && { ends: action.ends }),
          ...(!action.keeps && { watchAfterSeconds: looks[0] }),
        },
      ),
    );
  }
  await Promise.all(writes);
}

function journalCalls({ context, step }: Hands, { calls }: Session): void {
  for (const { operation, requestId, status, error } of calls)
    context.journal.note({
      type: 'call',
      step: step.id,
      operation,
      requestId,
      status,
      ...(error !== undefined && { error }),
    });
}

/** A fault after a call that went through says nothing about its effect: Azure reads again what it has just written. */
function perhapsDone(thrown: unknown, { calls }: Session): unknown {
  const wentThrough = calls.some(({ status }) => status >= 200 && status < 300);
  if (!(thrown instanceof ProviderError) || thrown.status === 403 || !wentThrough) return thrown;
  const { code, message, status, cause, retryAfterSeconds: wait } = thrown;
  const asked = wait !== undefined && { retryAfterSeconds: wait };
  return new ProviderError({ code, message, status, cause, retryable: true, indeterminate: true, ...asked });
}

/** Makes the changes once. A fault ends the attempt; the next one looks before it acts. */
async function act(hands: Hands): Promise<Contained> {
  const { deps, action, changes, step, context, reader, apply, seen } = hands;
  const [writer] = await Promise.all([writerFor(hands), recordIntent(hands)]);
  try {
    const { moved } = await carryOut(action, { reader, writer }, step.input, changes, apply, seen);
    context.journal.note({ type: 'applied', step: step.id, changes: [...changes] });
    // a release leaves to others what is in their hands; a containment that could not be made is none
    if (context.order.kind === 'containment' && moved.length > 0)
      return { ...without(hands, 'drifted', 'plan-drifted'), moved };
    const settlesAt = later(deps.clock.now(), action.settles.seconds);
    return { result: 'done', reason: 'allowed', detail: '', settlesAt, moved };
  } catch (thrown) {
    const refused = thrown instanceof ProviderError && !thrown.indeterminate && writer.calls.length <= 1;
    if (refused)
      context.journal.note({ type: 'decision', step: step.id, reason: 'action-failed', detail: thrown.message });
    throw perhapsDone(thrown, writer);
  } finally {
    journalCalls(hands, writer);
    await context.journal.commit();
  }
}

/** How far earlier attempts came: none, one whose only call was refused, or one that may have had an effect. */
function begunBefore({ journal }: WorkContext, step: string): 'no' | 'refused' | 'perhaps' {
  const last = journal.entries.findLast(
    (entry) => (entry.type === 'intent' || entry.type === 'decision') && entry.step === step,
  );
  if (!last) return 'no';
  return last.type === 'decision' ? 'refused' : 'perhaps';
}

/** One writer at a time for each resource of a step, whichever action or playbook comes to it. */
const resourcesOf = (step: StepPlan, changes: readonly Change[]): readonly string[] => [
  containmentId(step),
  ...changes.map(({ resource }) => shortDigest({ account: step.account, resource: comparable(resource) })),
];

async function pinnedAction(deps: RunDeps, step: StepPlan): Promise<Action> {
  const { action, hash } = await loadAction(deps.actions, step.action);
  if (hash === step.actionHash) return action;
  throw new CordonError({
    code: 'action-changed',
    message: `${step.action} is no longer the code the plan was made with`,
    remedy: 'Start the run again, so that the plan is made anew.',
  });
}

/** Carries out one step of a plan: lease, kill switch and guardrails, fresh state, intent, changes. */
export async function contain(
  deps: RunDeps,
  step: StepPlan,
  approved: boolean,
  context: WorkContext,
): Promise<Contained> {
  const { order, signal } = context;
  const action = await pinnedAction(deps, step);
  const apply = applyContext(deps.clock, context, step.id);
  const changes = order.kind === 'release' ? step.changes : resolved(step.changes, apply);
  const begun = begunBefore(context, step.id);
  // what was begun is looked after first, whoever else is there
  if (context.crowded && begun !== 'perhaps')
    await pace(deps, context, step.id, tollOfChanges(step.action, step, changes));
  if (begun === 'perhaps') await deps.clock.sleep(action.settles.seconds, signal);
  const leasing = leaseSeveral(deps, resourcesOf(step, changes), order.id);
  try {
    const { account, region } = step;
    const place = { cloud: action.cloud, account, region };
    const reader = await deps.clouds.session({ ...place, rights: 'reader', runId: order.id, signal });
    const gate: Gate = { deps, context, step, action };
    const look = () => action.capture(reader, step.input, apply);
    const [leased, { stopped, fleets }, beside] = await Promise.all([leasing, forbidden(gate, approved), look()]);
    // whoever held the lease before may have changed what was read while it was being taken
    const seen = leased.first ? beside : await look();
    const hands: Hands = { ...gate, changes, apply, reader, seen, keepLease: leased.keep, fleets };
    if (stopped && (begun === 'no' || !mustFinish(hands))) return stopped;
    const moved = changes.filter((change) => standingOf(hands, change) === 'moved');
    if (order.kind === 'containment' && (moved.length > 0 || (begun === 'no' && outdated(hands))))
      return { ...without(gate, 'drifted', 'plan-drifted'), moved };
    return await act(hands);
  } finally {
    const [leased] = await Promise.allSettled([leasing]);
    if (leased.status === 'fulfilled') await leased.value.free();
  }
}
