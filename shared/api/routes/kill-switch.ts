import * as z from 'zod';
import { setKillSwitch } from '../../records/switches.ts';
import { type Api, type ApiDeps, bodyOf, playbookOf } from '../context.ts';
import { ensure } from '../rights.ts';

const Wanted = z.strictObject({
  on: z.boolean(),
  why: z.string().min(3).max(500),
  /** Stops this playbook alone; everything when left out. */
  playbook: z.string().optional(),
});

/** Stops all changes at once, or lets them go on. It works over all accounts, so it takes somebody who may reach all. */
export function killSwitchRoutes(api: Api, deps: ApiDeps): void {
  api.put('/kill-switch', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'run');
    const { on, why, playbook } = await bodyOf(context, Wanted);
    ensure(caller, 'run', { account: '*', playbook: playbook ?? '*' });
    const scope = playbook === undefined ? {} : { playbook: playbookOf(deps, playbook).id };
    await setKillSwitch(deps, { on, why, by: caller.id, ...scope });
    return context.json({ on, why, by: caller.id, playbook: playbook ?? null });
  });
}
