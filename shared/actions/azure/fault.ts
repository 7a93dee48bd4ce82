import { CordonError, messageOf, ProviderError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import { retryAfterSeconds } from '../../model/retry-after.ts';

/** The error in the body of an answer, as ARM and as the Table service write it. */
const inAnswer = (thrown: unknown): unknown =>
  own(own(thrown, 'details'), 'error') ?? own(own(thrown, 'details'), 'odataError');

/** The code of an Azure error: `ResourceNotFound`, `SecurityRuleConflict`, `BlobNotFound`. */
export const azureCode = (thrown: unknown): string => {
  const inBody = own(inAnswer(thrown), 'code');
  return String(inBody ?? own(own(thrown, 'details'), 'errorCode') ?? own(thrown, 'code') ?? '');
};
/** What it says in words; the Table service has them by language. */
const saidBy = (thrown: Error): string => String(own(own(inAnswer(thrown), 'message'), 'value') ?? messageOf(thrown));
const statusOf = (thrown: unknown): number => Number(own(thrown, 'statusCode') ?? 0);

/** How long Azure asks to wait; its clients keep the answer beside the error. */
const waitOf = (thrown: unknown): number | undefined => {
  const headers = own(own(thrown, 'response'), 'headers') as { get?(name: string): string | undefined } | undefined; // both classes of headers have `get`
  return retryAfterSeconds((name) => headers?.get?.(name));
};

/** Storage says it with 503; the request was not begun. */
const throttled = /^TooManyRequests$|RequestsThrottled$|^ServerBusy$/;

/** Refusals that another try may not meet, whatever their status: a slot just taken, a resource still being changed. */
const passing = ['SecurityRuleConflict', 'AnotherOperationInProgress', 'RetryableError'];

/** An SDK error as a fault that tells whether trying again makes sense and whether it may have had an effect. */
export function azureFault(thrown: unknown): unknown {
  if (thrown instanceof CordonError || !(thrown instanceof Error) || thrown.name === 'AbortError') return thrown;
  if (thrown.name !== 'RestError' && own(thrown, 'code') === undefined) return thrown;
  const status = statusOf(thrown);
  const code = azureCode(thrown);
  const throttle = status === 429 || throttled.test(code);
  const unanswered = !throttle && (status === 0 || status >= 500);
  const wait = waitOf(thrown);
  return new ProviderError({
    code: status === 0 ? 'no-answer' : code || `http-${status}`,
    message: `Azure: ${status === 0 ? 'the call was not answered' : code}: ${saidBy(thrown).split('\n')[0] ?? ''}`,
    status,
    retryable: throttle || unanswered || [408, 409, 412].includes(status) || passing.includes(code),
    indeterminate: unanswered,
    cause: thrown,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
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
