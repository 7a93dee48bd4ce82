import { statusLines } from '../../../shared/cli/show-status.ts';
import { statusOf } from '../../../shared/run/status.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import type { Common } from '../person.ts';

/** How things stand. */
export async function status(desk: Desk, { json }: Common): Promise<ExitCode> {
  const now = await statusOf(desk.deps);
  print(json, now, () => statusLines(now));
  return exit.done;
}
