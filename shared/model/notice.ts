import * as z from 'zod';
import { Outcome } from './outcome.ts';
import { reasonCodes } from './reason.ts';
import { Severity } from './finding.ts';

/** What a notice is about. */
export const occasions = {
  'approval-asked': 'A person is asked before a step.',
  'approval-escalated': 'Nobody answered: the next people are asked.',
  'run-ended': 'A run is over; what was cut stands in it.',
  'review-due': 'A containment has stood until its review date.',
  'containment-broken': 'What was contained is open again, or the attacker has made something new.',
  'containment-answered': 'What was open again has been contained again.',
  'breaker-opened': 'Too much was contained too fast: from now on a person is asked.',
  halted: 'A kill switch holds runs back.',
  'event-set-aside': 'An event could not be taken and is kept aside: nothing was contained because of it.',
  'missed-findings': 'The provider holds active findings whose events never arrived: nobody has answered them.',
  'not-reconciled': 'It could not be told whether findings were missed.',
} as const;
export type NoticeKind = keyof typeof occasions;

/** One line of what was done, what waits or what failed, in Cordon's own words. */
export const NoticeStep = z.object({
  id: z.string(),
  title: z.string(),
  /** `asked` and `waiting` where the step has not run. */
  state: z.union([Outcome, z.enum(['asked', 'waiting'])]),
  reason: z.enum(reasonCodes),
  /** Lines of the plan, one resource each. */
  changes: z.int(),
});
export type NoticeStep = z.infer<typeof NoticeStep>;

/**
 * What people are told, channel-neutral. Everything under `finding` and `target`, and every `detail`, may hold text
 * an attacker chose: a channel shows it inert. All else is Cordon's own.
 */
export const Notice = z.object({
  /** Deterministic: the same thing is told once in each channel. */
  id: z.string(),
  kind: z.enum(Object.keys(occasions) as [NoticeKind, ...NoticeKind[]]), // the keys of a literal, never empty
  at: z.string(),
  severity: Severity,
  /** Wakes somebody up: an approval, a broken containment, an open breaker. */
  page: z.boolean(),
  run: z.string().nullable(),
  playbook: z.string().nullable(),
  finding: z
    .object({ provider: z.string(), id: z.string(), type: z.string(), title: z.string(), description: z.string() })
    .nullable(),
  target: z
    .object({ type: z.string(), id: z.string(), name: z.string(), account: z.string(), region: z.string() })
    .nullable(),
  outcome: Outcome.nullable(),
  detail: z.string(),
  /** What is cut already, what waits, what did not work; in the order of the run. */
  steps: z.array(NoticeStep),
  /** What is asked, of whom, until when, and the plan it is bound to. */
  asks: z
    .object({
      approval: z.string(),
      step: z.string(),
      digest: z.string(),
      to: z.array(z.string()),
      until: z.string(),
      cautions: z.array(z.string()),
    })
    .nullable(),
  /** The command that takes it back, or that says what can be done. */
  commands: z.array(z.string()),
});
export type Notice = z.infer<typeof Notice>;
