import { CordonError, InvalidInput, messageOf } from '../../shared/model/error.ts';
import { asJson } from '../../shared/model/json.ts';
import { dim, inert, red } from '../../shared/cli/style.ts';

/** Exit codes of every command: done, failed, wrong usage, invalid input, stopped by a guardrail or waiting for a person. */
export const exit = { done: 0, failed: 1, usage: 2, invalid: 3, stopped: 4 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** A command that means nothing as it was given. */
export class WrongUsage extends InvalidInput {}

/** Data as JSON on stdout, or lines for people. */
export function print(json: boolean, data: unknown, lines: () => readonly string[]): void {
  console.log(json ? JSON.stringify(asJson(data), null, 2) : lines().join('\n'));
}

/** Something to know beside the answer, on stderr: `{"notice": …}` with --json. */
export const notice = (json: boolean, text: string): void =>
  console.error(json ? JSON.stringify({ notice: text }) : text);

/** A fault as programs read it. */
function dataOf(thrown: unknown): object {
  if (!(thrown instanceof CordonError)) return { code: 'internal', message: messageOf(thrown) };
  const { code, message, place, remedy } = thrown;
  return { code, message, ...(place && { place }), ...(remedy !== undefined && { remedy }) };
}

function codeOf(thrown: unknown): ExitCode {
  if (thrown instanceof WrongUsage) return exit.usage;
  return thrown instanceof InvalidInput ? exit.invalid : exit.failed;
}

/**
 * A fault on stderr with its place and the way out, as one line `{"error": …}` with --json; answers with the exit code it
 * deserves.
 */
export function complain(thrown: unknown, json = false): ExitCode {
  const words = thrown instanceof CordonError ? thrown.describe() : messageOf(thrown);
  if (json) console.error(JSON.stringify({ error: dataOf(thrown) }));
  else console.error(`${red('error')} ${words.split('\n').map(inert).join('\n')}`);
  if (!(thrown instanceof CordonError) && process.env['CORDON_DEBUG'] && thrown instanceof Error)
    console.error(dim(thrown.stack ?? ''));
  return codeOf(thrown);
}
