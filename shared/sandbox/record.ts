/** One call that reached a simulated cloud. */
export type RecordedCall = {
  readonly at: string;
  readonly cloud: 'aws' | 'azure';
  /** `iam:UpdateAccessKey` or `Microsoft.Network/networkSecurityGroups/write`. */
  readonly operation: string;
  /** Further rights the call needed, as `iam:PassRole` or a join action. */
  readonly also: readonly string[];
  /** Whether it changes anything. */
  readonly mutating: boolean;
  readonly resource: string;
  /** ARN of the principal, or the id of the service principal; empty for a stranger. */
  readonly caller: string;
  readonly account: string;
  readonly region: string;
  readonly status: number;
  readonly error: string;
  readonly requestId: string;
};

/** Every call, in order. */
export type Recorder = {
  readonly calls: readonly RecordedCall[];
  add(call: RecordedCall): void;
  /** Told of every call as it happens; answers with how to stop listening. */
  onCall(listener: (call: RecordedCall) => void): () => void;
  clear(): void;
  /** The same calls, to go on apart; whoever listens here does not listen there. */
  fork(): Recorder;
};

export function createRecorder(from: readonly RecordedCall[] = []): Recorder {
  const calls: RecordedCall[] = [...from];
  const listeners = new Set<(call: RecordedCall) => void>();
  return {
    calls,
    add(call) {
      calls.push(call);
      for (const listener of listeners) listener(call);
    },
    onCall(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: () => void calls.splice(0),
    fork: () => createRecorder(calls),
  };
}
