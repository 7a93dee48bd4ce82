import { CordonError, messageOf } from '../shared/model/error.ts';

/** One line of JSON, as CloudWatch and Application Insights read it. */
export function log(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
  console[level](JSON.stringify({ level, message, ...fields }));
}

/** What a log says of a fault: code and sentence, and the stack where it is not one of ours. */
export const faultFields = (thrown: unknown): object =>
  thrown instanceof CordonError
    ? { code: thrown.code, fault: thrown.describe() }
    : { code: 'internal', fault: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined };
