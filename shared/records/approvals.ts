import { Approval, type Vote } from '../model/approval.ts';
import { CordonError, InvalidInput } from '../model/error.ts';
import { canonical, Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records, Stored } from '../ports/records.ts';
import type { Signer } from '../ports/signer.ts';

type Deps = { readonly records: Records; readonly clock: Clock; readonly signer: Signer };

const read = ({ body }: Stored): Approval => Approval.parse(body);
const draft = (approval: Approval) =>
  ({
    kind: 'approval',
    id: approval.id,
    group: approval.answer ? 'answered' : 'open',
    body: Json.parse(approval),
  }) as const;

/** Opens a question; asking it again changes nothing. */
export async function ask({ records }: Pick<Deps, 'records'>, approval: Approval): Promise<void> {
  await records.create(draft(approval));
}

/** The questions that nobody has decided, those past their deadline too. */
export const openApprovals = async ({ records }: Pick<Deps, 'records'>): Promise<readonly Approval[]> =>
  (await records.list('approval', 'open')).map(read);

export async function readApproval({ records }: Pick<Deps, 'records'>, id: string): Promise<Approval | undefined> {
  const stored = await records.read('approval', id);
  return stored && read(stored);
}

const refuse = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

/** What a vote's signature is over. */
const signed = ({ id, digest }: Pick<Approval, 'id' | 'digest'>, vote: Omit<Vote, 'signature'>): string => {
  const { verdict, person, at, note, channel } = vote;
  return `cordon-vote/1\n${canonical({ approval: id, digest, verdict, person, at, note, channel })}`;
};

/** Why a vote does not count; nothing where it does. */
function refusal(approval: Approval, digest: string, { person }: Pick<Vote, 'person'>, now: string) {
  const lower = person.toLowerCase();
  const { answer } = approval;
  if (answer)
    return refuse(
      'already-answered',
      `${answer.person} has ${answer.verdict} it at ${answer.at}`,
      'An answer is final.',
    );
  if (now >= approval.deadline)
    return refuse('approval-lapsed', `the deadline was ${approval.deadline}`, 'Start the run again.');
  if (approval.digest !== digest)
    return refuse(
      'other-plan',
      'the answer names another plan than the one that waits',
      'Read the plan again and name its digest.',
    );
  if (approval.requester.toLowerCase() === lower)
    return refuse('four-eyes', `${person} asked for it and cannot approve it`, 'A second person answers.');
  if (approval.votes.some((vote) => vote.person.toLowerCase() === lower))
    return refuse('already-voted', `${person} has answered already`, 'Another person answers.');
  return undefined;
}

export type Given = Pick<Vote, 'verdict' | 'person' | 'note' | 'channel'>;

/**
 * Counts one person's answer, once; the vote that decides it is the last. Throws `InvalidInput` when the question is
 * unknown, decided, past its deadline or about another plan, and when the one who answers asked for it or has answered.
 * Whether somebody is among those asked is for the caller to say (`guard/may-answer`).
 */
export async function answer(deps: Deps, id: string, digest: string, given: Given): Promise<Approval> {
  const { records, clock, signer } = deps;
  const stored = await records.read('approval', id);
  if (!stored) throw refuse('no-such-approval', `nothing waits under ${id}`, 'List what waits with `cordon inbox`.');
  const approval = read(stored);
  const at = clock.now();
  const refused = refusal(approval, digest, given, at);
  if (refused) throw refused;
  const open = { ...given, at };
  const votes = [...approval.votes, { ...open, signature: await signer.sign(signed(approval, open)) }];
  const decided = given.verdict === 'rejected' || votes.length >= approval.quorum;
  const { verdict, person, note } = given;
  const next: Approval = { ...approval, votes, answer: decided ? { verdict, person, at, note } : null };
  return (await records.replace(draft(next), stored.version)) ? next : answer(deps, id, digest, given);
}

/** What a question came to: null while it is open. Every vote is proven again; throws when one was not made by us. */
export async function verdictOf(deps: Deps, id: string): Promise<'approved' | 'rejected' | null> {
  const approval = await readApproval(deps, id);
  if (!approval?.answer) return null;
  const { votes, quorum } = approval;
  const proven = await Promise.all(
    votes.map(({ signature, ...vote }) => deps.signer.verify(signed(approval, vote), signature)),
  );
  const forged = votes.find((_, at) => !proven[at]);
  if (forged)
    throw new CordonError({
      code: 'vote-forged',
      message: `the vote of ${forged.person} on approval ${id} was not signed by Cordon`,
      remedy: 'Find out who writes to the store of records; start the run again afterwards.',
    });
  if (votes.some(({ verdict }) => verdict === 'rejected')) return 'rejected';
  return new Set(votes.map(({ person }) => person.toLowerCase())).size >= quorum ? 'approved' : null;
}
