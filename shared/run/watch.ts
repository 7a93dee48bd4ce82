import type { Action, Fresh } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { changesOf } from '../action/change.ts';
import { type Containment, looks } from '../model/containment.ts';
import { later } from '../model/duration.ts';
import { asJson, canonical, digest, type Json, same, shortDigest } from '../model/json.ts';
import { type Again, RunOrder, type RunState } from '../model/run.ts';
import type { Starter } from '../ports/starter.ts';
import { changeContainment } from '../records/containments.ts';
import type { RunDeps } from './deps.ts';
import { containmentNotice, tell } from './notices.ts';
import { createRun } from './open.ts';
import { applyContext } from './step-context.ts';
import { readPlan } from './stored-plan.ts';
import { readRun } from './turn.ts';

/** What is made within so many seconds is taken for the attacker's and contained at once; later it may be a responder's new key. */
const attackersHaste = 300;
/** How often it is contained again before that is left to a person. */
const answers = 3;

type WatchDeps = RunDeps & { readonly starter: Starter };

/** What a look at a containment found. */
export type Look = {
  /** Resources that are not as they were set, and what they are now. */
  readonly open: readonly { readonly resource: string; readonly now: Json }[];
  /** Things made since that the same action would contain. */
  readonly fresh: readonly Fresh[];
};

async function lookAt(
  deps: RunDeps,
  held: Containment,
  first: RunState,
  signal: AbortSignal,
): Promise<Look & { action: Action }> {
  const { action } = await loadAction(deps.actions, held.action);
  const { account, region, input } = held;
  const place = { cloud: action.cloud, account, region };
  const session = await deps.clouds.session({ ...place, rights: 'reader', runId: first.order.id, signal });
  const step = applyContext(deps.clock, { order: first.order, signal }, 'watch');
  const [seen, fresh] = await Promise.all([
    action.capture(session, input, step),
    action.fresh(session, input, held.since, step),
  ]);
  const wanted = changesOf(action, input, seen, action.plan(input, seen, step));
  const set = new Map(held.changes.map(({ resource, to }) => [resource, to]));
  const open = wanted.flatMap(({ resource, from }) =>
    same(from, set.get(resource) ?? null) ? [] : [{ resource, now: from }],
  );
  return { action, open, fresh };
}

/** The step of its run's plan that made a containment. */
async function stepOf(deps: RunDeps, held: Containment, { result }: RunState): Promise<string> {
  const plan = result?.planDigest === undefined ? undefined : await readPlan(deps, result.planDigest);
  const made = plan?.steps.find(
    ({ action, input }) => action === held.action && canonical(input) === canonical(held.input),
  );
  return (
    made?.id ??
    result?.steps.find(({ action }) => action === held.action)?.id ??
    held.action.split('.').at(-1) ??
    'again'
  );
}

/** Opens the run that contains something again, or something new of the same attacker's; the same finding opens it once. */
async function answerWith(deps: WatchDeps, held: Containment, first: RunState, again: Again): Promise<string> {
  const { agreedDigest: _, ...order } = first.order;
  const round = again.same ? held.recontained : 0;
  const id = shortDigest({ watch: held.id, since: held.since, input: again.input, round });
  const requester = { kind: 'watch', id: held.id } as const;
  await createRun(
    deps,
    RunOrder.parse({ ...order, kind: 'containment', id, requester, again, openedAt: deps.clock.now() }),
  );
  await deps.starter.start(id);
  return id;
}

/** When the next look is due; null after the last. */
export const nextLook = ({ since, watch }: Pick<Containment, 'since' | 'watch'>, now: string): Containment['watch'] => {
  const round = looks.findIndex((seconds, at) => at > (watch?.round ?? -1) && later(since, seconds) > now);
  return round < 0 ? null : { at: later(since, looks[round] ?? 0), round };
};

const wordsOf = ({ open, fresh }: Look): string =>
  [
    ...open.map(({ resource, now }) => `${resource} is ${JSON.stringify(now)} again`),
    ...fresh.map(({ input, at }) => `new since ${at}: ${JSON.stringify(input)}`),
  ].join('; ');

/**
 * Reads a containment again. Where it no longer holds, or the attacker has made something more of the kind, people are
 * told and it is contained again by a run of its own, under all guardrails; after three times a person has to look.
 */
export async function watch(deps: WatchDeps, held: Containment, signal: AbortSignal): Promise<Look> {
  const now = deps.clock.now();
  const first = await readRun(deps.records, held.owners[0] ?? '');
  if (first?.order.kind !== 'containment') return { open: [], fresh: [] };
  const { open, fresh } = await lookAt(deps, held, first, signal);
  const broken = open.length > 0;
  if (broken || fresh.length > 0) {
    const often = broken && held.recontained >= answers;
    const detail = often
      ? `${wordsOf({ open, fresh })}; contained again ${answers} times already`
      : wordsOf({ open, fresh });
    const step = await stepOf(deps, held, first);
    const { action, account } = held;
    const owner = first.order.id;
    const wanted: Again[] = [
      ...(broken && !often ? [{ step, action, input: held.input, account, same: true, ask: false, owner }] : []),
      ...fresh.map(({ input, at }) => ({
        step,
        action,
        input,
        account,
        same: false,
        ask: at > later(held.since, attackersHaste),
        owner,
      })),
    ];
    const key = [held.since, held.recontained, digest(asJson(fresh))];
    await tell(deps, containmentNotice('containment-broken', held, first.order, detail, { at: now, page: true, key }));
    for (const again of wanted) await answerWith(deps, held, first, again);
  }
  await changeContainment(deps, held.id, (one) => {
    if (one.status !== 'held') return undefined;
    const recontained = one.recontained + (broken ? 1 : 0);
    // what was found open is looked at again soon, whether it was answered or not
    const soon = broken ? { at: later(now, looks[1]), round: one.watch?.round ?? 0 } : nextLook(one, now);
    return { ...one, recontained, watch: soon };
  });
  return { open, fresh };
}
