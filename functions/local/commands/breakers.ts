import { bold, dim, green } from '../../../shared/cli/style.ts';
import { ensure } from '../../../shared/guard/rights.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { nearest } from '../../../shared/model/nearest.ts';
import { closeBreaker, openBreakers } from '../../../shared/records/breakers.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type Common, personAt } from '../person.ts';

export type Closing = Common & { readonly why: string; readonly as?: string };

/** Closes a circuit breaker after somebody has looked: changes in the account go on without being asked about each. */
export async function close(desk: Desk, scope: string, { json, why, as }: Closing): Promise<ExitCode> {
  const { caller, id } = personAt(desk, as);
  ensure(caller, 'run', { account: scope === 'all' ? '*' : scope, playbook: '*' });
  const of = scope === 'all' ? {} : { account: scope };
  if (!(await closeBreaker(desk.deps, { ...of, by: id, why }))) {
    const open = (await openBreakers(desk.deps, desk.settings.breaker)).map((one) => one.scope);
    throw new InvalidInput({
      code: 'no-such-breaker',
      message: `no breaker is open for ${scope}`,
      remedy: open.length === 0 ? 'No breaker is open at all.' : nearest(scope, open),
    });
  }
  print(json, { scope, open: false, by: id, why }, () => [
    `${green('closed')} the breaker for ${bold(scope)}  ${dim('limits count on; it opens again when they are passed')}`,
  ]);
  return exit.done;
}
