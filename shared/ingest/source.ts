import type * as z from 'zod';
import { Finding } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Reason } from '../model/reason.ts';
import { masked } from '../model/masked.ts';

/** What a source makes of one message: findings, a reason to leave it, or word that it cannot be read. */
export type Reading =
  | {
      readonly kind: 'findings';
      readonly findings: readonly Finding[];
      /** Parts of the same message that make no finding: none of them is lost because others can be read. */
      readonly rest?: readonly Unread[];
    }
  | Unread;

/** A part of a message that makes no finding, with the reason. */
export type Unread =
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string; readonly remedy: string };

export const ignored = (reason: string): Unread => ({ kind: 'ignored', reason });
export const malformed = (problem: string, remedy: string): Unread => ({ kind: 'malformed', problem, remedy });

/** A finding as a source builds it; members that are undefined are left out. */
export function found(draft: z.input<typeof Finding>): Reading {
  const finding = Finding.safeParse(JSON.parse(JSON.stringify(draft)));
  if (finding.success) {
    const { title, description, ...rest } = finding.data;
    return { kind: 'findings', findings: [{ ...rest, title: masked(title), description: masked(description) }] };
  }
  const at = finding.error.issues.map(({ path }) => path.join('.')).join(', ');
  return malformed(
    `The message does not make a finding: ${at}.`,
    'Keep the message and report it: a field is missing.',
  );
}

/** Several readings of one message as one: findings go on, and what makes none stands beside them with its reason. */
export function together(readings: readonly Reading[]): Reading {
  const findings = readings.flatMap((one) => (one.kind === 'findings' ? one.findings : []));
  const rest = readings.flatMap((one) => (one.kind === 'findings' ? (one.rest ?? []) : [one]));
  const [only, ...more] = rest;
  if (findings.length === 0 && only && more.length === 0) return only;
  return rest.length === 0 ? { kind: 'findings', findings } : { kind: 'findings', findings, rest };
}

/** One kind of message that Cordon understands. Its declaration is what the reference page prints. */
export type Source = {
  readonly id: string;
  readonly title: string;
  /** How it really reaches a handler. */
  readonly delivery: string;
  /** What makes two deliveries the same finding. */
  readonly identity: string;
  /** What is read again before anything is changed. */
  readonly confirm: 'finding' | 'state' | 'channel';
  readonly sampleMarker: string;
  /** Fields whose text an attacker can choose. */
  readonly forgeable: readonly string[];
  /** The vendor page. */
  readonly reference: string;
  /** The names of the envelopes that it reads, as `envelopeNames` gives them; no two sources share one. */
  readonly envelopes: readonly string[];
  read(event: Json): Reading;
};

/** What screening says about one finding. */
export type Screened =
  | { readonly act: 'enforce' }
  | { readonly act: 'plan-only'; readonly reason: Reason }
  | { readonly act: 'skip'; readonly reason: Reason };
