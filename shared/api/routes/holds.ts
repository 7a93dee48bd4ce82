import { ensure, may } from '../../guard/rights.ts';
import { holds, liftHolds } from '../../records/holds.ts';
import { readRun } from '../../run/turn.ts';
import type { Api, ApiDeps } from '../context.ts';
import { runFor, runScope } from '../run-for.ts';

/** What was released and is not contained again by the same finding, and how to let the finding count again. */
export function holdRoutes(api: Api, deps: ApiDeps): void {
  api.get('/holds', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const all = await Promise.all(
      (await holds(deps.records)).map(async (hold) => ({ hold, run: await readRun(deps.records, hold.run) })),
    );
    // a hold whose run is gone belongs to those who reach everything
    const seen = all.filter(({ run }) => may(caller, 'read', run ? runScope(run) : { account: '*', playbook: '*' }));
    return context.json({ holds: seen.map(({ hold }) => hold) });
  });

  api.delete('/holds/:run', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'run');
    const { order } = await runFor(deps, caller, 'run', context.req.param('run'));
    const lifted = await liftHolds(deps.records, order.id, caller.id, deps.clock.now());
    return context.json({ run: order.id, lifted });
  });
}
