import type * as z from 'zod';
import type { Action } from '../../shared/action/action.ts';
import { loadAction } from '../../shared/action/catalogue.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { asJson, type Json, type JsonObject, same } from '../../shared/model/json.ts';
import type { Plan, StepPlan } from '../../shared/model/plan.ts';
import { Playbook, type Step } from '../../shared/model/playbook.ts';
import type { RunState } from '../../shared/model/run.ts';
import type { Target } from '../../shared/model/target.ts';
import { matches } from '../../shared/pattern/match.ts';
import { compilePlaybook } from '../../shared/playbook/compiled.ts';
import { readJournal } from '../../shared/records/journal.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { findingFor } from '../../shared/run/named-target.ts';
import { type Occasion, openRun } from '../../shared/run/open.ts';
import { preview } from '../../shared/run/preview.ts';
import { openRelease, previewRelease } from '../../shared/run/release.ts';
import { applyContext } from '../../shared/run/step-context.ts';
import type { Canary } from './canary.ts';

const wrong = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });
const patience = (): AbortSignal => AbortSignal.timeout(120_000);

/** What is drilled: a canary, a playbook made for it, and who does it. */
export type Drill = {
  readonly deps: RunDeps;
  readonly playbook: Playbook;
  readonly target: Target;
  readonly person: string;
  /** Carries a run on until it has ended or waits for a person. */
  readonly carry: (runId: string) => Promise<RunState>;
};

type Draft = z.input<typeof Playbook>;

/** The same steps for this target alone, under a name of their own: budgets, journals and messages say that it is a drill. */
const drilled = (id: string, title: string, steps: Draft['steps'], last: Draft['finally'] = []): Playbook =>
  Playbook.parse({
    id: `drill-${id}`.slice(0, 60),
    title: `Drill: ${title}`.slice(0, 120),
    on: { finding: { type: ['Person/NamedTarget'] } },
    mode: 'enforce',
    steps,
    finally: last,
  });

const unasked = ({ approve: _, ...step }: Step): Step => step;

/** A playbook as a drill. Whom its steps ask is asked all the same, unless the settings name the canary. */
export function drillOf(playbook: Playbook, { target, standing }: Canary): Playbook {
  const { id, title, steps, finally: last } = playbook;
  if (!matches(compilePlaybook(playbook).targets, asJson(target)))
    throw wrong('bad-drill', `${id} does not act on ${target.type}`, 'Give a canary of the kind that it acts on.');
  if (standing === 'tagged') return drilled(id, title, steps, last);
  const all = steps.map((one) => ('parallel' in one ? { parallel: one.parallel.map(unasked) } : unasked(one)));
  return drilled(id, title, all, last.map(unasked));
}

/** Inputs that are called like what the target says of itself, and ids of Azure resources that are the target's own. */
function inputsFrom(target: Target, { input, cloud }: Action): Readonly<Record<string, string>> {
  const own = Object.keys(input.shape).flatMap((name) => {
    if (Object.hasOwn(target, name)) return [[name, `\${target.${name}}`] as const];
    return cloud === 'azure' && name.endsWith('Id') ? [[name, '${target.id}'] as const] : [];
  });
  return Object.fromEntries(own);
}

/** Inputs that cannot lead away from the canary: numbers, and what it is itself called. */
function harmless(target: Target, given: JsonObject): JsonObject {
  const itsOwn = Object.values(target);
  const astray = Object.entries(given).find(([, value]) => typeof value !== 'number' && !itsOwn.includes(value));
  if (!astray) return given;
  const remedy = 'Give numbers, and ids of the canary itself; drill anything else by a playbook.';
  throw wrong('bad-drill', `--with ${astray[0]} could lead to something else than the canary`, remedy);
}

/** One action as a drill: its inputs out of the target, as its portable verb has them, or as given. */
export async function drillOfAction(
  { actions }: RunDeps,
  id: string,
  target: Target,
  given: JsonObject,
): Promise<Playbook> {
  const { action } = await loadAction(actions, id);
  if (action.target !== target.type)
    throw wrong(
      'bad-drill',
      `${id} acts on ${action.target}, and the canary is ${target.type}`,
      'Give another canary.',
    );
  const inputs = { ...inputsFrom(target, action), ...action.portable?.with, ...harmless(target, given) };
  return drilled(id.replaceAll('.', '-'), action.title, [{ id: 'contain', action: id, with: inputs }]);
}

/** What every step of a plan manages, as it stands now. */
async function captured({ deps }: Drill, { steps }: Plan): Promise<readonly Json[]> {
  const { clouds, actions, clock } = deps;
  const signal = patience();
  return Promise.all(
    steps.map(async ({ id, action: name, input, account, region }) => {
      const { action } = await loadAction(actions, name);
      const place = { cloud: action.cloud, account, region, rights: 'reader', runId: 'drill', signal } as const;
      const context = applyContext(clock, { order: { id: 'drill', openedAt: clock.now() }, signal }, id);
      return asJson(await action.capture(await clouds.session(place), input, context));
    }),
  );
}

