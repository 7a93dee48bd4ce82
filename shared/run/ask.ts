import * as z from 'zod';
import { type Approval, rungsOf } from '../model/approval.ts';
import { secondsOf } from '../model/duration.ts';
import { CordonError } from '../model/error.ts';
import { type Json, shortDigest } from '../model/json.ts';
import type { Plan, StepPlan } from '../model/plan.ts';
import { stepOfUse } from '../model/playbook.ts';
import { reasonCodes } from '../model/reason.ts';
import { StepResult } from '../model/run.ts';
import { ask, readApproval, verdictOf } from '../records/approvals.ts';
import type { RunDeps } from './deps.ts';
import { askNotice, tell } from './notices.ts';
import { pinnedPlaybook } from './plan.ts';
import { readPlan } from './stored-plan.ts';
import type { WorkContext } from './turn.ts';

/** A question that waits: its id, and until when it is whose turn. */
export type Question = { readonly approval: string; readonly rungs: readonly string[] };

/** Where neither playbook nor person has said who decides. */
const anybody = { within: '4h', by: ['approver'], silence: 'lapse', quorum: 1 } as const;

const Asking = z.object({ reason: z.enum(reasonCodes), done: z.array(StepResult) });

/** Asks about one step of a plan and tells those whose turn it is. Asking again asks the same question. */
export async function question(
  deps: RunDeps,
  { plan, step }: { readonly plan: Plan; readonly step: StepPlan },
  input: Json,
  { order }: WorkContext,
): Promise<Question> {
  const { reason, done } = Asking.parse(input);
  const playbook = order.kind === 'containment' ? await pinnedPlaybook(deps, order) : undefined;
  const { by, within, silence, quorum } = (playbook && stepOfUse(playbook, step.id)?.step.approve) ?? anybody;
  const askedAt = deps.clock.now();
  const turns = { by: [...by], silence, withinSeconds: secondsOf(within), askedAt };
  const fresh: Approval = {
    id: shortDigest({ run: order.id, step: step.id, plan: plan.digest }),
    run: order.id,
    step: step.id,
    digest: plan.digest,
    reason,
    playbook: order.playbook,
    account: order.finding.account,
    ...turns,
    quorum,
    requester: order.requester.id,
    deadline: rungsOf(turns).at(-1)?.until ?? askedAt,
    votes: [],
    answer: null,
  };
  await ask(deps, fresh);
  const asked = (await readApproval(deps, fresh.id)) ?? fresh;
  await tell(deps, askNotice(order, plan, asked, 0, done, asked.askedAt));
  return { approval: asked.id, rungs: rungsOf(asked).map(({ until }) => until) };
}

const Escalation = z.object({ plan: z.string(), approval: z.string(), rung: z.int(), done: z.array(StepResult) });

/** Those before have not answered in time: the next ones are told. */
export async function escalated(deps: RunDeps, input: Json, { order }: WorkContext): Promise<null> {
  const { plan: digest, approval: id, rung, done } = Escalation.parse(input);
  const [plan, approval] = await Promise.all([readPlan(deps, digest), readApproval(deps, id)]);
  if (!plan || !approval)
    throw new CordonError({ code: 'plan-lost', message: `plan ${digest} or approval ${id} is gone` });
  await tell(deps, askNotice(order, plan, approval, rung, done, deps.clock.now()));
  return null;
}

/** What a question came to, for the journal too; null while it is open. */
export async function answered(
  deps: RunDeps,
  input: Json,
  { journal }: WorkContext,
): Promise<'approved' | 'rejected' | null> {
  const { approval: id } = z.object({ approval: z.string() }).parse(input);
  const verdict = await verdictOf(deps, id);
  if (verdict === null) return null;
  const approval = await readApproval(deps, id);
  const noted = journal.entries.some((entry) => entry.type === 'approval' && entry.approval === id);
  if (!approval || noted) return verdict;
  const { step, digest, votes } = approval;
  for (const { verdict: said, person, note, at } of votes)
    journal.note({ type: 'approval', step, approval: id, digest, verdict: said, person, note, at });
  return verdict;
}
