import type { Action, Change } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { changesOf } from '../action/change.ts';
import { decide, type Verdict } from '../guard/decide.ts';
import { personBehind } from '../guard/person.ts';
import { CordonError, InvalidInput } from '../model/error.ts';
import { asJson, Json, type JsonObject } from '../model/json.ts';
import { type Plan, planDigest, type StepPlan, stricter } from '../model/plan.ts';
import { Playbook, placedSteps, Step, stepOfUse } from '../model/playbook.ts';
import type { Again, RunOrder } from '../model/run.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';
import { inputOf, meantBy } from '../playbook/expand.ts';
import { render } from '../playbook/template.ts';
import { type Spent, spentThisHour } from '../records/budgets.ts';
import type { RunDeps } from './deps.ts';
import { type Brakes, brakesFor, type CutOff, cutOffNow, mostOf, questionOf, scopesOf } from './guarding.ts';
import { planContext } from './step-context.ts';

export type Of = { readonly order: RunOrder; readonly signal: AbortSignal };

/** The playbook a run is pinned to. */
export async function pinnedPlaybook({ evidence }: RunDeps, { playbook, playbookHash }: RunOrder): Promise<Playbook> {
  const source = await evidence.get(playbookHash);
  if (source !== undefined) return Playbook.parse(source);
  throw new CordonError({ code: 'playbook-lost', message: `playbook ${playbook} ${playbookHash} is not in the store` });
}

/** Whether the run only tells people: then nothing of its target is read, and it may be gone. */
export const tells = (order: RunOrder): boolean => order.kind === 'containment' && order.tells === true;

/** The target with its facts as read now; undefined where it is gone. */
export async function inspectTarget({ clouds, settings }: RunDeps, of: Of): Promise<JsonObject | undefined> {
  const { finding, target, id: runId } = of.order;
  const place = { cloud: finding.cloud, account: finding.account, region: finding.region };
  const session = await clouds.session({ ...place, rights: 'reader', runId, signal: of.signal });
  const facts = await clouds.inspect(session, target);
  if (!facts) return undefined;
  const known = { ...(Json.parse(target) as JsonObject), ...facts }; // a target is an object
  const person = personBehind(settings, known);
  return person ? { ...known, person } : known;
}

/** One use of an action, with its inputs filled in. */
type Use = {
  readonly id: string;
  readonly step: Step;
  /** Undefined where the step's portable verb means nothing for its target; `fault` says why. */
  readonly action?: Action;
  readonly hash: string;
  readonly scope: JsonObject;
  /** Why it cannot even be said what the step is used on. */
  readonly fault?: InvalidInput;
  /** Inputs as they are, not as the playbook would fill them in. */
  readonly given?: Again;
};

function itemsOf(step: Step, scope: JsonObject): readonly JsonObject[] {
  if (step.forEach === undefined) return [scope];
  const items = render(step.forEach, scope);
  if (!Array.isArray(items))
    throw new InvalidInput({ code: 'not-a-list', message: `forEach of step ${step.id} gives no list` });
  return items.map((item: Json) => ({ ...scope, item }));
}

/** The use that the watch wants once more. What was agreed to once is not asked again. */
async function usedAgain({ actions }: RunDeps, playbook: Playbook, given: Again, scope: JsonObject): Promise<Use> {
  const { action, hash } = await loadAction(actions, given.action);
  const placed = stepOfUse(playbook, given.step)?.step ?? Step.parse({ id: given.step, action: given.action });
  const { approve: _, ...unasked } = placed;
  return { id: given.step, step: given.same ? unasked : placed, action, hash, scope, given };
}

async function usesOf({ actions }: RunDeps, playbook: Playbook, scope: JsonObject): Promise<readonly Use[]> {
  const uses = placedSteps(playbook).map(async ({ step }): Promise<readonly Use[]> => {
    if (step.when !== undefined && !matches(parsePattern(step.when), scope)) return [];
    const useOf = async (id: string, one: JsonObject): Promise<Use> => {
      return { id, step, scope: one, ...(await meantBy(actions, step, one)) };
    };
    try {
      const items = itemsOf(step, scope);
      return await Promise.all(items.map((one, at) => useOf(items.length > 1 ? `${step.id}-${at + 1}` : step.id, one)));
    } catch (thrown) {
      if (thrown instanceof InvalidInput && thrown.code !== 'unknown-action')
        return [{ ...(await useOf(step.id, scope)), fault: thrown }];
      throw thrown;
    }
  });
  return (await Promise.all(uses)).flat();
}

type Situation = {
  readonly deps: RunDeps;
  readonly of: Of;
  readonly playbook: Playbook;
  readonly target: JsonObject;
  readonly spent: Spent;
  readonly brakes: Brakes;
  readonly cutOff: CutOff;
};

type Resolved = Use & { readonly action: Action };
const isResolved = (use: Use): use is Resolved => use.action !== undefined;

const headOf = ({ id, step, action, hash }: Use, { order: { finding } }: Of) => ({
  id,
  action: action?.id ?? step.action,
  actionHash: hash,
  title: action?.title ?? step.action,
  account: finding.account,
  region: (action?.cloud ?? finding.cloud) === finding.cloud ? finding.region : '',
  cautions: [
    ...(action?.cautions ?? []),
    ...(action?.irreversible ? [`Cannot be taken back: ${action.irreversible}`] : []),
  ],
});

