import { later } from '../model/duration.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Reason } from '../model/reason.ts';
import type { RunOrder, RunResult, StepResult } from '../model/run.ts';
import { both, effectsOf, type Fault, type Program, type Reply, sleep } from './effect.ts';
import type { Contained } from './contain.ts';
import type { PlanAnswer, Planned, Works } from './works.ts';

const { perform, waitFor } = effectsOf<Works>();
const replans = 3;
/** Seconds after a change settled at which it is read again while it does not show. */
const looks = [0, 15, 45];

type Made = { readonly order: RunOrder; readonly answer: PlanAnswer; readonly round: number };

const step = ({ id, action }: Planned, outcome: Outcome, reason: Reason, detail = ''): StepResult => ({
  id,
  action,
  outcome,
  reason,
  ...(detail && { detail }),
  moved: [],
});
const failed = (planned: Planned, { message, indeterminate }: Fault): StepResult =>
  step(planned, 'failed', indeterminate ? 'change-indeterminate' : 'action-failed', message);

/** Asks a person about one step and waits for the answer; nobody's answer is a lapse. */
function* approval({ answer, round }: Made, planned: Planned): Program<StepResult | 'approved'> {
  const key = `${planned.id}#${round}`;
  const asked = yield* perform(`${key}/ask`, 'ask', { plan: answer.plan, step: planned.id, reason: planned.reason });
  if (!asked.ok) return failed(planned, asked.fault);
  const { approval: id, until } = asked.value;
  const given = yield* waitFor(`${key}/answer`, 'answer', { approval: id }, until, `approval ${id}`);
  if (!given.ok) return failed(planned, given.fault);
  if (given.value === 'rejected') return step(planned, 'rejected', 'approval-rejected', planned.reason);
  return given.value ?? step(planned, 'lapsed', 'approval-lapsed', planned.reason);
}

/** Reads a change again after it settles, until it shows or patience ends. */
function* proof({ order, answer, round }: Made, planned: Planned, made: Contained): Program<StepResult> {
  const key = `${planned.id}#${round}`;
  const done: Outcome = order.kind === 'release' ? 'released' : 'contained';
  let seen: Reply<Works['verify']['answer']> | undefined;
  for (const [at, seconds] of looks.entries()) {
    yield* sleep(`${key}/settle-${at}`, later(made.settlesAt, seconds));
    seen = yield* perform(`${key}/verify-${at}`, 'verify', { plan: answer.plan, step: planned.id });
    if (seen.ok && seen.value.open <= made.moved.length && (seen.value.proven || made.moved.length > 0)) {
      const kept = made.moved.length > 0;
      return { ...step(planned, done, kept ? 'foreign-edit' : 'allowed'), moved: [...made.moved] };
    }
  }
  if (seen && !seen.ok) return step(planned, 'unverified', 'not-verified', seen.fault.message);
  return step(planned, seen?.ok && seen.value.open > 0 ? 'not-contained' : 'unverified', 'not-verified');
}

/** Asks where a person must agree; a result where the step ends without a change. */
function* permission(made: Made, planned: Planned): Program<StepResult | 'go'> {
  const { decision, reason, detail, changes } = planned;
  if (decision === 'deny') return step(planned, reason === 'target-gone' ? 'target-gone' : 'denied', reason, detail);
  if (decision === 'allow') return 'go';
  const given = yield* approval(made, planned);
  if (given !== 'approved') return given;
  return changes === 0 ? step(planned, 'not-contained', reason, detail) : 'go';
}

