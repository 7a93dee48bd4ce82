import * as z from 'zod';
import { type Caller, ensure } from '../../guard/rights.ts';
import type { SwitchScope } from '../../records/switches.ts';
import { halt, resume } from '../../run/halt.ts';
import { type Api, type ApiDeps, bodyOf, playbookOf } from '../context.ts';
import { runFor } from '../run-for.ts';

const why = z.string().min(3).max(500);
const Why = z.strictObject({ why });

const Wanted = z
  .strictObject({
    on: z.boolean(),
    why,
    /** Stops this playbook alone, or this run; everything when both are left out. */
    playbook: z.string().optional(),
    run: z.string().optional(),
  })
  .refine(({ playbook, run }) => playbook === undefined || run === undefined, 'give a playbook or a run, not both');
type Wanted = z.infer<typeof Wanted>;

/** What a switch is meant for, where the caller may have it: a playbook or everything works over all accounts. */
async function scopeFor(deps: ApiDeps, caller: Caller, { playbook, run }: Wanted): Promise<SwitchScope> {
  if (run !== undefined) return { run: (await runFor(deps, caller, 'run', run)).order.id };
  ensure(caller, 'run', { account: '*', playbook: playbook ?? '*' });
  return playbook === undefined ? {} : { playbook: playbookOf(deps, playbook).id };
}

/** Turns a switch on or off; off starts what it held back. */
async function turn(deps: ApiDeps, caller: Caller, scope: SwitchScope, wanted: Pick<Wanted, 'on' | 'why'>) {
  const { id: by } = caller;
  const answer = { on: wanted.on, why: wanted.why, by, playbook: scope.playbook ?? null, run: scope.run ?? null };
  if (!wanted.on) return { ...answer, ...(await resume(deps, scope, by, wanted.why)) };
  await halt(deps, scope, by, wanted.why);
  return answer;
}

/** Stops changes at once, or lets them go on: all of them, those of a playbook, those of a run. */
export function killSwitchRoutes(api: Api, deps: ApiDeps): void {
  api.put('/kill-switch', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'run');
    const wanted = await bodyOf(context, Wanted);
    return context.json(await turn(deps, caller, await scopeFor(deps, caller, wanted), wanted));
  });

  for (const [path, on] of [
    ['/runs/:id/halt', true],
    ['/runs/:id/resume', false],
  ] as const)
    api.post(path, async (context) => {
      const caller = context.get('caller');
      ensure(caller, 'run');
      const { why: given } = await bodyOf(context, Why);
      const { order } = await runFor(deps, caller, 'run', context.req.param('id'));
      return context.json(await turn(deps, caller, { run: order.id }, { on, why: given }));
    });
}
