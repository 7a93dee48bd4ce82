import type { Outcome } from '../model/outcome.ts';
import { outcomes } from '../model/outcome.ts';
import { reasons } from '../model/reason.ts';
import type { RunResult, RunState } from '../model/run.ts';
import { changeLines } from './show-plan.ts';
import { bold, columns, dim, green, inert, red, yellow } from './style.ts';

const good: readonly Outcome[] = ['contained', 'nothing-to-do', 'released', 'planned', 'told'];
const stopped: readonly Outcome[] = ['denied', 'rejected', 'lapsed', 'halted', 'unconfirmed', 'target-gone'];

/** An outcome in its colour. */
export const outcomeText = (outcome: Outcome): string => {
  if (good.includes(outcome)) return green(outcome);
  return stopped.includes(outcome) ? yellow(outcome) : red(outcome);
};

/** 0 done, 1 failed, 4 stopped by a guardrail or waiting for a person. */
export function exitCodeOf({ status, result }: Pick<RunState, 'status' | 'result'>): 0 | 1 | 4 {
  if (status !== 'ended' || !result) return 4;
  if (good.includes(result.outcome)) return 0;
  return stopped.includes(result.outcome) ? 4 : 1;
}

export function resultLines({ outcome, reason, detail, steps }: RunResult): string[] {
  const why = reason === 'allowed' ? outcomes[outcome] : reasons[reason];
  return [
    `${bold('Outcome')} ${outcomeText(outcome)}  ${why}${detail ? ` ${dim(inert(detail))}` : ''}`,
    ...columns(
      steps.map((step) => [
        outcomeText(step.outcome),
        inert(step.id),
        dim(inert(step.action)),
        step.reason === 'allowed' ? '' : reasons[step.reason],
        step.detail ? dim(inert(step.detail)) : '',
      ]),
      '  ',
    ),
    ...steps.flatMap(({ moved }) => moved.flatMap((change) => changeLines(change, '      kept '))),
  ];
}

/** Where a run stands, in a few lines. */
export function runLines({ order, status, waitsFor, dueAt, result }: RunState): string[] {
  const head = `${bold('Run')} ${order.id}  ${order.kind === 'release' ? `release of ${order.releases}` : inert(order.playbook)}  ${dim(order.mode)}`;
  if (result) return [head, ...resultLines(result)];
  const waiting =
    waitsFor === null ? `until ${dueAt ?? 'woken'}` : `for ${inert(waitsFor)}, until ${dueAt ?? 'answered'}`;
  return [head, `${yellow(status)} ${waiting}`];
}
