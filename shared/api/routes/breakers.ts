import * as z from 'zod';
import { ensure } from '../../guard/rights.ts';
import { InvalidInput } from '../../model/error.ts';
import { closeBreaker } from '../../records/breakers.ts';
import { type Api, type ApiDeps, bodyOf } from '../context.ts';

const Why = z.strictObject({ why: z.string().min(3).max(500) });

/** Closes a circuit breaker after somebody has looked: of one account, or `all`. */
export function breakerRoutes(api: Api, deps: ApiDeps): void {
  api.post('/breakers/:scope/close', async (context) => {
    const caller = context.get('caller');
    const scope = context.req.param('scope');
    ensure(caller, 'run', { account: scope === 'all' ? '*' : scope, playbook: '*' });
    const { why } = await bodyOf(context, Why);
    const of = scope === 'all' ? {} : { account: scope };
    if (await closeBreaker(deps, { ...of, by: caller.id, why })) return context.json({ scope, open: false });
    throw new InvalidInput({
      code: 'no-such-breaker',
      message: `no breaker is open for ${scope}`,
      remedy: 'GET /status lists those that are.',
    });
  });
}
