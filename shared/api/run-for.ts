import { type Caller, ensure, type Right } from '../guard/rights.ts';
import { InvalidInput } from '../model/error.ts';
import type { RunState } from '../model/run.ts';
import { readRun } from '../run/turn.ts';
import type { ApiDeps } from './context.ts';

/** What a right over a run is asked for. */
export const runScope = ({ order }: Pick<RunState, 'order'>) => ({
  account: order.finding.account,
  playbook: order.playbook,
});

/** A run that the caller holds a right over. Throws `InvalidInput`. */
export async function runFor(
  deps: Pick<ApiDeps, 'records'>,
  caller: Caller,
  right: Right,
  id: string,
): Promise<RunState> {
  const run = await readRun(deps.records, id);
  if (!run)
    throw new InvalidInput({ code: 'no-such-run', message: 'there is no run of that id', remedy: 'GET /runs.' });
  ensure(caller, right, runScope(run));
  const { version: _, ...state } = run;
  return state;
}
