import type { RunOrder, RunResult, StepResult } from '../model/run.ts';
import { both, effectsOf, type Program, together } from './effect.ts';
import { type Again, type Made, oneStep, step } from './step-program.ts';
import { asPlanned, cutShort, end, isGood, summary } from './summary.ts';
import type { Planned, Works } from './work.ts';

const { perform } = effectsOf<Works>();
const replans = 3;

/** Steps that run side by side, those of one stage; in order. */
function stagesOf(steps: readonly Planned[]): readonly (readonly Planned[])[] {
  const stages = new Map<number, Planned[]>();
  for (const [at, planned] of steps.entries()) {
    const stage = planned.stage ?? at; // a journal of an earlier version names none: one after the other
    stages.set(stage, [...(stages.get(stage) ?? []), planned]);
  }
  return [...stages.keys()].sort((a, b) => a - b).map((stage) => stages.get(stage) ?? []);
}

/** Whether a step failed after which the others are left out. */
const isStopped = (steps: readonly Planned[], results: readonly StepResult[]): boolean =>
  results.some((one) => !isGood(one) && steps.find(({ id }) => id === one.id)?.onFailure !== 'continue');

/** After a halt nothing follows; after a failure only what always does. */
const isLeftOut = (steps: readonly Planned[], stage: readonly Planned[], results: readonly StepResult[]): boolean =>
  results.some(({ outcome }) => outcome === 'halted') ||
  (isStopped(steps, results) && !stage.every(({ always }) => always));

type Passed = {
  readonly steps: readonly StepResult[];
  readonly again: { readonly planned: Planned; readonly why: Again } | undefined;
};

function* oneStage(made: Made, stage: readonly Planned[]): Program<readonly (StepResult | Again)[]> {
  const [first] = stage;
  if (!first) return [];
  if (stage.length === 1) return [yield* oneStep(made, first)];
  return yield* together(
    `stage-${first.stage}#${made.round}`,
    stage.map((planned) => oneStep(made, planned)),
  );
}

/** Stage after stage. A step that fails leaves out those after it, but for the last ones and where its playbook says to go on. */
function* allSteps(made: Made): Program<Passed> {
  const results = [...made.done];
  for (const stage of stagesOf(made.answer.steps)) {
    const open = stage.filter(({ id }) => !results.some((one) => one.id === id));
    if (isLeftOut(made.answer.steps, open, results)) continue;
    const came = (yield* oneStage({ ...made, done: results }, open)).entries().toArray();
    results.push(...came.flatMap(([, one]) => (typeof one === 'string' ? [] : [one])));
    const again = came.flatMap(([at, why]) => {
      const planned = open[at];
      return planned && typeof why === 'string' ? [{ planned, why }] : [];
    });
    if (again.length > 0) return { steps: results, again: again[0] };
  }
  return { steps: results, again: undefined };
}

function* makePlan(order: RunOrder, round: number): Program<Omit<Made, 'done'> | RunResult> {
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

/** The provider does not show the finding, or does not answer: a person decides about every change. */
const doubted = (made: Omit<Made, 'done'>, detail: string): Omit<Made, 'done'> => ({
  ...made,
  answer: {
    ...made.answer,
    steps: made.answer.steps.map((planned) =>
      planned.decision === 'allow' && planned.changes > 0
        ? { ...planned, decision: 'ask', reason: 'finding-unconfirmed', detail }
        : planned,
    ),
  },
});

/** The finding is read again beside the plan: it must still be there, and about the same resource. What only tells needs neither. */
function* confirmedPlan(order: RunOrder, round: number): Program<Omit<Made, 'done'> | RunResult> {
  if (order.kind === 'release' || order.tells) return yield* makePlan(order, round);
  const name = round === 0 ? 'confirm' : `confirm#${round}`;
  const [confirmed, made] = yield* both(
    round === 0 ? 'confirm-and-plan' : `confirm-and-plan-${round}`,
    perform(name, 'confirm', null),
    makePlan(order, round),
  );
  if ('outcome' in made && made.outcome === 'target-gone') return made;
  if (confirmed.ok && confirmed.value === 'same') return made;
  const detail = confirmed.ok ? confirmed.value : confirmed.fault.message;
  const different = confirmed.ok && confirmed.value === 'different';
  if ('answer' in made && !different) return doubted(made, detail);
  const steps = 'answer' in made ? asPlanned(made.answer) : made.steps;
  return end('unconfirmed', 'finding-unconfirmed', { detail, steps });
}

/** A step failed whose playbook wants the run's changes taken back: done as a release, with its own plan and proof. */
function* rolledBack(order: RunOrder, steps: readonly Planned[], result: RunResult): Program<RunResult> {
  const wanted = result.steps.some(
    (one) => !isGood(one) && steps.find(({ id }) => id === one.id)?.onFailure === 'roll-back',
  );
  if (!wanted || order.kind === 'release' || result.outcome === 'halted') return result;
  const back = yield* perform('take-back', 'take-back', null);
  if (!back.ok) return { ...result, detail: `not taken back: ${back.fault.message}` };
  const { outcome, detail } = back.value;
  if (outcome === 'released' || outcome === 'nothing-to-do')
    return { ...result, outcome: 'rolled-back', reason: 'rolled-back' };
  return { ...result, detail: `not taken back: ${detail}` };
}

/** Plans and acts until nothing drifts; a step that drifts again and again is left to a person. */
function* carriedOut(order: RunOrder): Program<RunResult> {
  let results: readonly StepResult[] = [];
  const drifts = new Map<string, number>();
  let made = yield* confirmedPlan(order, 0);
  for (let round = 1; ; round += 1) {
    if (!('answer' in made)) return cutShort(order, results, made);
    const { steps, again } = yield* allSteps({ ...made, done: results });
    results = steps;
    const planDigest = made.answer.digest;
    if (!again)
      return yield* rolledBack(order, made.answer.steps, {
        ...summary(order, results),
        planDigest,
        steps: [...results],
      });
    const { planned, why } = again;
    if (why === 'drifted') drifts.set(planned.id, (drifts.get(planned.id) ?? 0) + 1);
    if (drifts.get(planned.id) === replans) {
      const given = [step(planned, 'not-contained', 'plan-drifted')];
      return cutShort(order, results, end('not-contained', 'plan-drifted', { planDigest, steps: given }));
    }
    made = yield* why === 'resumed' ? confirmedPlan(order, round) : makePlan(order, round);
  }
}

/** Stages 6 to 12 of the road: confirm beside plan, guard, approve, execute, verify, tell. It only calls. */
export function* road(order: RunOrder): Program<RunResult> {
  const result = yield* carriedOut(order);
  const told = yield* perform('conclude', 'conclude', { result });
  return told.ok
    ? result
    : { ...result, detail: [result.detail, `not told: ${told.fault.message}`].filter(Boolean).join('; ') };
}
