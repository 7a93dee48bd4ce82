import type * as z from 'zod';
import { Finding } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Reason } from '../model/reason.ts';

/** What a source makes of one message: findings, a reason to leave it, or word that it cannot be read. */
export type Reading =
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string; readonly remedy: string };

export const ignored = (reason: string): Reading => ({ kind: 'ignored', reason });
export const malformed = (problem: string, remedy: string): Reading => ({ kind: 'malformed', problem, remedy });

/** A finding as a source builds it; members that are undefined are left out. */
export function found(draft: z.input<typeof Finding>): Reading {
  const finding = Finding.safeParse(JSON.parse(JSON.stringify(draft)));
  if (finding.success) return { kind: 'findings', findings: [finding.data] };
  const at = finding.error.issues.map(({ path }) => path.join('.')).join(', ');
  return malformed(
    `The message does not make a finding: ${at}.`,
    'Keep the message and report it: a field is missing.',
  );
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
  /** Cheap: looks at the envelope only. */
  recognises(event: Json): boolean;
  read(event: Json): Reading;
};

/** What screening says about one finding. */
export type Screened =
  | { readonly act: 'enforce' }
  | { readonly act: 'plan-only'; readonly reason: Reason }
  | { readonly act: 'skip'; readonly reason: Reason };
