import { inboxLines } from '../../../shared/cli/show-inbox.ts';
import { ensureMayAnswer } from '../../../shared/guard/may-answer.ts';
import { may } from '../../../shared/guard/rights.ts';
import type { Verdict } from '../../../shared/model/approval.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { giveAnswer, questionNamed } from '../../../shared/run/give-answer.ts';
import { type OpenQuestion, openQuestions } from '../../../shared/run/inbox.ts';
import type { Desk } from '../desk.ts';
import { finish } from '../finish.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type AtDesk, type Common, completed, personAt, remembering } from '../person.ts';

/** Whether somebody may answer a question now, and has not. */
function isFor({ deps, id }: AtDesk, question: OpenQuestion): boolean {
  const lower = id.toLowerCase();
  const asked = question.requester.toLowerCase() === lower;
  if (asked || question.votes.some(({ person }) => person.toLowerCase() === lower)) return false;
  try {
    ensureMayAnswer(deps.settings, question, id, deps.clock.now());
    return true;
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return false;
    throw thrown;
  }
}

/** The questions that wait: all that somebody may see, or those they may answer. */
export async function inbox(
  desk: Desk,
  { json, as, mine }: Common & { readonly as?: string; readonly mine: boolean },
): Promise<ExitCode> {
  const person = personAt(desk, as);
  const all = await openQuestions(desk.deps, ({ account, playbook }) =>
    may(person.caller, 'read', { account, playbook }),
  );
  const shown = mine ? all.filter((one) => isFor(person, one)) : all;
  print(json, shown, () => inboxLines(shown, (one) => isFor(person, one)));
  return exit.done;
}

export type Deciding = Common & {
  readonly verdict: Verdict;
  readonly digest: string;
  readonly as?: string;
  readonly note: string;
};

/** Answers a question as somebody, and carries its run on. */
export async function decide(desk: Desk, id: string, { verdict, digest, as, note, json }: Deciding): Promise<ExitCode> {
  const person = personAt(desk, as);
  const question = await questionNamed(desk.deps, id);
  const { starter } = remembering();
  const given = { verdict, person: person.id, note, channel: 'cli' };
  await giveAnswer({ ...person.deps, starter }, id, completed(digest, question.digest), given);
  return finish(desk, [question.run], json);
}
