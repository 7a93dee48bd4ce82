import { awsFault } from '../../actions/aws/fault.ts';
import { ProviderError } from '../../model/error.ts';

/**
 * How the client of a store is set up. Here, and only here, the SDK is the layer that retries: a write carries its
 * writer's token or its own digest, so that repeating it is safe, and a turn that has to be begun again costs minutes.
 */
export const storeClient = {
  maxAttempts: 4,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 4_000,
    socketTimeout: 4_000,
    throwOnRequestTimeout: true,
  },
};

/** Calls a store, all attempts within one deadline. Throws `ProviderError`; without an answer it is retryable. */
export async function storeCall<T>(
  milliseconds: number,
  call: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const abortSignal = AbortSignal.timeout(milliseconds);
  try {
    return await call({ abortSignal });
  } catch (cause) {
    if (!abortSignal.aborted) throw awsFault(cause);
    throw new ProviderError({
      code: 'no-answer',
      message: `AWS: the store did not answer within ${milliseconds} ms`,
      status: 0,
      retryable: true,
      indeterminate: true,
      cause,
    });
  }
}
