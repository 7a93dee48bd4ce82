import { type Caller, ensure, type Right } from '../../shared/guard/rights.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import type { RunState } from '../../shared/model/run.ts';
import { readRun } from '../../shared/run/turn.ts';
import type { Desk } from './desk.ts';

/** A run that somebody holds a right over. Throws `InvalidInput`. */
export async function runNamed(desk: Pick<Desk, 'deps'>, caller: Caller, right: Right, id: string): Promise<RunState> {
  const run = await readRun(desk.deps.records, id);
  if (!run)
    throw new InvalidInput({
      code: 'no-such-run',
      message: `there is no run ${id}`,
      remedy: 'List them with `cordon runs`.',
    });
  ensure(caller, right, { account: run.order.finding.account, playbook: run.order.playbook });
  return run;
}