/** Nothing to change: a containment joins what is contained already, a release lets go of what stays. */
function* withoutChange({ answer, order, round }: Made, planned: Planned): Program<StepResult | 'drifted'> {
  const work = order.kind === 'release' ? 'leave' : 'join';
  const input = { plan: answer.plan, step: planned.id };
  const done = yield* perform(`${planned.id}#${round}/${work}`, work, input);
  if (!done.ok) return failed(planned, done.fault);
  if (!done.value) return 'drifted';
  if (order.kind === 'containment') {
    const seen = yield* perform(`${planned.id}#${round}/probe`, 'verify', input);
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

/** One step on its way: allowed, made, proven. `drifted` wants a new plan. */
function* oneStep(made: Made, planned: Planned): Program<StepResult | 'drifted'> {
  const { answer, round } = made;
  const input = { plan: answer.plan, step: planned.id };
  const key = `${planned.id}#${round}`;
  const permitted = yield* permission(made, planned);
  if (permitted !== 'go') return permitted;
  if (planned.changes === 0) return yield* withoutChange(made, planned);
  const done = yield* perform(`${key}/contain`, 'contain', { ...input, approved: planned.decision === 'ask' });
  if (!done.ok) return failed(planned, done.fault);
  const { result, reason, detail } = done.value;
  if (result === 'drifted') return 'drifted';
  if (result === 'stopped') return step(planned, reason === 'kill-switch' ? 'halted' : 'denied', reason, detail);
  const proven = yield* proof(made, planned, done.value);
  if (proven.outcome !== 'released') return proven;
  const gone = yield* perform(`${key}/leave`, 'leave', input);
  return gone.ok ? proven : failed(planned, gone.fault);
}

const good: readonly Outcome[] = ['contained', 'released', 'nothing-to-do'];

type Passed = { readonly steps: readonly StepResult[]; readonly drifted: Planned | undefined };

/** Steps in order. One that fails stops those after it, unless its playbook says to continue. */
function* allSteps(made: Made, skip: ReadonlySet<string>): Program<Passed> {
  const steps: StepResult[] = [];
  for (const planned of made.answer.steps) {
    if (skip.has(planned.id)) continue;
    const result = yield* oneStep(made, planned);
    if (result === 'drifted') return { steps, drifted: planned };
    steps.push(result);
    if (!good.includes(result.outcome) && planned.onFailure === 'stop') break;
  }
  return { steps, drifted: undefined };
}

const worst: readonly Outcome[] = [
  'halted',
  'failed',
  'not-contained',
  'unverified',
  'rejected',
  'lapsed',
  'denied',
  'target-gone',
];

/** One word for a run out of those of its steps. */
function summary({ kind }: RunOrder, steps: readonly StepResult[]): Pick<RunResult, 'outcome' | 'reason'> {
  const acted = steps.filter(({ outcome }) => outcome === 'contained' || outcome === 'released');
  const bad = worst.map((one) => steps.find(({ outcome }) => outcome === one)).find((one) => one !== undefined);
  const [first] = acted;
  if (!first)
    return { outcome: bad?.outcome ?? 'nothing-to-do', reason: bad?.reason ?? steps[0]?.reason ?? 'already-contained' };
  const told = acted.find(({ reason }) => reason !== 'allowed')?.reason ?? 'allowed';
  if (kind === 'release' || !bad) return { outcome: first.outcome, reason: bad?.reason ?? told };
  return { outcome: bad.outcome === 'halted' ? 'halted' : 'partly-contained', reason: bad.reason };
}

const end = (outcome: Outcome, reason: Reason, rest: Partial<RunResult> = {}): RunResult => ({
  outcome,
  reason,
  steps: [],
  ...rest,
});

/** Steps that a dry-run, or a run nobody agreed to, leaves as planned. */
const asPlanned = ({ steps }: PlanAnswer): StepResult[] =>
  steps.map((planned) => {
    if (planned.decision === 'deny')
      return step(planned, planned.reason === 'target-gone' ? 'target-gone' : 'denied', planned.reason, planned.detail);
    const outcome = planned.changes === 0 && planned.decision === 'allow' ? 'nothing-to-do' : 'planned';
    return step(planned, outcome, planned.reason, planned.detail);
  });

function* makePlan(order: RunOrder, round: number): Program<Made | RunResult> {
  const planned = yield* perform(`plan#${round}`, 'plan', { attempt: round });
  if (!planned.ok) return end('failed', 'action-failed', { detail: planned.fault.message });
  const answer = planned.value;
  if (answer.gone) return end('target-gone', 'target-gone');
  const planDigest = answer.digest;
  if (order.mode === 'dry-run') return end('planned', order.modeReason, { planDigest, steps: asPlanned(answer) });
  if (order.agreedDigest !== undefined && order.agreedDigest !== planDigest)
    return end('denied', 'plan-drifted', {
      planDigest,
      steps: asPlanned(answer),
      detail: 'the plan is not the one that was agreed to',
    });
  return { order, answer, round };
}

/** A run that cannot go on keeps the word for what its earlier steps have done. */
function cutShort(order: RunOrder, results: readonly StepResult[], { outcome, reason, ...rest }: RunResult): RunResult {
  const done = new Set(results.map(({ id }) => id));
  const steps = [...results, ...rest.steps.filter(({ id }) => !done.has(id))];
  const word = order.kind === 'release' ? 'released' : 'partly-contained';
  const acted = results.some((one) => one.outcome === 'contained' || one.outcome === 'released');
  return { ...rest, outcome: acted ? word : outcome, reason, steps };
}

/** Plans and acts until nothing drifts; a step that drifts again and again is left to a person. */
function* carriedOut(order: RunOrder, first: Made | RunResult): Program<RunResult> {
  const results: StepResult[] = [];
  const drifts = new Map<string, number>();
  let made = first;
  for (let round = 1; ; round += 1) {
    if (!('answer' in made)) return cutShort(order, results, made);
    const { steps, drifted } = yield* allSteps(made, new Set(results.map(({ id }) => id)));
    results.push(...steps);
    const planDigest = made.answer.digest;
    if (!drifted) return { ...summary(order, results), planDigest, steps: results };
    drifts.set(drifted.id, (drifts.get(drifted.id) ?? 0) + 1);
    const given = [step(drifted, 'not-contained', 'plan-drifted')];
    if (drifts.get(drifted.id) === replans)
      return cutShort(order, results, end('not-contained', 'plan-drifted', { planDigest, steps: given }));
    made = yield* makePlan(order, round);
  }
}

/** Stages 6 to 11 of the road: confirm beside plan, guard, approve, execute, verify. It only calls. */
export function* road(order: RunOrder): Program<RunResult> {
  if (order.kind === 'release') return yield* carriedOut(order, yield* makePlan(order, 0));
  const [confirmed, made] = yield* both('confirm-and-plan', perform('confirm', 'confirm', null), makePlan(order, 0));
  if ('outcome' in made && made.outcome === 'target-gone') return made;
  const steps = 'answer' in made ? asPlanned(made.answer) : made.steps;
  if (!confirmed.ok) return end('unconfirmed', 'finding-unconfirmed', { detail: confirmed.fault.message, steps });
  if (confirmed.value !== 'same') return end('unconfirmed', 'finding-unconfirmed', { detail: confirmed.value, steps });
  return yield* carriedOut(order, made);
}
