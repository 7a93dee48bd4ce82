import type { Action } from '../action/action.ts';
import { type Question, seenByGuards } from '../guard/decide.ts';
import { fleetsOf } from '../guard/fleets.ts';
import { type Json, type JsonObject, own } from '../model/json.ts';
import type { Containment } from '../model/containment.ts';
import type { Plan } from '../model/plan.ts';
import type { Playbook, Step } from '../model/playbook.ts';
import type { RunOrder } from '../model/run.ts';
import { Target } from '../model/target.ts';
import { breakerFor, noteAttempt, openBreaker, openBreakers } from '../records/breakers.ts';
import type { Scopes, Spent } from '../records/budgets.ts';
import { countInFleets, held } from '../records/containments.ts';
import { killed } from '../records/switches.ts';
import type { RunDeps } from './deps.ts';
import { breakerNotice, tell } from './notices.ts';

type Of = { readonly order: RunOrder; readonly signal: AbortSignal };

/** Whose budgets a run uses. */
export const scopesOf = ({ playbook, finding }: RunOrder): Scopes => ({ playbook, account: finding.account });
/** How many runs may act in an hour. */
export const mostOf = ({ settings }: Pick<RunDeps, 'settings'>, { limits }: Playbook) => ({
  playbook: limits.perHour,
  account: settings.accountPerHour,
});

export type Brakes = { readonly killSwitch: boolean; readonly breakerOpen: boolean };

/** The kill switches and the circuit breakers that a run stands under, read now and side by side. */
export async function brakesFor(deps: RunDeps, { id, playbook, finding }: RunOrder): Promise<Brakes> {
  const [killSwitch, breaker] = await Promise.all([
    killed(deps.records, playbook, id),
    breakerFor(deps, deps.settings.breaker, finding.account),
  ]);
  return { killSwitch, breakerOpen: breaker !== undefined };
}

/** What is cut off now. */
export type CutOff = () => Promise<readonly Containment[]>;

/** Reads it once, and at once where the target may be one of a fleet: its share is then known with its facts. */
export function cutOffNow(deps: RunDeps, { target }: RunOrder): CutOff {
  let reading: Promise<readonly Containment[]> | undefined;
  const read: CutOff = () => {
    reading ??= held(deps);
    return reading;
  };
  if (target.type === 'aws.ec2.instance' || deps.settings.fleets.length > 0) read().catch(() => undefined); // told to whoever asks
  return read;
}

const text = (input: Json, name: string): string | undefined => {
  const value = own(input, name);
  return typeof value === 'string' ? value : undefined;
};

/** The principal that the inputs of an action name, as a target; by the kind of target the action is for. */
function principalIn({ target }: Pick<Action, 'target'>, input: Json, account: string): Target | undefined {
  const common = { account, region: '', role: 'related' } as const;
  const user = text(input, 'user');
  const userName = text(input, 'userName');
  const roleName = text(input, 'roleName');
  if (target === 'azure.entra.user' && user) return Target.parse({ type: target, id: user, name: user, ...common });
  if (target === 'aws.iam.role-session' && roleName)
    return Target.parse({
      ...{ type: target, id: roleName, name: roleName, ...common },
      ...{ roleName, principalId: '', sessionName: '', kind: 'assumed' },
    });
  if (['aws.iam.access-key', 'aws.iam.user'].includes(target) && userName)
    return Target.parse({ type: 'aws.iam.user', id: userName, name: userName, userName, ...common });
  return undefined;
}

/** Facts of the principal that a step acts on where it is another than the target; guards see them as `target.subject`. */
async function withSubject(
  { clouds }: RunDeps,
  { order, signal }: Of,
  { action, input, account, target }: Pick<Asking, 'action' | 'input' | 'account' | 'target'>,
): Promise<JsonObject> {
  const principal = principalIn(action, input, account);
  const known = Object.values(target).map((value) => String(value).toLowerCase());
  if (!principal || known.includes(principal.name.toLowerCase())) return target;
  const region = action.cloud === order.finding.cloud ? order.finding.region : '';
  const place = { cloud: action.cloud, account, region };
  const session = await clouds.session({ ...place, rights: 'reader', runId: order.id, signal });
  const facts = await clouds.inspect(session, principal);
  return facts ? { ...target, subject: facts } : target;
}

/** What a question is about, and what was read for it. */
export type Asking = {
  readonly playbook: Playbook;
  readonly action: Action;
  readonly step: Pick<Step, 'id' | 'approve'>;
  readonly input: Json;
  readonly account: string;
  readonly target: JsonObject;
  readonly spent: Spent;
  readonly brakes: Brakes;
  readonly cutOff: CutOff;
};

/** Everything that the guardrails decide by. */
export async function questionOf(deps: RunDeps, of: Of, asking: Asking): Promise<Question> {
  const { playbook, action, step, input, account, spent, brakes, cutOff } = asking;
  const { finding } = of.order;
  const { settings, clock } = deps;
  const seen = seenByGuards({ finding, target: asking.target, action });
  const fleets = action.cutsNothing ? [] : fleetsOf(settings.fleets, seen);
  const ids = fleets.map(({ id }) => id);
  const [target, all] = await Promise.all([withSubject(deps, of, asking), ids.length > 0 ? cutOff() : []]);
  const contained = countInFleets(all, ids, of.order.target.id);
  return {
    ...{ finding, target, action, step, input, account, settings, limits: playbook.limits, spent, ...brakes },
    fleets: fleets.map((fleet) => ({ ...fleet, contained: contained.get(fleet.id) ?? 0 })),
    now: clock.now(),
  };
}

/**
 * Opens the breaker of a run's account when its plan shows that the account has used up its hour, and the one for
 * everything when too many accounts have. People are told of each opening once.
 */
export async function trip(deps: RunDeps, order: RunOrder, plan: Plan): Promise<void> {
  const { account } = order.finding;
  const { breaker, accountPerHour } = deps.settings;
  const said = (reason: string): boolean => plan.steps.some((step) => step.reason === reason);
  const open = async (scope: string, why: string): Promise<boolean> => {
    const opened = await openBreaker(deps, breaker, { ...(scope !== 'all' && { account }), run: order.id, why });
    if (opened) await tell(deps, breakerNotice(order, scope, why, deps.clock.now()));
    return opened;
  };
  if (order.kind === 'release' || order.mode !== 'enforce') return;
  if (said('breaker-open')) await noteAttempt(deps, breaker, account);
  if (!said('limit-account')) return;
  const acted = `${accountPerHour} runs have acted there within the hour, and another one wanted to.`;
  if (!(await open(account, acted))) return;
  const others = (await openBreakers(deps, breaker)).filter(({ scope }) => scope !== 'all');
  if (others.length >= breaker.accounts)
    await open('all', `the breakers of ${others.length} accounts are open at once.`);
}
