import { CordonError, InvalidInput, messageOf } from '../../shared/model/error.ts';
import { asJson } from '../../shared/model/json.ts';
import { dim, inert, red } from '../../shared/cli/style.ts';

/** Exit codes of every command: done, failed, wrong usage, invalid input, stopped by a guardrail or waiting for a person. */
export const exit = { done: 0, failed: 1, usage: 2, invalid: 3, stopped: 4 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** Data as JSON on stdout, or lines for people. */
export function print(json: boolean, data: unknown, lines: () => readonly string[]): void {
  console.log(json ? JSON.stringify(asJson(data), null, 2) : lines().join('\n'));
}

/** A fault on stderr with its place and the way out; answers with the exit code it deserves. */
export function complain(thrown: unknown): ExitCode {
  const words = thrown instanceof CordonError ? thrown.describe() : messageOf(thrown);
  console.error(`${red('error')} ${words.split('\n').map(inert).join('\n')}`);
  if (!(thrown instanceof CordonError) && process.env['CORDON_DEBUG'] && thrown instanceof Error)
    console.error(dim(thrown.stack ?? ''));
  return thrown instanceof InvalidInput ? exit.invalid : exit.failed;
}
