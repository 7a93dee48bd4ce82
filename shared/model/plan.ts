import * as z from 'zod';
import { digest, Json } from './json.ts';
import { type Reason, reasonCodes } from './reason.ts';

/** A value that a change passes through on its way, for how long, and what that means. */
export const Passage = z.object({ value: Json, seconds: z.int().positive(), means: z.string() });

/** One line of a plan: the fields Cordon manages of one resource, before and after; null where it does not exist. */
export const Change = z.object({
  resource: z.string(),
  from: Json,
  to: Json,
  /** Makes the change indivisible: once begun it is finished before anything else. */
  through: Passage.exactOptional(),
});
export type Change = z.infer<typeof Change>;

export const Decision = z.enum(['allow', 'ask', 'deny']);
export type Decision = z.infer<typeof Decision>;

/** What one step would change, and what the guardrails say about it. */
export const StepPlan = z.object({
  id: z.string(),
  action: z.string(),
  actionHash: z.string(),
  title: z.string(),
  input: Json,
  /** Account or subscription, and region, that the changes are made in. */
  account: z.string(),
  region: z.string(),
  changes: z.array(Change),
  decision: Decision,
  reason: z.enum(reasonCodes),
  /** More than the reason can say: which protection, which limit, which field is missing. */
  detail: z.string().exactOptional(),
  /** What the reader must know before saying yes. */
  cautions: z.array(z.string()),
});
export type StepPlan = z.infer<typeof StepPlan>;

/** The ordered changes a run would make, with their digest. */
export const Plan = z.object({
  playbook: z.string(),
  playbookHash: z.string(),
  finding: z.string(),
  target: z.string(),
  steps: z.array(StepPlan),
  digest: z.string(),
});
export type Plan = z.infer<typeof Plan>;

/** SHA-256 over what would be done: hashes, inputs, target, changes; no run id, no time, no opinion. */
export const planDigest = ({ playbook, playbookHash, target, steps }: Omit<Plan, 'digest'>): string =>
  digest({
    playbook,
    playbookHash,
    target,
    steps: steps.map(({ id, action, actionHash, input, account, region, changes }) => ({
      id,
      action,
      actionHash,
      input,
      account,
      region,
      changes: changes.map(({ resource, from, to, through }) => ({ resource, from, to, through: through ?? null })),
    })),
  });

const strictness = { allow: 0, ask: 1, deny: 2 } as const;

/** The stricter of two decisions; the first where they are equally strict. */
export const stricter = <D extends { readonly decision: Decision; readonly reason: Reason }>(a: D, b: D): D =>
  strictness[b.decision] > strictness[a.decision] ? b : a;
