/** What goes wrong with a call. */
export type Fault =
  | { readonly kind: 'throttle'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'error'; readonly code: string; readonly status: number; readonly message?: string }
  | { readonly kind: 'delay'; readonly seconds: number }
  /** The effect happens and the answer is lost. */
  | { readonly kind: 'answer-lost' }
  /** Nothing happens behind a success. */
  | { readonly kind: 'effect-lost' };

export type FaultRule = {
  /** `iam:UpdateAccessKey`, `ec2:*`, or an ARM operation such as `Microsoft.Network/networkSecurityGroups/write`. */
  readonly operation: string;
  readonly fault: Fault;
  /** How often it strikes; for ever when left out. */
  readonly times?: number;
  /** Lets so many calls through first. */
  readonly after?: number;
};

export type Faults = {
  plant(rule: FaultRule): void;
  clear(): void;
  /** The fault that strikes this call, if any; counts it. */
  strike(operation: string): Fault | undefined;
  /** The same faults, as far as they have struck, to go on apart. */
  fork(): Faults;
};

type Planted = { readonly rule: FaultRule; left: number; skip: number };

const fits = (pattern: string, operation: string): boolean =>
  pattern.endsWith('*')
    ? operation.toLowerCase().startsWith(pattern.slice(0, -1).toLowerCase())
    : pattern.toLowerCase() === operation.toLowerCase();

export function createFaults(from: readonly Planted[] = []): Faults {
  let planted: Planted[] = from.map((one) => ({ ...one }));
  return {
    plant: (rule) => void planted.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY, skip: rule.after ?? 0 }),
    clear: () => {
      planted = [];
    },
    strike(operation) {
      for (const one of planted) {
        if (!fits(one.rule.operation, operation) || one.left <= 0) continue;
        if (one.skip > 0) {
          one.skip -= 1;
          continue;
        }
        one.left -= 1;
        return one.rule.fault;
      }
      return undefined;
    },
    fork: () => createFaults(planted),
  };
}
