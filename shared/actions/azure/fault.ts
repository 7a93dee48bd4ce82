import { CordonError, messageOf, ProviderError } from '../../model/error.ts';
import { own } from '../../model/json.ts';

/** The code of an Azure error: `ResourceNotFound`, `SecurityRuleConflict`, `BlobNotFound`. */
export const azureCode = (thrown: unknown): string => {
  const inBody = own(own(own(thrown, 'details'), 'error'), 'code');
  return String(inBody ?? own(own(thrown, 'details'), 'errorCode') ?? own(thrown, 'code') ?? '');
};
const statusOf = (thrown: unknown): number => Number(own(thrown, 'statusCode') ?? 0);

/** Refusals that another try may not meet, whatever their status: a slot just taken, a resource still being changed. */
const passing = ['SecurityRuleConflict', 'AnotherOperationInProgress', 'RetryableError'];

/** An SDK error as a fault that tells whether trying again makes sense and whether it may have had an effect. */
export function azureFault(thrown: unknown): unknown {
  if (thrown instanceof CordonError || !(thrown instanceof Error) || thrown.name === 'AbortError') return thrown;
  if (thrown.name !== 'RestError' && own(thrown, 'code') === undefined) return thrown;
  const status = statusOf(thrown);
  const code = azureCode(thrown);
  const unanswered = status === 0 || status >= 500;
  return new ProviderError({
    code: status === 0 ? 'no-answer' : code || `http-${status}`,
    message: `Azure: ${status === 0 ? 'the call was not answered' : code}: ${messageOf(thrown).split('\n')[0] ?? ''}`,
    status,
    retryable: unanswered || [408, 409, 412, 429].includes(status) || passing.includes(code),
    indeterminate: unanswered,
    cause: thrown,
    ...(status === 403 && {
      remedy: 'Grant the action to the identity of this stage; `cordon policy` prints what is needed.',
    }),
  });
}

/** What a read gives, or undefined where Azure says that there is no such thing (404). */
export async function unlessAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}
