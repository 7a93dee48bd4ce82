import * as z from 'zod';
import type { Person } from '../config/settings.ts';
import type { Approval } from '../model/approval.ts';
import type { Signer } from '../ports/signer.ts';
import { read } from './approval-token.ts';

/** The buttons of a message that asks for an answer. */
export const slackActions = { approved: 'cordon-approve', rejected: 'cordon-reject' } as const;

/** What is left of a press of one of our buttons (docs.slack.dev, "block_actions payload"). */
const Press = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().regex(/^[UW][A-Z0-9]{2,20}$/) }),
  actions: z
    .array(z.object({ action_id: z.enum(Object.values(slackActions)), value: z.string().min(1).max(2_000) }))
    .length(1),
});

/** Somebody's answer, as the settings know them: for the guards and the record of the approval to judge. */
export type SlackAnswer = {
  readonly person: Person['id'];
  readonly approval: Approval['id'];
  readonly digest: string;
  readonly verdict: 'approved' | 'rejected';
};

/** Why a press does nothing, in words that can be shown to whoever pressed. */
export const pressRefusals = {
  unreadable: 'This is not an answer to a question of Cordon.',
  unknown: 'Slack knows you, Cordon does not: your member id stands under nobody in the settings.',
  ambiguous: 'Your Slack member id stands under more than one person in the settings.',
  forged: 'Cordon did not make this button.',
  expired: 'The time to answer is over.',
} as const;
export type PressRefusal = keyof typeof pressRefusals;

function pressIn(body: string): z.infer<typeof Press> | undefined {
  const fields = new URLSearchParams(body).getAll('payload');
  const [text] = fields;
  if (fields.length !== 1 || text === undefined) return undefined;
  try {
    return Press.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON is no press
  }
}

/**
 * Who answers what, out of the body of an interaction whose signature has been proven (`isFromSlack`). The person comes
 * from the member id alone, never from a name that can be chosen; what is answered comes from the token in the button,
 * whose verdict has to be the button's own.
 */
export async function readSlackAnswer(
  body: string,
  { people, signer, now }: { readonly people: readonly Person[]; readonly signer: Signer; readonly now: string },
): Promise<SlackAnswer | { readonly refused: PressRefusal }> {
  const press = pressIn(body);
  const [action] = press?.actions ?? [];
  if (!press || !action) return { refused: 'unreadable' };
  const [person, ...others] = people.filter(({ slack }) => slack === press.user.id);
  if (!person) return { refused: 'unknown' };
  if (others.length > 0) return { refused: 'ambiguous' };
  const token = await read(signer, action.value, now);
  if ('refused' in token) return token;
  const { approval, digest, verdict } = token.claim;
  if (verdict === undefined || slackActions[verdict] !== action.action_id) return { refused: 'forged' };
  return { person: person.id, approval, digest, verdict };
}
