import { later } from '../model/duration.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Reason } from '../model/reason.ts';
import type { RunOrder, StepResult } from '../model/run.ts';
import type { Contained } from './gate.ts';
import { effectsOf, type Fault, type Program, type Reply, sleep } from './effect.ts';
import type { PlanAnswer, Planned, Works } from './work.ts';

const { perform, waitFor } = effectsOf<Works>();

/** Seconds after a change settled at which it is read again while it does not show. */
const looks = [0, 15, 45];

/** A plan on its way: which one, and what the steps before this one have come to. */
export type Made = {
  readonly order: RunOrder;
  readonly answer: PlanAnswer;
  readonly round: number;
  readonly done: readonly StepResult[];
};
/** A step that did not come to its end: the resource has changed, or the run was held back; both want a new plan. */
export type Again = 'drifted' | 'resumed';

/** What became of a step, in one line. */
export const step = ({ id, action }: Planned, outcome: Outcome, reason: Reason, detail = ''): StepResult => ({
  id,
  action,
  outcome,
  reason,
  ...(detail && { detail }),
  moved: [],
});
const failed = (planned: Planned, { message, indeterminate }: Fault): StepResult =>
  step(planned, 'failed', indeterminate ? 'change-indeterminate' : 'action-failed', message);
const keyOf = ({ round }: Made, { id }: Planned): string => `${id}#${round}`;

/** Asks people about one step and waits for the answer, rung by rung; nobody's answer is a lapse. */
function* approval(made: Made, planned: Planned): Program<StepResult | 'approved'> {
  const key = keyOf(made, planned);
  const { plan } = made.answer;
  const asked = yield* perform(`${key}/ask`, 'ask', {
    plan,
    step: planned.id,
    reason: planned.reason,
    done: [...made.done],
  });
  if (!asked.ok) return failed(planned, asked.fault);
  const { approval: id, rungs } = asked.value;
  for (const [rung, until] of rungs.entries()) {
    if (rung > 0)
      yield* perform(`${key}/escalate-${rung}`, 'escalate', { plan, approval: id, rung, done: [...made.done] });
    const given = yield* waitFor(`${key}/answer-${rung}`, 'answer', { approval: id }, until, `approval ${id}`);
    if (!given.ok) return failed(planned, given.fault);
    if (given.value === 'rejected') return step(planned, 'rejected', 'approval-rejected', planned.reason);
    if (given.value) return given.value;
  }
  return step(planned, 'lapsed', 'approval-lapsed', planned.reason);
}

/** A kill switch holds the run back: it goes on when a person lifts it, with a new plan, or is over after a day. */
function* heldBack(made: Made, planned: Planned): Program<StepResult | 'resumed'> {
  const key = keyOf(made, planned);
  const paused = yield* perform(`${key}/pause`, 'pause', null);
  if (!paused.ok) return failed(planned, paused.fault);
  const lifted = yield* waitFor(`${key}/resumed`, 'resumed', null, paused.value.until, 'the kill switch');
  if (!lifted.ok) return failed(planned, lifted.fault);
  return lifted.value ? 'resumed' : step(planned, 'halted', 'kill-switch');
}

/** Reads a change again after it settles, until it shows or patience ends. */
function* proof(made: Made, planned: Planned, { moved, settlesAt }: Contained): Program<StepResult> {
  const key = keyOf(made, planned);
  const done: Outcome = made.order.kind === 'release' ? 'released' : 'contained';
  const input = { plan: made.answer.plan, step: planned.id, left: moved.map(({ resource }) => resource) };
  let seen: Reply<Works['verify']['answer']> | undefined;
  for (const [at, seconds] of looks.entries()) {
    yield* sleep(`${key}/settle-${at}`, later(settlesAt, seconds));
    seen = yield* perform(`${key}/verify-${at}`, 'verify', input);
    if (seen.ok && seen.value.open === 0 && (seen.value.proven || moved.length > 0)) {
      const kept = moved.length > 0;
      return { ...step(planned, done, kept ? 'foreign-edit' : 'allowed'), moved: [...moved] };
    }
  }
  if (seen && !seen.ok) return step(planned, 'unverified', 'not-verified', seen.fault.message);
  return step(planned, seen?.ok && seen.value.open > 0 ? 'not-contained' : 'unverified', 'not-verified');
}

/** Asks where a person must agree; a result where the step ends without a change. */
function* permission(made: Made, planned: Planned): Program<StepResult | 'go' | Again> {
  const { decision, reason, detail, changes } = planned;
  if (decision === 'deny' && reason === 'kill-switch') return yield* heldBack(made, planned);
  if (decision === 'deny') return step(planned, reason === 'target-gone' ? 'target-gone' : 'denied', reason, detail);
  if (decision === 'allow') return 'go';
  const given = yield* approval(made, planned);
  if (given !== 'approved') return given;
  return changes === 0 && reason !== 'by-hand' ? step(planned, 'not-contained', reason, detail) : 'go';
}

/** Nothing to change: a containment joins what is contained already, a release lets go of what stays. */
function* withoutChange(made: Made, planned: Planned): Program<StepResult | 'drifted'> {
  const { order, answer } = made;
  const key = keyOf(made, planned);
  const work = order.kind === 'release' ? 'leave' : 'join';
  const input = { plan: answer.plan, step: planned.id };
  const done = yield* perform(`${key}/${work}`, work, input);
  if (!done.ok) return failed(planned, done.fault);
  if (!done.value) return 'drifted';
  if (order.kind === 'containment') {
    const seen = yield* perform(`${key}/probe`, 'verify', input);
    if (!seen.ok) return step(planned, 'unverified', 'not-verified', seen.fault.message);
    if (!seen.value.proven)
      return step(planned, 'unverified', 'not-verified', 'Nothing is left to change, and it does not hold.');
  }
  return step(
    planned,
    'nothing-to-do',
    order.kind === 'release' ? planned.reason : 'already-contained',
    planned.detail,
  );
}

/** One step on its way: allowed, made, proven. */
export function* oneStep(made: Made, planned: Planned): Program<StepResult | Again> {
  const input = { plan: made.answer.plan, step: planned.id };
  const key = keyOf(made, planned);
  const permitted = yield* permission(made, planned);
  if (permitted !== 'go') return permitted;
  if (planned.changes === 0 && planned.reason === 'by-hand') return step(planned, 'told', 'by-hand');
  if (planned.changes === 0) return yield* withoutChange(made, planned);
  const done = yield* perform(`${key}/contain`, 'contain', { ...input, approved: planned.decision === 'ask' });
  if (!done.ok) return failed(planned, done.fault);
  const { result, reason, detail } = done.value;
  if (result === 'drifted') return 'drifted';
  if (result === 'stopped' && reason === 'kill-switch') return yield* heldBack(made, planned);
  if (result === 'stopped') return step(planned, 'denied', reason, detail);
  const proven = yield* proof(made, planned, done.value);
  if (proven.outcome !== 'released') return proven;
  const left = proven.moved.map(({ resource }) => resource);
  const gone = yield* perform(`${key}/leave`, 'leave', { ...input, left });
  if (!gone.ok) return failed(planned, gone.fault);
  return gone.value ? proven : 'drifted';
}
