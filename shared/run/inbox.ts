import { type Approval, askedNow, rungsOf } from '../model/approval.ts';
import type { Finding } from '../model/finding.ts';
import type { Plan, StepPlan } from '../model/plan.ts';
import type { RunOrder } from '../model/run.ts';
import { openApprovals } from '../records/approvals.ts';
import type { RunDeps } from './deps.ts';
import { containmentsOf, plansOf } from './stored-plan.ts';
import { readRun } from './turn.ts';

type Deps = Pick<RunDeps, 'records' | 'evidence' | 'clock'>;

/** What is cut off already, by the same run. */
export type AlreadyCut = { readonly action: string; readonly targetName: string; readonly since: string };

/** A question with all that somebody needs to answer it. Finding and target may hold text that an attacker chose. */
export type OpenQuestion = Approval & {
  readonly account: string;
  readonly target: string | null;
  readonly targetName: string | null;
  readonly finding: Pick<Finding, 'provider' | 'id' | 'type' | 'title' | 'description' | 'severity'> | null;
  /** Whose turn it is, and until when. */
  readonly asked: readonly string[];
  readonly turnUntil: string;
  /** Until nobody can answer any more; negative after that. */
  readonly minutesLeft: number;
  readonly cut: readonly AlreadyCut[];
  /** The step that is asked about, and the plan it is part of; null where the plan is lost. */
  readonly asks: StepPlan | null;
  readonly plan: Plan | null;
  /** False when the run is over, or the question answered or past its deadline: nobody can answer it any more. */
  readonly open: boolean;
  readonly commands: readonly string[];
};

/** Digests may be named by their first characters; these are enough to read. */
const shown = 16;

function commandsOf({ id, digest, run }: Approval, cut: readonly AlreadyCut[]): string[] {
  const about = `${id} --digest ${digest.slice(0, shown)}`;
  const back = cut.length > 0 ? [`cordon release ${run}`] : [];
  return [`cordon approve ${about}`, `cordon reject ${about} --note '...'`, ...back];
}

const findingOf = (order: RunOrder | undefined): OpenQuestion['finding'] => {
  if (!order) return null;
  const { provider, id, type, title, description, severity } = order.finding;
  return { provider, id, type, title, description, severity };
};

/** Minutes between two instants, begun ones not counted. */
const minutesTo = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);

/** A question as people need it, with the plan that it is bound to. */
export async function aboutQuestion(deps: Deps, approval: Approval): Promise<OpenQuestion> {
  const now = deps.clock.now();
  const [run, plans, containments] = await Promise.all([
    readRun(deps.records, approval.run),
    plansOf(deps, approval.run),
    containmentsOf(deps, approval.run),
  ]);
  const plan = plans.findLast(({ digest }) => digest === approval.digest) ?? null;
  const cut = containments.map(({ action, targetName, since }) => ({ action, targetName, since }));
  const turn = rungsOf(approval).find(({ until }) => now < until);
  return {
    ...approval,
    target: run?.order.target.id ?? null,
    targetName: run?.order.target.name ?? null,
    finding: findingOf(run?.order),
    asked: askedNow(approval, now),
    turnUntil: turn?.until ?? approval.deadline,
    minutesLeft: minutesTo(now, approval.deadline),
    cut,
    asks: plan?.steps.find(({ id }) => id === approval.step) ?? null,
    plan,
    open: approval.answer === null && now < approval.deadline && run !== undefined && run.status !== 'ended',
    commands: commandsOf(approval, cut),
  };
}

/** The questions that somebody can still answer, those first that are over first. */
export async function openQuestions(
  deps: Deps,
  sees: (approval: Approval) => boolean = () => true,
): Promise<readonly OpenQuestion[]> {
  const now = deps.clock.now();
  const waiting = (await openApprovals(deps)).filter((one) => now < one.deadline && sees(one));
  const all = await Promise.all(waiting.map((one) => aboutQuestion(deps, one)));
  return all.filter(({ open }) => open).sort((a, b) => a.deadline.localeCompare(b.deadline));
}
