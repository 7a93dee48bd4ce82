import * as z from 'zod';
import { Duration } from './duration.ts';
import { Json } from './json.ts';

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, starting with a letter');
/** An EventBridge event pattern; its own language is checked by `pattern/parse`. */
const PatternSource = z.record(z.string(), Json);

export const Approve = z.strictObject({
  /** Asked when this pattern matches `{ finding, target, steps }`; always, when neither is given. */
  when: PatternSource.optional(),
  unless: PatternSource.optional(),
  /** Groups and people; `approver` is everyone who may approve. */
  by: z.array(z.string().min(1)).min(1).max(10),
  within: Duration,
  /** `escalate`: those in `by` are asked in turn, each for `within`, and everyone at the end. `lapse`: all at once. */
  silence: z.enum(['lapse', 'escalate']).default('lapse'),
  /** How many different people must say yes; one no ends it. */
  quorum: z.int().min(1).max(5).default(1),
});

export const Step = z.strictObject({
  id: Id,
  /** An action's id. */
  action: z.string().min(1),
  /** Inputs; `${finding.…}`, `${target.…}` and `${item}` are filled in and keep their types. */
  with: z.record(z.string(), Json).default({}),
  /** Over `{ finding, target, steps }`; the step is left out where it does not match. */
  when: PatternSource.optional(),
  /** A template that gives a list; the step is planned once for each `item`. */
  forEach: z.string().optional(),
  /** A template for the account, subscription or tenant to act in, where it is not the finding's own. */
  in: z.string().optional(),
  /** `stop` keeps what is contained and leaves out the steps after it; `roll-back` takes the run's changes back as well. */
  onFailure: z.enum(['stop', 'continue', 'roll-back']).default('stop'),
  approve: Approve.optional(),
});
export type Step = z.infer<typeof Step>;

/** Steps that run side by side; the steps after them wait for all. */
export const Parallel = z.strictObject({ parallel: z.array(Step).min(2).max(20) });
export type Parallel = z.infer<typeof Parallel>;

/** Tells by its only key which of the two is meant, so that what is wrong is said of that one. */
const StepOrParallel = z.unknown().transform((value, context): Step | Parallel => {
  const parallel = typeof value === 'object' && value !== null && Object.hasOwn(value, 'parallel');
  const parsed = (parallel ? Parallel : Step).safeParse(value);
  if (parsed.success) return parsed.data;
  context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: value }) as never)); // zod's own issues, passed on
  return z.NEVER;
});

export const Expectation = z.strictObject({
  matched: z.boolean().optional(),
  plan: z.array(z.string()).optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
});

export const PlaybookTest = z.strictObject({
  name: z.string().min(1),
  event: z.strictObject({ fixture: z.string().min(1), with: z.record(z.string(), Json).optional() }),
  expect: Expectation,
});
export type PlaybookTest = z.infer<typeof PlaybookTest>;

/** Trigger, limits and steps: what Cordon does about one kind of finding. */
export const Playbook = z.strictObject({
  id: Id,
  title: z.string().min(1).max(120),
  /** Event pattern over `{ finding, event }`. */
  on: z.partialRecord(z.enum(['finding', 'event', '$or']), Json),
  /** Event pattern over one resource of the finding; each one picked opens a run. Default: the affected ones. */
  targets: PatternSource.default({ role: ['affected'] }),
  /** Opened only for what no other playbook answers, once for a finding; where no resource is picked, for any of them. */
  otherwise: z.boolean().exactOptional(),
  mode: z.enum(['dry-run', 'enforce']).default('dry-run'),
  limits: z
    .strictObject({ targets: z.int().min(1).max(1_000).default(5), perHour: z.int().min(1).max(10_000).default(20) })
    .prefault({}),
  /** When somebody is reminded to look at the containment again. */
  review: Duration.default('24h'),
  /** What it answers in the words of others; the control map is made from it. */
  maps: z
    .strictObject({
      /** Techniques of MITRE ATT&CK (attack.mitre.org). */
      attack: z
        .array(z.string().regex(/^T\d{4}(\.\d{3})?$/, 'an ATT&CK technique, as T1078.004'))
        .min(1)
        .max(20),
    })
    .optional(),
  steps: z.array(StepOrParallel).min(1).max(50),
  /** Steps that run at the end whatever became of those before, but for a kill switch or a guardrail. */
  finally: z.array(Step).max(10).default([]),
  tests: z.array(PlaybookTest).default([]),
});
export type Playbook = z.infer<typeof Playbook>;

/** A step with its place on the way: those of one `stage` run side by side, those of `finally` always. */
export type PlacedStep = {
  readonly step: Step;
  readonly stage: number;
  readonly parallel: boolean;
  readonly always: boolean;
  readonly path: string;
};

/** Every step of a playbook in order, however it is nested. */
export function placedSteps({ steps, finally: last }: Pick<Playbook, 'steps' | 'finally'>): readonly PlacedStep[] {
  const first = steps.flatMap((one, stage): PlacedStep[] => {
    const path = `steps.${stage}`;
    if (!('parallel' in one)) return [{ step: one, stage, parallel: false, always: false, path }];
    return one.parallel.map((step, at) => ({
      step,
      stage,
      parallel: true,
      always: false,
      path: `${path}.parallel.${at}`,
    }));
  });
  const after = last.map((step, at) => ({
    step,
    stage: steps.length + at,
    parallel: false,
    always: true,
    path: `finally.${at}`,
  }));
  return [...first, ...after];
}

/** The step that one planned use belongs to: uses of a step with `forEach` are called `id-1`, `id-2`, …. */
export function stepOfUse(playbook: Pick<Playbook, 'steps' | 'finally'>, use: string): PlacedStep | undefined {
  const placed = placedSteps(playbook);
  return placed.find(({ step }) => step.id === use) ?? placed.find(({ step }) => step.id === use.replace(/-\d+$/, ''));
}
