import * as z from 'zod';
import { Finding } from './finding.ts';
import { Json } from './json.ts';
import { Outcome } from './outcome.ts';
import { Change } from './plan.ts';
import { reasonCodes } from './reason.ts';
import { Target } from './target.ts';

export const Mode = z.enum(['dry-run', 'enforce']);
export type Mode = z.infer<typeof Mode>;

/**
 * Who asked for a run: an event, a person over HTTP or the command line, the watch over a containment, the schedule that
 * ends what ends by itself, or a run that takes back its own changes.
 */
export const Requester = z.object({ kind: z.enum(['event', 'person', 'watch', 'schedule', 'run']), id: z.string() });
export type Requester = z.infer<typeof Requester>;

/** An action used once more, as it was agreed to before or on something new of the same kind. */
export const Again = z.object({
  step: z.string(),
  action: z.string(),
  input: Json,
  account: z.string(),
  /** The very same resource and values: what was agreed to once is not asked again. */
  same: z.boolean(),
  /** A person is asked first, whatever the playbook says. */
  ask: z.boolean(),
  /** The run whose containment did not hold. */
  owner: z.string(),
});
export type Again = z.infer<typeof Again>;

const common = {
  id: z.string().regex(/^[a-z2-7]{26}$/),
  playbook: z.string(),
  /** The playbook this run is pinned to. */
  playbookHash: z.string(),
  finding: Finding,
  target: Target,
  mode: Mode,
  /** Why the mode is not enforce, where it is not. */
  modeReason: z.enum(reasonCodes),
  requester: Requester,
  openedAt: z.string(),
  /** Digest of the raw event in the evidence store. */
  event: z.string(),
  /** The plan that the requester saw and agreed to; another one is not carried out. */
  agreedDigest: z.string().exactOptional(),
};

/** What a run sets out to do; written once, when it opens. */
export const RunOrder = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('containment'),
    ...common,
    /** One use of an action with its inputs as they are, instead of the playbook's steps: what the watch found open. */
    again: Again.exactOptional(),
    /** It acts on nothing: people are told, whatever became of the target and of the finding. */
    tells: z.boolean().exactOptional(),
  }),
  z.object({
    kind: z.literal('release'),
    ...common,
    /** The run that is taken back. */
    releases: z.string(),
    reactivateCredentials: z.boolean(),
    /** One containment of that run, instead of all. */
    only: z.string().exactOptional(),
  }),
]);
export type RunOrder = z.infer<typeof RunOrder>;

/** What became of one step. */
export const StepResult = z.object({
  id: z.string(),
  action: z.string(),
  outcome: Outcome,
  reason: z.enum(reasonCodes),
  detail: z.string().exactOptional(),
  /** Found neither as planned nor as before: somebody else's edit, left alone. */
  moved: z.array(Change),
});
export type StepResult = z.infer<typeof StepResult>;

export const RunResult = z.object({
  outcome: Outcome,
  reason: z.enum(reasonCodes),
  detail: z.string().exactOptional(),
  planDigest: z.string().exactOptional(),
  steps: z.array(StepResult),
});
export type RunResult = z.infer<typeof RunResult>;

/** A run as it stands: open, waiting for a time or a person, or ended with a result. */
export const RunState = z.object({
  order: RunOrder,
  status: z.enum(['open', 'waiting', 'ended']),
  /** When it wants to be looked at again; null where only a person can move it. */
  dueAt: z.string().nullable(),
  waitsFor: z.string().nullable(),
  result: RunResult.nullable(),
  endedAt: z.string().nullable(),
});
export type RunState = z.infer<typeof RunState>;

/** The run that a containment belongs to: what the watch contains again stays the first one's, to be released with it. */
export const ownerOf = (order: RunOrder): string =>
  order.kind === 'containment' && order.again?.same ? order.again.owner : order.id;
