import * as z from 'zod';
import { Finding } from './finding.ts';
import { Outcome } from './outcome.ts';
import { Change } from './plan.ts';
import { reasonCodes } from './reason.ts';
import { Target } from './target.ts';

export const Mode = z.enum(['dry-run', 'enforce']);
export type Mode = z.infer<typeof Mode>;

/** Who asked for a run: an event, or a person over HTTP or the command line. */
export const Requester = z.object({ kind: z.enum(['event', 'person']), id: z.string() });
export type Requester = z.infer<typeof Requester>;

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
  z.object({ kind: z.literal('containment'), ...common }),
  z.object({
    kind: z.literal('release'),
    ...common,
    /** The run that is taken back. */
    releases: z.string(),
    reactivateCredentials: z.boolean(),
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
