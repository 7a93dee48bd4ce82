import { inboxLines } from '../../../shared/cli/show-inbox.ts';
import { bold, dim, green, inert, red } from '../../../shared/cli/style.ts';
import type { Deciding } from '../commands/approvals.ts';
import type { Deployment } from '../deployment.ts';
import { type ExitCode, exit, print, WrongUsage } from '../output.ts';
import { type Common, completed } from '../person.ts';
import { Answered, Question, Questions } from './answers.ts';

/** The questions of a deployment that wait, as far as it lets whoever asks see them. */
export async function inbox(deployment: Deployment, { json, mine }: Common & { mine: boolean }): Promise<ExitCode> {
  if (mine)
    throw new WrongUsage({
      code: 'not-there',
      message: 'the API of a deployment does not tell which questions are yours',
      remedy: 'Leave --mine out: it shows all that you may see, and says when you answer one that is not yours.',
    });
  const { approvals } = await deployment.ask(Questions, { path: '/approvals' });
  print(json, approvals, () => inboxLines(approvals, () => true));
  return exit.done;
}

/** Answers a question of a deployment as whoever is signed in; its run goes on there. */
export async function decide(
  deployment: Deployment,
  id: string,
  { verdict, digest, note, json }: Deciding,
): Promise<ExitCode> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const question = await deployment.ask(Question, { path });
  const body = { verdict, note, digest: completed(digest, question.digest) };
  const { approval } = await deployment.ask(Answered, { method: 'POST', path, body });
  const { answer, votes, quorum, run } = approval;
  const what = verdict === 'approved' ? green(verdict) : red(verdict);
  const goesOn = answer ? 'the run goes on there' : `${votes.length} of ${quorum} answers so far`;
  print(json, approval, () => [
    `${what} ${inert(question.step)} of run ${bold(run)} ${dim(`at ${inert(deployment.url)}: ${goesOn}`)}`,
  ]);
  return exit.done;
}
