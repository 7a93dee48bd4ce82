import * as z from 'zod';
import type { Outcome } from '../model/outcome.ts';
import { Decision } from '../model/plan.ts';
import { type Reason, reasonCodes } from '../model/reason.ts';
import type { RunResult, StepResult } from '../model/run.ts';
import type { Question } from './ask.ts';
import type { Contained } from './gate.ts';

/** A planned step, as small as the program needs it. */
export const Planned = z.object({
  id: z.string(),
  action: z.string(),
  changes: z.int(),
  decision: Decision,
  reason: z.enum(reasonCodes),
  detail: z.string(),
  onFailure: z.enum(['stop', 'continue', 'roll-back']),
  /** Those of one stage run side by side. */
  stage: z.int().exactOptional(),
  /** Runs whatever became of the steps before. */
  always: z.boolean().exactOptional(),
});
export type Planned = z.infer<typeof Planned>;

export type PlanAnswer = {
  readonly gone: boolean;
  readonly digest: string;
  /** Where the whole plan lies in the evidence store. */
  readonly plan: string;
  readonly steps: readonly Planned[];
};
type Done = StepResult[];
export type StepOf = { readonly plan: string; readonly step: string };

/** What the program may ask for. */
export type Works = {
  readonly confirm: { readonly input: null; readonly answer: 'same' | 'different' | 'unknown' };
  readonly plan: { readonly input: { readonly attempt: number }; readonly answer: PlanAnswer };
  readonly contain: { readonly input: StepOf & { readonly approved: boolean }; readonly answer: Contained };
  /** How many changes do not show, but for those that are `left` to others. */
  readonly verify: {
    readonly input: StepOf & { readonly left?: readonly string[] };
    readonly answer: { readonly open: number; readonly proven: boolean };
  };
  /** The containments that the run owns now as well; null when the target is not contained any more. */
  readonly join: { readonly input: StepOf; readonly answer: string[] | null };
  /** `left` to others. False when the run would let go of what is contained: as the last owner, or because it is so again. */
  readonly leave: { readonly input: StepOf & { readonly left?: readonly string[] }; readonly answer: boolean };
  readonly ask: {
    readonly input: StepOf & { readonly reason: Reason; readonly done: Done };
    readonly answer: Question;
  };
  readonly escalate: {
    readonly input: { readonly plan: string; readonly approval: string; readonly rung: number; readonly done: Done };
    readonly answer: null;
  };
  readonly answer: { readonly input: { readonly approval: string }; readonly answer: 'approved' | 'rejected' | null };
  /** Notes that a kill switch holds the run back. */
  readonly pause: { readonly input: null; readonly answer: { readonly until: string } };
  /** Null while a kill switch holds. */
  readonly resumed: { readonly input: null; readonly answer: true | null };
  /** Takes back what this run has changed, as a release; what that came to. */
  readonly 'take-back': {
    readonly input: null;
    readonly answer: { readonly outcome: Outcome; readonly detail: string };
  };
  readonly conclude: { readonly input: { readonly result: RunResult }; readonly answer: null };
};
