import * as z from 'zod';
import { later } from './duration.ts';
import { reasonCodes } from './reason.ts';

export const Verdict = z.enum(['approved', 'rejected']);
export type Verdict = z.infer<typeof Verdict>;

/** One person's answer. */
export const Vote = z.object({
  verdict: Verdict,
  person: z.string(),
  at: z.string(),
  note: z.string(),
  /** How it came: `cli`, `http`, `slack`. */
  channel: z.string(),
  /** Over all of the above, the approval and the plan's digest. */
  signature: z.string(),
});
export type Vote = z.infer<typeof Vote>;

/** A question to people about one step of one plan; bound to the plan's digest. */
export const Approval = z.object({
  id: z.string(),
  run: z.string(),
  step: z.string(),
  digest: z.string(),
  reason: z.enum(reasonCodes),
  playbook: z.string(),
  account: z.string(),
  /** Groups and people; in turn where silence escalates, else all at once. */
  by: z.array(z.string()).min(1),
  silence: z.enum(['lapse', 'escalate']),
  /** How long each of them has. */
  withinSeconds: z.int().positive(),
  quorum: z.int().positive(),
  /** Who asked; never one who answers. */
  requester: z.string(),
  askedAt: z.string(),
  deadline: z.string(),
  votes: z.array(Vote),
  /** Set by the vote that decides it. */
  answer: z.object({ verdict: Verdict, person: z.string(), at: z.string(), note: z.string() }).nullable(),
});
export type Approval = z.infer<typeof Approval>;

/** Everyone who may approve. */
export const everyone = 'approver';

/** Those who are asked by and by, and until when it is their turn. Whoever was asked once may still answer later. */
export type Rung = { readonly asked: readonly string[]; readonly until: string };

/** The ladder of a question: one rung where silence lets it lapse, else one for each of `by` and everyone at the end. */
export function rungsOf({
  by,
  silence,
  withinSeconds,
  askedAt,
}: Pick<Approval, 'by' | 'silence' | 'withinSeconds' | 'askedAt'>): readonly Rung[] {
  if (silence === 'lapse') return [{ asked: by, until: later(askedAt, withinSeconds) }];
  const last = by.includes(everyone) ? by : [...by, everyone];
  return last.map((_, at) => ({ asked: last.slice(0, at + 1), until: later(askedAt, withinSeconds * (at + 1)) }));
}

/** Who may answer now. */
export const askedNow = (approval: Approval, now: string): readonly string[] =>
  (rungsOf(approval).find(({ until }) => now < until) ?? { asked: [] }).asked;