const occasionOf = ({ deps, target, person }: Drill, wants: Occasion['wants'], agreedDigest?: string): Occasion => {
  const now = deps.clock.now();
  const why = `a drill begun at ${now}`;
  const finding = findingFor({ target, person, why, now, partition: deps.settings.aws.partition });
  return {
    ...{ finding, event: asJson(finding), envelope: { time: now, replayed: false } },
    ...{ requester: { kind: 'person', id: person }, wants },
    ...(agreedDigest !== undefined && { agreedDigest }),
  };
};

/** The plan of a drill. Throws `InvalidInput` where it could not be taken through to its end. */
export async function planDrill(drill: Drill): Promise<Plan> {
  const { deps, playbook, target } = drill;
  const { plan } = await preview(deps, playbook, occasionOf(drill, 'enforce'), target, patience());
  if (plan === 'target-gone') throw wrong('no-such-canary', `there is no ${target.id}`, 'Make it first.');
  if (plan.steps.length === 0) {
    const remedy = 'Drill its actions one by one with --action.';
    throw wrong('nothing-to-drill', `no step of ${playbook.id} is for a target that a person names`, remedy);
  }
  for (const step of plan.steps) await checkStep(deps, step);
  if (plan.steps.every(({ changes }) => changes.length === 0))
    throw wrong('nothing-to-drill', 'the canary is contained already', 'Release it first: see `cordon contained`.');
  return plan;
}

async function checkStep(
  { actions }: RunDeps,
  { id, action: name, changes, decision, reason, detail }: StepPlan,
): Promise<void> {
  const { action } = await loadAction(actions, name);
  const lasting = [action.irreversible, ...changes.map((change) => action.final(change))];
  const why = lasting.find((one) => one !== undefined);
  if (why !== undefined)
    throw wrong('bad-drill', `${name} cannot be taken back: ${why}`, 'Drill another step by --action.');
  if (decision !== 'allow')
    throw wrong(
      'bad-drill',
      `step ${id} would not run by itself: ${reason}${detail === undefined ? '' : ` (${detail})`}`,
      'Name the canary under drills.canaries where a person would be asked; mend what denies it.',
    );
}

/** One part of a drill: how long it took, and what came of it. */
export type Stage = { readonly name: 'contain' | 'release'; readonly run: RunState; readonly seconds: number };

/** What a drill has shown. */
export type DrillReport = {
  readonly plan: Plan;
  readonly stages: readonly Stage[];
  /** Calls that a provider refused for want of a right. */
  readonly refused: readonly string[];
  /** Whether the canary is as it was before, but for what actions say they keep. */
  readonly restored: boolean;
  /** A run that waits for a person, where one does: the drill ends when it is answered. */
  readonly waitsFor: string | undefined;
};

async function stage(drill: Drill, name: Stage['name'], open: () => Promise<string>): Promise<Stage> {
  const { clock } = drill.deps;
  const before = Date.parse(clock.now());
  const run = await drill.carry(await open());
  return { name, run, seconds: Math.round((Date.parse(clock.now()) - before) / 100) / 10 };
}

async function contain(drill: Drill, { digest }: Plan): Promise<string> {
  const opening = await openRun(drill.deps, drill.playbook, occasionOf(drill, 'enforce', digest), drill.target);
  if (opening.opened) return opening.runId;
  throw wrong('bad-drill', `no run was opened: ${opening.reason}`, 'See `cordon status`.');
}

/** Takes back whatever the run has done; undefined where it has done nothing. */
async function release(drill: Drill, runId: string): Promise<string | undefined> {
  const requester = { kind: 'person', id: drill.person } as const;
  const wish = { requester, wants: 'enforce', reactivateCredentials: true } as const;
  const { digest, steps } = await previewRelease(drill.deps, runId, wish, patience());
  if (steps.every(({ changes }) => changes.length === 0)) return undefined;
  return openRelease(drill.deps, runId, { ...wish, agreedDigest: digest });
}

async function refusedIn({ records }: RunDeps, stages: readonly Stage[]): Promise<readonly string[]> {
  const journals = await Promise.all(stages.map(({ run }) => readJournal(records, run.order.id)));
  const calls = journals.flatMap((journal) => journal.flatMap(({ entries }) => entries));
  const refused = calls.flatMap((entry) =>
    entry.type === 'call' && [401, 403].includes(entry.status)
      ? [`${entry.operation} (${entry.error ?? entry.status})`]
      : [],
  );
  return [...new Set(refused)];
}

/**
 * Contains a canary by the real road and takes it back, whatever came of it. It counts as what it is: in budgets, in
 * breakers and in the journal, under a playbook whose name begins with `drill-`; a drill without a brake would be a way
 * around all of them.
 */
export async function runDrill(drill: Drill, plan: Plan): Promise<DrillReport> {
  const before = await captured(drill, plan);
  const first = await stage(drill, 'contain', () => contain(drill, plan));
  const stages = [first];
  const back = first.run.status === 'ended' ? await release(drill, first.run.order.id) : undefined;
  if (back !== undefined) stages.push(await stage(drill, 'release', async () => back));
  const after = await captured(drill, plan);
  const waiting = stages.find(({ run }) => run.status !== 'ended');
  return {
    ...{ plan, stages, refused: await refusedIn(drill.deps, stages) },
    restored: same(asJson(before), asJson(after)),
    waitsFor: waiting?.run.order.id,
  };
}
