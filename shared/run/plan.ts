import type { Action, Change } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { changesOf, inverse } from '../action/change.ts';
import { decide, type Verdict } from '../guard/decide.ts';
import { personBehind } from '../guard/person.ts';
import type { Containment } from '../model/containment.ts';
import { CordonError, InvalidInput } from '../model/error.ts';
import { asJson, Json, type JsonObject } from '../model/json.ts';
import { type Plan, planDigest, type StepPlan } from '../model/plan.ts';
import { Playbook, type Step } from '../model/playbook.ts';
import type { RunOrder } from '../model/run.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';
import { render } from '../playbook/template.ts';
import { actedThisHour } from '../records/budgets.ts';
import { killed } from '../records/switches.ts';
import type { RunDeps } from './deps.ts';
import { planContext } from './step-context.ts';
import { containmentsOf } from './stored-plan.ts';

export type Of = { readonly order: RunOrder; readonly signal: AbortSignal };

/** The playbook a run is pinned to. */
export async function pinnedPlaybook({ evidence }: RunDeps, { playbook, playbookHash }: RunOrder): Promise<Playbook> {
  const source = await evidence.get(playbookHash);
  if (source !== undefined) return Playbook.parse(source);
  throw new CordonError({ code: 'playbook-lost', message: `playbook ${playbook} ${playbookHash} is not in the store` });
}

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
  readonly action: Action;
  readonly hash: string;
  readonly scope: JsonObject;
  /** Why it cannot even be said what the step is used on. */
  readonly fault?: InvalidInput;
};

function itemsOf(step: Step, scope: JsonObject): readonly JsonObject[] {
  if (step.forEach === undefined) return [scope];
  const items = render(step.forEach, scope);
  if (!Array.isArray(items))
    throw new InvalidInput({ code: 'not-a-list', message: `forEach of step ${step.id} gives no list` });
  return items.map((item: Json) => ({ ...scope, item }));
}

