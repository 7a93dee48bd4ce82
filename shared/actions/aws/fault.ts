import { CordonError, messageOf, ProviderError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import { retryAfterSeconds } from '../../model/retry-after.ts';

const throttled =
  /Throttl|ThroughputExceeded|RequestLimitExceeded|TooManyRequests|SlowDown|RateExceeded|ResourceContention|ConcurrentModification|^Conflict$|^ConditionalRequestConflict$/;

/** The code of an AWS error, as the service writes it: `NoSuchEntity` for the SDK's `NoSuchEntityException`. */
export const awsCode = (thrown: unknown): string => String(own(thrown, 'name') ?? '').replace(/Exception$/, '');

/** How long the service asks to wait: `$response` is the HTTP answer that the SDK keeps beside its error. */
const waitOf = (thrown: unknown): number | undefined =>
  retryAfterSeconds((name) => {
    const value = own(own(own(thrown, '$response'), 'headers'), name);
    return value === undefined ? undefined : String(value);
  });

/** An SDK error as a fault that tells whether trying again makes sense and whether it may have had an effect. */
export function awsFault(thrown: unknown): unknown {
  if (thrown instanceof CordonError || !(thrown instanceof Error) || thrown.name === 'AbortError') return thrown;
  const status = Number(own(own(thrown, '$metadata'), 'httpStatusCode') ?? 0);
  if (status === 0 && own(thrown, '$metadata') === undefined && own(thrown, 'code') === undefined) return thrown;
  // An error without a code is none of AWS's: a gateway's page, or an answer that broke off.
  const code = status === 0 ? 'no-answer' : awsCode(thrown) || 'unreadable-answer';
  const denied = status === 403 || /AccessDenied|UnauthorizedOperation/.test(code);
  const throttle = throttled.test(code) || status === 429;
  const unanswered = !throttle && (status === 0 || status >= 500 || code === 'unreadable-answer');
  const wait = waitOf(thrown);
  return new ProviderError({
    code,
    message: `AWS: ${status === 0 ? 'the call was not answered' : code}: ${messageOf(thrown)}`,
    status,
    retryable: throttle || unanswered,
    indeterminate: unanswered,
    cause: thrown,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    ...(denied && { remedy: 'Grant the action to the role of this stage; `cordon policy` prints what is needed.' }),
  });
}

/** What a read gives, or undefined where AWS says with one of these codes that there is no such thing. */
export async function unlessAbsent<T>(codes: readonly string[], read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (codes.includes(awsCode(thrown))) return undefined;
    throw thrown;
  }
}
