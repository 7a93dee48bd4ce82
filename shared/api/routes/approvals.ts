import * as z from 'zod';
import type { Approval } from '../../model/approval.ts';
import { InvalidInput } from '../../model/error.ts';
import { answer, openApprovals, readApproval } from '../../records/approvals.ts';
import { readRun } from '../../run/turn.ts';
import { type Api, type ApiDeps, bodyOf } from '../context.ts';
import { type Caller, ensure, isAsked, may } from '../rights.ts';

const Answer = z.strictObject({
  verdict: z.enum(['approved', 'rejected']),
  /** Of the plan that was read: the answer counts for that one alone. */
  digest: z.string().length(64),
  note: z.string().max(500).default(''),
});
type Answer = z.infer<typeof Answer>;

async function withRun(deps: ApiDeps, approval: Approval) {
  const run = await readRun(deps.records, approval.run);
  const { playbook, finding, target } = run?.order ?? {};
  return { ...approval, playbook, account: finding?.account, target: target?.id, targetName: target?.name };
}

const scopeOf = ({ playbook, account }: Awaited<ReturnType<typeof withRun>>) => ({
  playbook: playbook ?? '*', // a question whose run is gone belongs to those who reach everything
  account: account ?? '*',
});

/** The same answer of the same person again changes nothing and is no fault. */
async function answered(deps: ApiDeps, { id, answer: given }: Approval, caller: Caller, wanted: Answer) {
  const { verdict, digest, note } = wanted;
  const repeated = given?.person === caller.id && given.verdict === verdict;
  return repeated ? readApproval(deps, id) : answer(deps, id, digest, { verdict, person: caller.id, note });
}

/** The questions that wait for a person, and their answers. */
export function approvalRoutes(api: Api, deps: ApiDeps): void {
  api.get('/approvals', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const open = await Promise.all((await openApprovals(deps)).map((approval) => withRun(deps, approval)));
    return context.json({ approvals: open.filter((approval) => may(caller, 'read', scopeOf(approval))) });
  });

  api.post('/approvals/:id', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'approve');
    const wanted = await bodyOf(context, Answer);
    const approval = await readApproval(deps, context.req.param('id'));
    if (!approval)
      throw new InvalidInput({
        code: 'no-such-approval',
        message: 'nothing waits under that id',
        remedy: 'GET /approvals.',
      });
    ensure(caller, 'approve', scopeOf(await withRun(deps, approval)));
    if (!isAsked(caller, approval.by))
      throw new InvalidInput({
        code: 'not-asked',
        message: `the question is for ${approval.by.join(', ')}`,
        remedy: 'One of them answers; groups stand under `people` in the settings.',
      });
    const done = await answered(deps, approval, caller, wanted);
    await deps.starter.start(approval.run);
    return context.json({ approval: done });
  });
}
