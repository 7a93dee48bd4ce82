import type { Approval } from '../model/approval.ts';
import { InvalidInput } from '../model/error.ts';
import { ensureMayAnswer } from '../guard/may-answer.ts';
import type { Starter } from '../ports/starter.ts';
import { answer, type Given, readApproval } from '../records/approvals.ts';
import type { RunDeps } from './deps.ts';
import { readRun } from './turn.ts';

type Deps = Pick<RunDeps, 'records' | 'clock' | 'signer' | 'settings'> & { readonly starter: Starter };

/** Whether somebody has given the very same answer before: giving it again changes nothing and is no fault. */
const isRepeated = ({ votes, digest: asked }: Approval, digest: string, { person, verdict }: Given): boolean =>
  digest === asked && votes.some((vote) => vote.person === person && vote.verdict === verdict);

/** A question of that id. Throws `InvalidInput` where there is none. */
export async function questionNamed(deps: Pick<Deps, 'records'>, id: string): Promise<Approval> {
  const approval = await readApproval(deps, id);
  if (approval) return approval;
  throw new InvalidInput({
    code: 'no-such-approval',
    message: 'nothing waits under that id',
    remedy: 'List what waits with `cordon inbox` or GET /inbox.',
  });
}

/**
 * Counts somebody's answer, however it came, and lets the run go on. The one way in for every channel: it asks whether
 * they may answer, and the record asks all else. That the run is started again says nothing: it reads the record itself.
 * Throws `InvalidInput`.
 */
export async function giveAnswer(deps: Deps, id: string, digest: string, given: Given): Promise<Approval> {
  const approval = await questionNamed(deps, id);
  ensureMayAnswer(deps.settings, approval, given.person, deps.clock.now());
  if (isRepeated(approval, digest, given)) return approval;
  const run = await readRun(deps.records, approval.run);
  if (approval.answer === null && run?.status === 'ended')
    throw new InvalidInput({
      code: 'nothing-to-answer',
      message: `the run that asked is over: ${run.result?.outcome ?? 'failed'}`,
      remedy: 'Start the run again.',
    });
  const answered = await answer(deps, id, digest, given);
  await deps.starter.start(approval.run);
  return answered;
}