/** What comes of a step without an action, or without an input. A person is asked where the playbook says whom, else told. */
function verdictOn({ approve }: Step, { code, place }: InvalidInput): Verdict {
  if (code === 'by-hand') return { decision: approve ? 'ask' : 'allow', reason: code };
  if (code === 'no-portable-action') return { decision: 'deny', reason: code };
  const unproven = code === 'missing-value' && place?.path?.startsWith('target.person') === true;
  return unproven ? { decision: 'ask', reason: 'identity-unproven' } : { decision: 'deny', reason: 'input-missing' };
}

/** A step that cannot even be written down: what is missing decides who is asked. */
const unplanned = (use: Use, of: Of, fault: InvalidInput): StepPlan => ({
  ...headOf(use, of),
  input: {},
  changes: [],
  ...verdictOn(use.step, fault),
  detail: fault.message,
});

async function verdictFor(situation: Situation, use: Resolved, input: Json, account: string): Promise<Verdict> {
  const { deps, of, ...known } = situation;
  return decide(await questionOf(deps, of, { ...known, action: use.action, step: use.step, input, account }));
}

const allowed: Verdict = { decision: 'allow', reason: 'allowed' };

/** Why changes among these are never taken back. */
const finalOf = (action: Action, changes: readonly Change[]): readonly string[] =>
  changes.flatMap((change) => action.final(change) ?? []);

async function planUse(situation: Situation, use: Use): Promise<StepPlan> {
  const { deps, of } = situation;
  const head = headOf(use, of);
  if (use.fault) return unplanned(use, of, use.fault);
  if (!isResolved(use)) throw new TypeError(`the step ${use.id} has neither an action nor a fault`);
  try {
    const { given } = use;
    const input = use.action.parse(given ? given.input : inputOf(use.action, use.step, use.scope));
    const account =
      given?.account ?? (use.step.in === undefined ? head.account : String(render(use.step.in, use.scope)));
    const place = { cloud: use.action.cloud, account, region: head.region };
    const asked: Verdict = given?.ask ? { decision: 'ask', reason: 'made-later' } : allowed;
    const verdict = stricter(await verdictFor(situation, use, input, account), asked);
    // what a kill switch holds back is planned all the same: the plan is still the one that was agreed to
    if (verdict.decision === 'deny' && verdict.reason !== 'kill-switch')
      return { ...head, account, input, changes: [], ...verdict };
    const reader = await deps.clouds.session({ ...place, rights: 'reader', runId: of.order.id, signal: of.signal });
    const context = planContext(deps.clock, of);
    const seen = await use.action.capture(reader, input, context);
    if (Object.keys(seen).length === 0)
      return { ...head, account, input, changes: [], decision: 'deny', reason: 'target-gone' };
    const changes = changesOf(use.action, input, seen, use.action.plan(input, seen, context));
    const final = finalOf(use.action, changes);
    const cautions = [
      ...head.cautions,
      ...changes.flatMap(({ through }) => (through ? [through.means] : [])),
      ...final.map((why) => `Cannot be taken back: ${why}`),
    ];
    const [why] = final;
    const kept: Verdict = why === undefined ? allowed : { decision: 'ask', reason: 'irreversible-action', detail: why };
    const said =
      changes.length > 0 ? stricter(verdict, kept) : ({ decision: 'allow', reason: 'already-contained' } as const);
    return { ...head, account, input, changes, cautions: [...new Set(cautions)], ...said };
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return unplanned(use, of, thrown);
    throw thrown;
  }
}

/** A plan with its digest. */
export const sealed = (of: Of, steps: readonly StepPlan[]): Plan => {
  const { playbook, playbookHash, finding, target } = of.order;
  const open = { playbook, playbookHash, finding: finding.id, target: target.id, steps: [...steps] };
  return { ...open, digest: planDigest(open) };
};

/** What templates may know of the deployment. */
const visibleSettings = ({ settings: { aws, azure, isolation } }: RunDeps) => ({
  isolation: {
    allow: isolation.allow.map(({ cidr, port }) => ({ cidr, ...(port !== undefined && { port }) })),
    instanceProfile: isolation.instanceProfile,
  },
  accounts: Object.keys(aws.accounts),
  identityCenter: aws.identityCenter,
  tenant: azure.tenant,
  quarantineStorageAccount: azure.quarantineStorageAccount,
  quarantineBucket: aws.quarantineBucket,
  azureLogging: azure.logging,
});

/** The exact changes a containment would make now, step by step, each with what the guardrails say. */
export async function planContainment(deps: RunDeps, of: Of): Promise<Plan | 'target-gone'> {
  const pinned = pinnedPlaybook(deps, of.order);
  const cutOff = cutOffNow(deps, of.order);
  const [playbook, target, brakes, spent] = await Promise.all([
    pinned,
    tells(of.order) ? (asJson(of.order.target) as JsonObject) : inspectTarget(deps, of), // a target is an object
    brakesFor(deps, of.order),
    pinned.then((one) => spentThisHour(deps, of.order.id, scopesOf(of.order), mostOf(deps, one))),
  ]);
  if (!target) return 'target-gone';
  const scope = asJson({ finding: of.order.finding, target, settings: visibleSettings(deps) }) as JsonObject; // an object as written
  const situation: Situation = { deps, of, playbook, target, spent, brakes, cutOff };
  const again = of.order.kind === 'containment' ? of.order.again : undefined;
  const uses = again ? [await usedAgain(deps, playbook, again, scope)] : await usesOf(deps, playbook, scope);
  return sealed(of, await Promise.all(uses.map((use) => planUse(situation, use))));
}
