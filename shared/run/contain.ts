import type { Action, Change, State, StepContext } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { carryOut, standing } from '../action/change.ts';
import { decide } from '../guard/decide.ts';
import { later } from '../model/duration.ts';
import { CordonError, ProviderError } from '../model/error.ts';
import { canonical, type JsonObject } from '../model/json.ts';
import type { StepPlan } from '../model/plan.ts';
import type { Reason } from '../model/reason.ts';
import type { Session } from '../ports/clouds.ts';
import { renderGrant } from '../policy/grants.ts';
import { actedThisHour, spend } from '../records/budgets.ts';
import { containmentId, hold } from '../records/containments.ts';
import { lease } from '../records/leases.ts';
import { killed } from '../records/switches.ts';
import type { RunDeps } from './deps.ts';
import { inspectTarget, pinnedPlaybook } from './plan.ts';
import { applyContext, resolved } from './step-context.ts';
import type { WorkContext } from './turn.ts';

/** How a step ended up: made, found changed by others, or stopped by a guardrail. */
export type Contained = {
  readonly result: 'done' | 'drifted' | 'stopped';
  readonly reason: Reason;
  readonly detail: string;
  readonly moved: readonly Change[];
  readonly settlesAt: string;
};

const attempts = 5;
const backoffSeconds = [1, 2, 4, 8];
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
};

/** The writer is bounded to what this one plan needs. */
async function writerFor({ deps, context, step, action }: Hands): Promise<Session> {
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
  });
}

/** Whether anything came up since the plan that forbids the change. Asked again, because plans are read and approved slowly. */
async function forbidden({ deps, context, step, action }: Hands, approved: boolean): Promise<Contained | undefined> {
  const { order } = context;
  const stopped = (reason: Reason, detail = ''): Contained => ({
    result: 'stopped',
    reason,
    detail,
    moved: [],
    settlesAt: deps.clock.now(),
  });
  if (await killed(deps.records, order.playbook)) return stopped('kill-switch');
  if (order.kind === 'release') return undefined;
  const scopes = { playbook: order.playbook, account: order.finding.account };
  const [playbook, target, acted] = await Promise.all([
    pinnedPlaybook(deps, order),
    inspectTarget(deps, context),
    actedThisHour(deps, order.id, scopes),
  ]);
  if (!target) return stopped('target-gone');
  const verdict = decide({
    finding: order.finding,
    target,
    action,
    step: playbook.steps.find(({ id }) => step.id === id || step.id.startsWith(`${id}-`)) ?? {
      id: step.id,
      approve: undefined,
    },
    input: step.input,
    account: step.account,
    settings: deps.settings,
    limits: playbook.limits,
    acted,
    killSwitch: false,
  });
  const stands = verdict.decision === 'allow' || (verdict.decision === 'ask' && approved);
  return stands ? undefined : stopped(verdict.reason, verdict.detail);
}

/** Intent, captured state and containment, durable before the first call. */
async function recordIntent({ deps, context, step, changes }: Hands, seen: State): Promise<void> {
  const { order, journal } = context;
  const large = canonical(seen).length > inlineLimit;
  const captured = large ? await deps.evidence.put(seen) : { ...seen };
  const scopes = { playbook: order.playbook, account: order.finding.account };
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
        { run: order.id, playbook: order.playbook, target: order.target, review },
      ),
    );
    writes.push(spend(deps, order.id, scopes));
  }
  await Promise.all(writes);
}

function journalCalls({ context, step }: Hands, sessions: readonly Session[]): void {
  for (const { operation, requestId, status, error } of sessions.flatMap(({ calls }) => calls))
    context.journal.note({
      type: 'call',
      step: step.id,
      operation,
      requestId,
      status,
      ...(error !== undefined && { error }),
    });
}

/** Whether a fault may have left an effect, or may pass. */
const worthAnotherLook = (fault: unknown): fault is CordonError => fault instanceof CordonError && fault.retryable;

/** Carries the plan out; after a fault that may pass, or an answer that was lost, looks before it acts again. */
async function carryOutPatiently(hands: Hands, writer: Session, first: State): Promise<readonly Change[]> {
  const { deps, action, step, changes, apply, reader, context } = hands;
  let seen: State | undefined = first;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { moved } = await carryOut(action, { reader, writer }, step.input, changes, apply, seen);
      return moved;
    } catch (thrown) {
      if (!worthAnotherLook(thrown) || attempt >= attempts - 1) throw thrown;
      const unseen = thrown instanceof ProviderError && thrown.indeterminate;
      const seconds = unseen ? action.settles.seconds : (backoffSeconds[attempt] ?? 8);
      await deps.clock.sleep(seconds, context.signal);
      seen = undefined;
    }
  }
}

async function act(hands: Hands, seen: State): Promise<Contained> {
  const { deps, action, changes, step, context } = hands;
  const moved = changes.filter((change) => standing(change, seen[change.resource] ?? null, action.halfway) === 'moved');
  const made = { reason: 'allowed', detail: '', settlesAt: later(deps.clock.now(), action.settles.seconds) } as const;
  const isRelease = context.order.kind === 'release';
  if (moved.length > 0 && !isRelease) return { ...made, result: 'drifted', reason: 'plan-drifted', moved };
  await recordIntent(hands, seen);
  const writer = await writerFor(hands);
  try {
    const left = await carryOutPatiently(hands, writer, seen);
    context.journal.note({ type: 'applied', step: step.id, changes: [...changes] });
    return { ...made, result: 'done', settlesAt: later(deps.clock.now(), action.settles.seconds), moved: left };
  } finally {
    journalCalls(hands, [writer]);
    await context.journal.commit();
  }
}

/** Carries out one step of a plan: lease, kill switch and guardrails, fresh state, intent, changes. */
export async function contain(
  deps: RunDeps,
  step: StepPlan,
  approved: boolean,
  context: WorkContext,
): Promise<Contained> {
  const { action, hash } = await loadAction(deps.actions, step.action);
  if (hash !== step.actionHash)
    throw new CordonError({
      code: 'action-changed',
      message: `${step.action} is no longer the code the plan was made with`,
      remedy: 'Start the run again, so that the plan is made anew.',
    });
  const apply = applyContext(deps.clock, context, step.id);
  const place = { cloud: action.cloud, account: step.account, region: step.region };
  const release = await lease(deps, containmentId(step), context.order.id);
  try {
    const begun = context.journal.entries.some((entry) => entry.type === 'intent' && entry.step === step.id);
    if (begun) await deps.clock.sleep(action.settles.seconds, context.signal);
    const reader = await deps.clouds.session({
      ...place,
      rights: 'reader',
      runId: context.order.id,
      signal: context.signal,
    });
    const hands: Hands = { deps, context, step, action, changes: resolved(step.changes, apply), apply, reader };
    const [stopped, seen] = await Promise.all([forbidden(hands, approved), action.capture(reader, step.input, apply)]);
    if (stopped && !begun) return stopped;
    return await act(hands, seen);
  } finally {
    await release();
  }
}
