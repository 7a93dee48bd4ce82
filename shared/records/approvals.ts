import { Approval } from '../model/approval.ts';
import { InvalidInput } from '../model/error.ts';
import { Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records, Stored } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

const read = ({ body }: Stored): Approval => Approval.parse(body);
const draft = (approval: Approval) =>
  ({
    kind: 'approval',
    id: approval.id,
    group: approval.answer ? 'answered' : 'open',
    body: Json.parse(approval),
  }) as const;

/** Opens a question; asking it again changes nothing. */
export async function ask({ records }: Deps, approval: Approval): Promise<void> {
  await records.create(draft(approval));
}

/** The questions that wait for a person. */
export const openApprovals = async ({ records }: Pick<Deps, 'records'>): Promise<readonly Approval[]> =>
  (await records.list('approval', 'open')).map(read);

export async function readApproval({ records }: Pick<Deps, 'records'>, id: string): Promise<Approval | undefined> {
  const stored = await records.read('approval', id);
  return stored && read(stored);
}

const refuse = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

/**
 * Answers a question, once. Throws `InvalidInput` when it is unknown, answered, past its deadline, about another plan,
 * or when the one who answers is the one who asked.
 */
export async function answer(
  { records, clock }: Deps,
  id: string,
  digest: string,
  given: { readonly verdict: 'approved' | 'rejected'; readonly person: string; readonly note: string },
): Promise<Approval> {
  const stored = await records.read('approval', id);
  if (!stored) throw refuse('no-such-approval', `nothing waits under ${id}`, 'List what waits with `cordon runs`.');
  const approval = read(stored);
  if (approval.answer)
    throw refuse(
      'already-answered',
      `${approval.answer.person} has ${approval.answer.verdict} it at ${approval.answer.at}`,
      'An answer is final.',
    );
  if (clock.now() >= approval.deadline)
    throw refuse('approval-lapsed', `the deadline was ${approval.deadline}`, 'Start the run again.');
  if (approval.digest !== digest)
    throw refuse(
      'other-plan',
      'the answer names another plan than the one that waits',
      'Read the plan again and name its digest.',
    );
  if (approval.requester.toLowerCase() === given.person.toLowerCase())
    throw refuse('four-eyes', `${given.person} asked for it and cannot approve it`, 'A second person answers.');
  const answered = { ...approval, answer: { ...given, at: clock.now() } };
  if (await records.replace(draft(answered), stored.version)) return answered;
  return answer({ records, clock }, id, digest, given);
}