async function usesOf({ actions }: RunDeps, playbook: Playbook, scope: JsonObject): Promise<readonly Use[]> {
  const uses = playbook.steps.map(async (step): Promise<readonly Use[]> => {
    const { action, hash } = await loadAction(actions, step.action);
    if (step.when !== undefined && !matches(parsePattern(step.when), scope)) return [];
    const use: Use = { id: step.id, step, action, hash, scope };
    try {
      const items = itemsOf(step, scope);
      return items.map((one, at) => ({ ...use, id: items.length > 1 ? `${step.id}-${at + 1}` : step.id, scope: one }));
    } catch (thrown) {
      if (thrown instanceof InvalidInput) return [{ ...use, fault: thrown }];
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
  readonly killSwitch: boolean;
};

const headOf = ({ id, action, hash }: Use, { order: { finding } }: Of) => ({
  id,
  action: action.id,
  actionHash: hash,
  title: action.title,
  account: finding.account,
  region: action.cloud === finding.cloud ? finding.region : '',
  cautions: [
    ...(action.cautions ?? []),
    ...(action.irreversible ? [`Cannot be taken back: ${action.irreversible}`] : []),
  ],
});

/** A step that cannot even be written down: what is missing decides who is asked. */
function unplanned(use: Use, of: Of, fault: InvalidInput): StepPlan {
  const unproven = fault.code === 'missing-value' && fault.place?.path?.startsWith('target.person') === true;
  return {
    ...headOf(use, of),
    input: {},
    changes: [],
    decision: unproven ? 'ask' : 'deny',
    reason: unproven ? 'identity-unproven' : 'input-missing',
    detail: fault.message,
  };
}

async function verdictFor(situation: Situation, use: Use, input: Json, account: string): Promise<Verdict> {
  const { deps, of, playbook, target, killSwitch } = situation;
  const scopes = { playbook: of.order.playbook, account: of.order.finding.account };
  return decide({
    finding: of.order.finding,
    target,
    action: use.action,
    step: use.step,
    input,
    account,
    settings: deps.settings,
    limits: playbook.limits,
    acted: await actedThisHour(deps, of.order.id, scopes),
    killSwitch,
  });
}

async function planUse(situation: Situation, use: Use): Promise<StepPlan> {
  const { deps, of } = situation;
  const head = headOf(use, of);
  if (use.fault) return unplanned(use, of, use.fault);
  try {
    const input = use.action.parse(render(use.step.with, use.scope));
    const account = use.step.in === undefined ? head.account : String(render(use.step.in, use.scope));
    const place = { cloud: use.action.cloud, account, region: head.region };
    const verdict = await verdictFor(situation, use, input, account);
    if (verdict.decision === 'deny') return { ...head, account, input, changes: [], ...verdict };
    const reader = await deps.clouds.session({ ...place, rights: 'reader', runId: of.order.id, signal: of.signal });
    const context = planContext(deps.clock, of);
    const seen = await use.action.capture(reader, input, context);
    if (Object.keys(seen).length === 0)
      return { ...head, account, input, changes: [], decision: 'deny', reason: 'target-gone' };
    const changes = changesOf(use.action, input, seen, use.action.plan(input, seen, context));
    const cautions = [...head.cautions, ...changes.flatMap(({ through }) => (through ? [through.means] : []))];
    const asked = changes.length > 0 ? verdict : ({ decision: 'allow', reason: 'already-contained' } as const);
    return { ...head, account, input, changes, cautions: [...new Set(cautions)], ...asked };
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return unplanned(use, of, thrown);
    throw thrown;
  }
}

const sealed = (of: Of, steps: readonly StepPlan[]): Plan => {
  const { playbook, playbookHash, finding, target } = of.order;
  const open = { playbook, playbookHash, finding: finding.id, target: target.id, steps: [...steps] };
  return { ...open, digest: planDigest(open) };
};

/** What templates may know of the deployment. */
const visibleSettings = ({ settings: { aws, azure } }: RunDeps) => ({
  identityCenter: aws.identityCenter,
  tenant: azure.tenant,
  quarantineStorageAccount: azure.quarantineStorageAccount,
});

/** The exact changes a containment would make now, step by step, each with what the guardrails say. */
export async function planContainment(deps: RunDeps, of: Of): Promise<Plan | 'target-gone'> {
  const [playbook, target, killSwitch] = await Promise.all([
    pinnedPlaybook(deps, of.order),
    inspectTarget(deps, of),
    killed(deps.records, of.order.playbook),
  ]);
  if (!target) return 'target-gone';
  const scope = asJson({ finding: of.order.finding, target, settings: visibleSettings(deps) }) as JsonObject; // an object as written
  const situation: Situation = { deps, of, playbook, target, killSwitch };
  const uses = await usesOf(deps, playbook, scope);
  return sealed(of, await Promise.all(uses.map((use) => planUse(situation, use))));
}

/** What a release may not do by itself. `allowed` alone takes the changes back; the other allowances only let go. */
function releaseVerdict(action: Action, owners: number, killSwitch: boolean, reactivate: boolean): Verdict {
  if (killSwitch) return { decision: 'deny', reason: 'kill-switch' };
  if (owners > 1) return { decision: 'allow', reason: 'shared-containment' };
  if (action.keeps) return { decision: 'allow', reason: 'kept-as-evidence', detail: action.keeps };
  if (action.irreversible) return { decision: 'deny', reason: 'irreversible-action', detail: action.irreversible };
  if (action.restores === 'credentials') return { decision: reactivate ? 'ask' : 'deny', reason: 'credentials-return' };
  return { decision: 'allow', reason: 'allowed' };
}

/** The way back of one run: its open containments with their changes exchanged, the last one first. */
export async function planRelease(deps: RunDeps, of: Of): Promise<Plan> {
  if (of.order.kind !== 'release') throw new TypeError('not a release');
  const { releases, reactivateCredentials } = of.order;
  const [mine, killSwitch] = await Promise.all([
    containmentsOf(deps, releases),
    killed(deps.records, of.order.playbook),
  ]);
  const steps = [...mine].reverse().map(async (containment: Containment): Promise<StepPlan> => {
    const { action, hash } = await loadAction(deps.actions, containment.action);
    const back: readonly Change[] = inverse(containment.changes);
    const verdict = releaseVerdict(action, containment.owners.length, killSwitch, reactivateCredentials);
    const stays =
      verdict.decision === 'deny' || verdict.reason === 'shared-containment' || verdict.reason === 'kept-as-evidence';
    return {
      id: `${action.id.split('.').at(-1)}-${containment.id.slice(0, 6)}`,
      action: action.id,
      actionHash: hash,
      title: `Take back: ${action.title}`,
      input: containment.input,
      account: containment.account,
      region: containment.region,
      changes: stays ? [] : [...back],
      cautions: [],
      ...verdict,
    };
  });
  return sealed(of, await Promise.all(steps));
}
