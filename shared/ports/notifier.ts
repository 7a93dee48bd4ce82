import type { Notice } from '../model/notice.ts';

/** One way to reach people. */
export type Channel = {
  /** Named in the settings: `slack`, `oncall-webhook`. */
  readonly name: string;
  /**
   * Resolves when the other side has taken it; the answer is its own name for the message, or empty. `thread` is what it
   * answered to the first message about the same run, or empty. Throws `CordonError`: `retryable` says whether trying
   * again makes sense, `retryAfterSeconds` when. No error holds a secret.
   */
  send(notice: Notice, thread: string, signal: AbortSignal): Promise<string>;
};

/** The channels of a deployment, and which of them a notice goes to, as the settings route it. */
export type Notifier = {
  readonly channels: readonly Channel[];
  channelsFor(notice: Notice): readonly Channel[];
};

/** Where no channel is configured, nobody is told; the records still hold everything. */
export const silentNotifier: Notifier = { channels: [], channelsFor: () => [] };
