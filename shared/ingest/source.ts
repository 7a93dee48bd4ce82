import type { Finding } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Reason } from '../model/reason.ts';

/** What a source makes of one message: findings, a reason to leave it, or word that it cannot be read. */
export type Reading =
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly problem: string; readonly remedy: string };

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
