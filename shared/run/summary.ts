import type { Outcome } from '../model/outcome.ts';
import type { Reason } from '../model/reason.ts';
import type { RunOrder, RunResult, StepResult } from '../model/run.ts';
import type { PlanAnswer } from './work.ts';
import { step } from './step-program.ts';

const good: readonly Outcome[] = ['contained', 'released', 'nothing-to-do', 'told'];
/** The word that a run ends with is that of its worst step. */
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

/** Whether a step did what it was for. */
export const isGood = ({ outcome }: StepResult): boolean => good.includes(outcome);

const acted = ({ outcome }: StepResult): boolean => outcome === 'contained' || outcome === 'released';

/** One word for a run out of those of its steps. */
export function summary({ kind }: RunOrder, steps: readonly StepResult[]): Pick<RunResult, 'outcome' | 'reason'> {
  const made = steps.filter(acted);
  const bad = worst.map((one) => steps.find(({ outcome }) => outcome === one)).find((one) => one !== undefined);
  const [first] = made;
  if (!first) {
    const said = bad ?? steps.find(({ outcome }) => outcome === 'told');
    return said
      ? { outcome: said.outcome, reason: said.reason }
      : { outcome: 'nothing-to-do', reason: steps[0]?.reason ?? 'already-contained' };
  }
  const told = made.find(({ reason }) => reason !== 'allowed')?.reason ?? 'allowed';
  if (kind === 'release' || !bad) return { outcome: first.outcome, reason: bad?.reason ?? told };
  return { outcome: bad.outcome === 'halted' ? 'halted' : 'partly-contained', reason: bad.reason };
}

/** How a run ends. */
export const end = (outcome: Outcome, reason: Reason, rest: Partial<RunResult> = {}): RunResult => ({
  outcome,
  reason,
  steps: [],
  ...rest,
});

/** Steps that a dry-run, or a run nobody agreed to, leaves as planned. */
export const asPlanned = ({ steps }: PlanAnswer): StepResult[] =>
  steps.map((planned) => {
    if (planned.decision === 'deny')
      return step(planned, planned.reason === 'target-gone' ? 'target-gone' : 'denied', planned.reason, planned.detail);
    const nothing = planned.changes === 0 && planned.decision === 'allow' && planned.reason !== 'by-hand';
    const outcome = nothing ? 'nothing-to-do' : 'planned';
    return step(planned, outcome, planned.reason, planned.detail);
  });

/** A run that cannot go on keeps the word for what its earlier steps have done. */
export function cutShort(
  order: RunOrder,
  results: readonly StepResult[],
  { outcome, reason, ...rest }: RunResult,
): RunResult {
  const done = new Set(results.map(({ id }) => id));
  const steps = [...results, ...rest.steps.filter(({ id }) => !done.has(id))];
  const word = order.kind === 'release' ? 'released' : 'partly-contained';
  return { ...rest, outcome: results.some(acted) ? word : outcome, reason, steps };
}
