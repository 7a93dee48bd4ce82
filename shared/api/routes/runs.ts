import * as z from 'zod';
import { CordonError, InvalidInput } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import type { Plan } from '../../model/plan.ts';
import { Mode, RunState } from '../../model/run.ts';
import { readJournal, type Row } from '../../records/journal.ts';
import { openRun } from '../../run/open.ts';
import { openRelease, previewRelease } from '../../run/release.ts';
import { readRun } from '../../run/turn.ts';
import { readPlan } from '../../run/stored-plan.ts';
import { type Api, type ApiDeps, bodyOf } from '../context.ts';
import { type Caller, ensure, may } from '../../guard/rights.ts';
import { runFor, runScope } from '../run-for.ts';
import { granted, RunWish } from '../wish.ts';

const ReleaseWish = z.strictObject({
  mode: Mode.default('dry-run'),
  /** Of the release plan, as dry-run shows it; enforce needs it. */
  digest: z.string().length(64).optional(),
  reactivateCredentials: z.boolean().default(false),
  /** One containment of the run, by its id, instead of all. */
  only: z.string().min(1).optional(),
});

const Day = z.iso.date();

/** One line for each run. */
const inShort = ({ order, status, dueAt, waitsFor, result, endedAt }: RunState) => ({
  id: order.id,
  kind: order.kind,
  playbook: order.playbook,
  finding: order.finding.id,
  target: order.target.id,
  account: order.finding.account,
  mode: order.mode,
  modeReason: order.modeReason,
  requester: order.requester,
  openedAt: order.openedAt,
  status,
  dueAt,
  waitsFor,
  outcome: result?.outcome ?? null,
  reason: result?.reason ?? null,
  endedAt,
});

/** The latest plan that a run made, as its journal names it. */
async function planIn(deps: ApiDeps, journal: readonly Row[]): Promise<Plan | null> {
  const replies = journal.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.type === 'reply' && /^plan#\d+$/.test(entry.key) ? [entry.reply] : [])),
  );
  const latest = own(own(replies.at(-1), 'value'), 'plan');
  return typeof latest === 'string' && latest !== '' ? ((await readPlan(deps, latest)) ?? null) : null;
}

async function startRun(deps: ApiDeps, caller: Caller, wish: RunWish) {
  const { playbook, occasion, targets } = await granted(deps, caller, 'run', wish);
  if (wish.digest !== undefined && targets.length > 1)
    throw new InvalidInput({
      code: 'several-targets',
      message: `the digest is of one plan and the playbook picks ${targets.length} resources`,
      remedy: `Name one as \`resource\`: ${targets.map(({ id }) => id).join(', ')}.`,
    });
  const runs = targets.map(async (target) => {
    const opening = await openRun(deps, playbook, occasion, target);
    const run = opening.opened ? await readRun(deps.records, opening.runId) : undefined;
    if (!run) throw new CordonError({ code: 'run-lost', message: 'the run was not written', retryable: true });
    if (run.status !== 'ended') await deps.starter.start(run.order.id);
    return { ...inShort(run), fresh: opening.opened && opening.fresh };
  });
  return Promise.all(runs);
}

/** Runs: what was done, what is under way, and how to start one or take it back. */
export function runRoutes(api: Api, deps: ApiDeps): void {
  api.post('/runs', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'run');
    const runs = await startRun(deps, caller, await bodyOf(context, RunWish));
    if (runs.length === 1) context.header('location', `/runs/${runs[0]?.id}`);
    return context.json({ runs }, 202);
  });

  api.get('/runs', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const day = Day.safeParse(context.req.query('day') ?? deps.clock.now().slice(0, 10));
    if (!day.success)
      throw new InvalidInput({ code: 'bad-request', message: 'a day looks like 2026-11-20', place: { path: 'day' } });
    const runs = (await deps.records.list('run', day.data)).map(({ body }) => RunState.parse(body));
    return context.json({
      day: day.data,
      runs: runs.filter((run) => may(caller, 'read', runScope(run))).map(inShort),
    });
  });

  api.get('/runs/:id', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const run = await runFor(deps, caller, 'read', context.req.param('id'));
    const journal = await readJournal(deps.records, run.order.id);
    return context.json({ ...run, plan: await planIn(deps, journal), journal });
  });

  api.post('/runs/:id/release', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'run');
    const { mode, digest, reactivateCredentials, only } = await bodyOf(context, ReleaseWish);
    const run = await runFor(deps, caller, 'run', context.req.param('id'));
    const requester = { kind: 'person', id: caller.id } as const;
    const agreed = digest === undefined ? {} : { agreedDigest: digest };
    const part = only === undefined ? {} : { only };
    const wish = { requester, wants: mode, reactivateCredentials, ...agreed, ...part };
    if (mode === 'dry-run') {
      const plan = await previewRelease(deps, run.order.id, wish, deps.deadline());
      return context.json({ plan });
    }
    const id = await openRelease(deps, run.order.id, wish);
    const release = await runFor(deps, caller, 'run', id);
    if (release.status !== 'ended') await deps.starter.start(id);
    context.header('location', `/runs/${id}`);
    return context.json({ runs: [inShort(release)] }, 202);
  });
}
