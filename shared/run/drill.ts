import { loadAction } from '../action/catalogue.ts';
import { InvalidInput } from '../model/error.ts';
import { asJson, type JsonObject, own, same } from '../model/json.ts';
import { nearest } from '../model/nearest.ts';
import type { Plan, StepPlan } from '../model/plan.ts';
import type { Playbook } from '../model/playbook.ts';
import type { RunState } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import { readJournal } from '../records/journal.ts';
import { canaryNamed, checkCanary, type Whereabouts } from './canary.ts';
import type { RunDeps } from './deps.ts';
import { drillOf, drillOfAction, drillPrefix } from './drill-playbook.ts';
import { findingFor } from './named-target.ts';
import { type Occasion, openRun } from './open.ts';
import { preview } from './preview.ts';
import { openRelease, previewRelease } from './release.ts';
import { applyContext } from './step-context.ts';
import { plansOf } from './stored-plan.ts';
import { readRun } from './turn.ts';

const wrong = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

/** What somebody wants drilled: a canary by its id, with the steps of a playbook or with one action. */
export type DrillWish = Whereabouts & {
  readonly target: string;
  readonly playbook?: string;
  readonly action?: string;
  /** Inputs of the action, where the target does not give them. */
  readonly with: JsonObject;
};

/** What is drilled: a canary, a playbook made for it, and who does it. */
export type Drill = { readonly playbook: Playbook; readonly target: Target; readonly person: string };

/** Reads the canary and makes the playbook for it. Throws `InvalidInput`, also where the target is no canary. */
export async function drillFor(
  deps: RunDeps,
  playbooks: readonly Playbook[],
  wish: DrillWish,
  person: string,
  signal: AbortSignal,
): Promise<Drill> {
  const { playbook: id, action } = wish;
  if ((id === undefined) === (action === undefined))
    throw wrong('bad-drill', 'it is not clear what is drilled', 'Give one of playbook and action.');
  const canary = await checkCanary(deps, canaryNamed(wish.target, wish), signal);
  const { target } = canary;
  if (action !== undefined) return { playbook: await drillOfAction(deps, action, target, wish.with), target, person };
  const found = playbooks.find((one) => one.id === id);
  if (found) return { playbook: drillOf(found, canary), target, person };
  const known = playbooks.map((one) => one.id);
  throw wrong('no-such-playbook', `there is no playbook ${id ?? ''}`, nearest(id ?? '', known));
}

function occasionOf({ clock, settings }: RunDeps, { target, person }: Drill, agreedDigest?: string): Occasion {
  const now = clock.now();
  const why = `a drill begun at ${now}`;
  const finding = findingFor({ target, person, why, now, partition: settings.aws.partition });
  return {
    ...{ finding, event: asJson(finding), envelope: { time: now, replayed: false } },
    ...{ requester: { kind: 'person', id: person }, wants: 'enforce' },
    ...(agreedDigest !== undefined && { agreedDigest }),
  };
}

async function checkStep(
  { actions }: RunDeps,
  { id, action: name, changes, decision, reason, detail }: StepPlan,
): Promise<void> {
  const { action } = await loadAction(actions, name);
  const lasting = [action.irreversible, ...changes.map((change) => action.final(change))];
  const why = lasting.find((one) => one !== undefined);
  if (why !== undefined)
    throw wrong('bad-drill', `${name} cannot be taken back: ${why}`, 'Drill another step, as an action alone.');
  if (decision !== 'allow')
    throw wrong(
      'bad-drill',
      `step ${id} would not run by itself: ${reason}${detail === undefined ? '' : ` (${detail})`}`,
      'Name the canary under drills.canaries where a person would be asked; mend what denies it.',
    );
}

/** The plan of a drill. Throws `InvalidInput` where it could not be taken through to its end. */
export async function planDrill(deps: RunDeps, drill: Drill, signal: AbortSignal): Promise<Plan> {
  const { playbook, target } = drill;
  const { plan } = await preview(deps, playbook, occasionOf(deps, drill), target, signal);
  if (plan === 'target-gone') throw wrong('no-such-canary', `there is no ${target.id}`, 'Make it first.');
  if (plan.steps.length === 0) {
    const remedy = 'Drill its actions one by one.';
    throw wrong('nothing-to-drill', `no step of ${playbook.id} is for a target that a person names`, remedy);
  }
  for (const step of plan.steps) await checkStep(deps, step);
  if (plan.steps.every(({ changes }) => changes.length === 0))
    throw wrong('nothing-to-drill', 'the canary is contained already', 'Release it first: see `cordon contained`.');
  return plan;
}

/**
 * Opens the run that contains the canary by this plan. It counts as what it is: in budgets, in breakers and in the
 * journal, under a playbook whose name begins with `drill-`; a drill without a brake would be a way around all of them.
 */
export async function openDrill(deps: RunDeps, drill: Drill, { digest }: Plan): Promise<string> {
  const opening = await openRun(deps, drill.playbook, occasionOf(deps, drill, digest), drill.target);
  if (opening.opened) return opening.runId;
  throw wrong('bad-drill', `no run was opened: ${opening.reason}`, 'See `cordon status`.');
}

