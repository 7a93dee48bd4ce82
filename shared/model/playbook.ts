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
  by: z.array(z.string().min(1)).min(1),
  within: Duration,
  silence: z.enum(['lapse', 'escalate']).default('lapse'),
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
  onFailure: z.enum(['stop', 'continue']).default('stop'),
  approve: Approve.optional(),
});
export type Step = z.infer<typeof Step>;

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
  mode: z.enum(['dry-run', 'enforce']).default('dry-run'),
  limits: z
    .strictObject({ targets: z.int().min(1).max(1_000).default(5), perHour: z.int().min(1).max(10_000).default(20) })
    .prefault({}),
  /** When somebody is reminded to look at the containment again. */
  review: Duration.default('24h'),
  steps: z.array(Step).min(1).max(50),
  tests: z.array(PlaybookTest).default([]),
});
export type Playbook = z.infer<typeof Playbook>;

/** The step that one planned use belongs to: uses of a step with `forEach` are called `id-1`, `id-2`, …. */
export const stepOfUse = ({ steps }: Pick<Playbook, 'steps'>, use: string): Step | undefined =>
  steps.find(({ id }) => id === use) ?? steps.find(({ id }) => id === use.replace(/-\d+$/, ''));
