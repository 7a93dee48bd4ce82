import * as z from 'zod';
import { stageMode } from '../../config/settings.ts';
import { type Caller, ensure } from '../../guard/rights.ts';
import { InvalidInput } from '../../model/error.ts';
import { Mode } from '../../model/run.ts';
import { type Drill, drillFor, drillReport, openDrill, planDrill } from '../../run/drill.ts';
import { readRun } from '../../run/turn.ts';
import { type Api, type ApiDeps, bodyOf } from '../context.ts';

const short = z.string().min(1).max(200);

/** What somebody wants drilled. The digest is that of the plan they have seen. */
const Wish = z
  .strictObject({
    target: z.string().min(3).max(1_024),
    playbook: short.exactOptional(),
    action: short.exactOptional(),
    account: short.exactOptional(),
    region: short.exactOptional(),
    with: z.record(short, z.union([z.string().max(1_024), z.number()])).default({}),
    mode: Mode.default('dry-run'),
    digest: z.string().length(64).exactOptional(),
  })
  .refine(({ mode, digest }) => mode === 'dry-run' || digest !== undefined, {
    path: ['digest'],
    message: 'a drill is done with the digest of its plan, as dry-run shows it',
  });
type Wish = z.infer<typeof Wish>;

const refuse = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

/** A drill may use any action, and passes by whom a playbook asks where the settings name the canary. */
const ensureMayDrill = (caller: Caller): void => ensure(caller, 'run', { account: '*', playbook: '*' });

function ensureEnforcing({ settings }: ApiDeps, { mode }: Wish): void {
  if (mode === 'dry-run' || stageMode(settings) === 'enforce') return;
  throw refuse(
    'stage-changes-nothing',
    `stage ${settings.stage} changes nothing: it has no writer that a drill could prove`,
    'Drill in a stage that enforces; a dry-run shows the plan here too.',
  );
}

/** Opens the run by the plan that was seen and no other, and has it carried on as any run is. */
async function begin(deps: ApiDeps, drill: Drill, digest: string): Promise<string> {
  const plan = await planDrill(deps, drill, deps.deadline());
  if (plan.digest !== digest)
    throw refuse('other-plan', 'the plan is another one by now', 'Look at it again, in dry-run.');
  const run = await openDrill(deps, drill, plan);
  if ((await readRun(deps.records, run))?.status !== 'ended') await deps.starter.start(run);
  return run;
}

/**
 * Drills with a canary, by the deployment's own road: what contains it is a run like any other, which on-run carries on
 * with its writer. It is taken back as runs are, with `POST /runs/:id/release`.
 */
export function drillRoutes(api: Api, deps: ApiDeps): void {
  api.post('/drills', async (context) => {
    const caller = context.get('caller');
    ensureMayDrill(caller);
    const wish = await bodyOf(context, Wish);
    ensureEnforcing(deps, wish);
    const { mode, digest, ...wanted } = wish;
    const drill = await drillFor(deps, deps.playbooks, wanted, caller.id, deps.deadline());
    if (mode === 'dry-run' || digest === undefined)
      return context.json({ plan: await planDrill(deps, drill, deps.deadline()) });
    const run = await begin(deps, drill, digest);
    context.header('location', `/drills/${run}`);
    return context.json({ run }, 202);
  });

  api.get('/drills/:run', async (context) => {
    ensureMayDrill(context.get('caller'));
    const release = context.req.query('release');
    const asked = { contain: context.req.param('run'), ...(release !== undefined && { release }) };
    return context.json(await drillReport(deps, asked, deps.deadline()));
  });
}