/** Opens the run that takes back whatever a drill has done; undefined where it has done nothing. */
async function openBack(
  deps: RunDeps,
  runId: string,
  person: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const requester = { kind: 'person', id: person } as const;
  const wish = { requester, wants: 'enforce', reactivateCredentials: true } as const;
  const { digest, steps } = await previewRelease(deps, runId, wish, signal);
  if (steps.every(({ changes }) => changes.length === 0)) return undefined;
  return openRelease(deps, runId, { ...wish, agreedDigest: digest });
}

/** One part of a drill: how long it took, and what came of it. */
export type Stage = { readonly name: 'contain' | 'release'; readonly run: RunState; readonly seconds: number };

/** What a drill has shown. */
export type DrillReport = {
  readonly stages: readonly Stage[];
  /** Calls that a provider refused for want of a right. */
  readonly refused: readonly string[];
  /** Whether the canary is as it was before, but for what actions say they keep. */
  readonly restored: boolean;
  /** A run that is not over, where one is: it waits for a person, or is still at work. */
  readonly waitsFor: string | null;
};

async function stageOf({ records, clock }: RunDeps, name: Stage['name'], runId: string): Promise<Stage> {
  const found = await readRun(records, runId);
  if (!found) throw wrong('no-such-run', `there is no run ${runId}`, 'List them with `cordon runs`.');
  const { version: _, ...run } = found;
  const took = Date.parse(run.endedAt ?? clock.now()) - Date.parse(run.order.openedAt);
  return { name, run, seconds: Math.round(took / 100) / 10 };
}

const notAuthorized = /is not authorized to perform: (sts:\w+)/;

async function refusedIn({ records }: RunDeps, stages: readonly Stage[]): Promise<readonly string[]> {
  const journals = await Promise.all(stages.map(({ run }) => readJournal(records, run.order.id)));
  const calls = journals.flatMap((journal) => journal.flatMap(({ entries }) => entries));
  const refused = calls.flatMap((entry) =>
    entry.type === 'call' && [401, 403].includes(entry.status)
      ? [`${entry.operation} (${entry.error ?? entry.status})`]
      : [],
  );
  // a session that is not given is no call of the run, and stands in what became of its step
  const steps = stages.flatMap(({ run }) => run.result?.steps ?? []);
  const unassumed = steps.flatMap(({ detail = '' }) => notAuthorized.exec(detail)?.slice(1, 2) ?? []);
  return [...new Set([...refused, ...unassumed])];
}

/** Whether what a step was to change stands as it did before, read now. */
async function asBefore(deps: RunDeps, step: StepPlan, signal: AbortSignal): Promise<boolean> {
  const { clouds, actions, clock } = deps;
  const { id, action: name, input, account, region, changes } = step;
  const { action } = await loadAction(actions, name);
  if (action.keeps !== undefined) return true;
  const place = { cloud: action.cloud, account, region, rights: 'reader', runId: 'drill', signal } as const;
  const context = applyContext(clock, { order: { id: 'drill', openedAt: clock.now() }, signal }, id);
  const now = asJson(await action.capture(await clouds.session(place), input, context));
  return changes.every(({ resource, from }) => same(asJson(own(now, resource) ?? null), from));
}

/** What a drill has shown so far: the run that contained the canary, and the one that took it back. */
export async function drillReport(
  deps: RunDeps,
  { contain, release }: { readonly contain: string; readonly release?: string },
  signal: AbortSignal,
): Promise<DrillReport> {
  const stages = [await stageOf(deps, 'contain', contain)];
  if (release !== undefined) stages.push(await stageOf(deps, 'release', release));
  const apart = stages.find(({ run: { order } }) =>
    order.kind === 'release' ? order.releases !== contain : !order.playbook.startsWith(drillPrefix),
  );
  if (apart) throw wrong('no-such-run', `run ${apart.run.order.id} is none of this drill`, 'Name what it has opened.');
  const steps = (await plansOf(deps, contain)).flatMap((plan) => plan.steps);
  const restored = await Promise.all(steps.map((step) => asBefore(deps, step, signal)));
  return {
    stages,
    refused: await refusedIn(deps, stages),
    restored: restored.every(Boolean),
    waitsFor: stages.find(({ run }) => run.status !== 'ended')?.run.order.id ?? null,
  };
}

/** Contains a canary by the real road and takes it back, whatever came of it; `carry` carries a run on until it has ended or waits. */
export async function runDrill(
  deps: RunDeps,
  drill: Drill,
  plan: Plan,
  carry: (runId: string) => Promise<RunState>,
  signal: AbortSignal,
): Promise<DrillReport> {
  const contain = await openDrill(deps, drill, plan);
  const { status } = await carry(contain);
  const release = status === 'ended' ? await openBack(deps, contain, drill.person, signal) : undefined;
  if (release !== undefined) await carry(release);
  return drillReport(deps, { contain, ...(release !== undefined && { release }) }, signal);
}
