import { CordonError, messageOf } from '../shared/model/error.ts';
import { masked } from '../shared/model/masked.ts';

const withoutSecrets = (_: string, value: unknown): unknown => (typeof value === 'string' ? masked(value) : value);

/**
 * One line of JSON, as CloudWatch and Application Insights read it. `runId`, `findingDigest`, `eventId` and `requestId`,
 * which is the host's, join lines to one another and to the records. What looks like a secret is masked.
 */
export function log(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
  console[level](JSON.stringify({ level, message, ...fields }, withoutSecrets));
}

/** What a log says of a fault: code and sentence, and the stack where it is not one of ours. */
export const faultFields = (thrown: unknown): object =>
  thrown instanceof CordonError
    ? { code: thrown.code, fault: thrown.describe() }
    : { code: 'internal', fault: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined };

/**
 * A fault as a host may have it: hosts write what they are thrown into logs of their own, with what caused it. Ours
 * stays what it is; its cause, and the words of any other, may hold what others wrote.
 */
export function forHost(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown.name === 'AbortError') return thrown;
  if (thrown instanceof CordonError && thrown.cause === undefined) return thrown;
  const { code, remedy, place, retryable, retryAfterSeconds } = thrown instanceof CordonError ? thrown : unknownFault;
  const safe = new CordonError({
    code,
    message: thrown.message,
    retryable,
    ...(remedy !== undefined && { remedy }),
    ...(place && { place }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
  safe.stack = masked(thrown.stack ?? safe.message);
  return safe;
}

/** Of a fault that is not ours nobody knows whether it passes: a host tries again. */
const unknownFault = {
  code: 'internal',
  remedy: undefined,
  place: undefined,
  retryable: true,
  retryAfterSeconds: undefined,
} as const;
