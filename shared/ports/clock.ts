/** Time, as the process sees it. Tests and the sandbox bring a virtual one. */
export type Clock = {
  /** ISO 8601, UTC, with milliseconds. */
  now(): string;
  /** Resolves after so many seconds; rejects when the signal aborts. */
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
};
