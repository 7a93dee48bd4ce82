import { setTimeout as pass } from 'node:timers/promises';
import { azureFault } from '../../actions/azure/fault.ts';
import { ProviderError } from '../../model/error.ts';

/** How the client of a store is set up: the SDK repeats nothing, `storeCall` does. */
export const storeClient = { retryOptions: { maxRetries: 0, maxTries: 1 } };

/** How long a store is waited for. */
export type Patience = {
  /** For one attempt, and for all of them together. */
  readonly attemptMilliseconds: number;
  readonly deadlineMilliseconds: number;
  /** Between one attempt and the next, so that there is one attempt more than there are pauses. */
  readonly pausesMilliseconds: readonly number[];
};

/** Four attempts, as other stores get them. */
export const patience: Patience = {
  attemptMilliseconds: 4_000,
  deadlineMilliseconds: 10_000,
  pausesMilliseconds: [50, 200, 800],
};

type Call<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** What @azure/identity throws before anything is sent. */
const withoutToken = /^(CredentialUnavailableError|AuthenticationError|AuthenticationRequiredError)$/;

function faultOf(thrown: unknown, late: boolean): unknown {
  if (!late && thrown instanceof Error && withoutToken.test(thrown.name))
    return new ProviderError({
      code: 'no-credentials',
      message: 'Azure: the managed identity gave no token for the store',
      remedy:
        'Give the function app its identity, and set CORDON_AZURE_HOME_CLIENT_ID where that is a user-assigned one.',
      status: 0,
      retryable: true,
      indeterminate: false,
      cause: thrown,
    });
  if (!late) return azureFault(thrown);
  return new ProviderError({
    code: 'no-answer',
    message: 'Azure: the store did not answer in time',
    status: 0,
    retryable: true,
    indeterminate: true,
    cause: thrown,
  });
}

/** Not answered, failed inside, or throttled; a condition that does not hold is no fault of the moment. */
const mayPass = (fault: unknown): fault is ProviderError =>
  fault instanceof ProviderError && fault.retryable && ![409, 412].includes(fault.status);

/**
 * Calls a store, again where that may help. Here, and only here, calls to a store are repeated: a write carries its
 * writer's token or its own digest, so that repeating it is safe. Throws `ProviderError`; without an answer it is retryable.
 */
export async function storeCall<T>(limits: Patience, call: Call<T>): Promise<T> {
  const deadline = AbortSignal.timeout(limits.deadlineMilliseconds);
  const attempt = async ([pause, ...later]: readonly number[]): Promise<T> => {
    const abortSignal = AbortSignal.any([deadline, AbortSignal.timeout(limits.attemptMilliseconds)]);
    try {
      return await call({ abortSignal });
    } catch (thrown) {
      const fault = faultOf(thrown, abortSignal.aborted);
      if (pause === undefined || deadline.aborted || !mayPass(fault)) throw fault;
      const asked = (fault.retryAfterSeconds ?? 0) * 1_000;
      await pass(Math.max(pause, asked), undefined, { signal: deadline }).catch(() => Promise.reject(fault));
      return attempt(later);
    }
  };
  return attempt(limits.pausesMilliseconds);
}
