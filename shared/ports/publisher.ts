import type { RemediationEvent } from '../model/remediation-event.ts';

/** One place where programs hear how runs end. */
export type Publisher = {
  /** As the outbox addresses it: `event-bus`, `event-topic`. */
  readonly name: string;
  /**
   * Resolves when the other side has taken all of them; the answer is its own name for the call, or empty. Throws
   * `CordonError`: `retryable` says whether trying again makes sense. The same events may come twice, with the same `uid`.
   */
  publish(events: readonly RemediationEvent[], signal: AbortSignal): Promise<string>;
};
