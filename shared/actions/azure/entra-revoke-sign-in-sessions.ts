import * as z from 'zod';
import { azureAction } from './azure-action.ts';
import { readUser, UserKey, userPath } from './entra-user.ts';

/** Since when sign-ins count; Graph tells it in whole seconds. */
const Cutoff = z.strictObject({ validFrom: z.string() });
const field = 'signInSessionsValidFromDateTime';

const secondsOf = (instant: string): number => Math.floor(Date.parse(instant) / 1_000);

/** Whether sign-ins ended at or after the start of the run, which a plan cannot know yet, or after what was seen. */
const endedBy = (validFrom: string, ...instants: readonly (string | undefined)[]): boolean =>
  instants.some((instant) => instant !== undefined && secondsOf(validFrom) >= secondsOf(instant));

/**
 * Ends all sign-ins of a user: no refresh token issued before buys a new access token
 * (learn.microsoft.com/graph/api/user-revokesigninsessions). It cannot be undone, and needs no approval for that:
 * whoever can still prove to be the user signs in again, so nothing is lost that a release would have to give back.
 * An instant at or after the start of the run reads as that start, because the service sets its own; and so does one
 * after what was seen, so that two findings about one thief end the sign-ins once.
 */
export const entraRevokeSignInSessions = azureAction({
  id: 'azure.entra.revoke-sign-in-sessions',
  title: 'End all sign-ins of a user of Entra',
  target: 'azure.entra.user',
  d3fend: 'D3-ANCI',
  input: z.strictObject({
    user: UserKey.describe('Object id or user principal name.'),
    seenUntil: z.iso
      .datetime()
      .optional()
      .describe('Until when the user was seen at it: sign-ins that were ended later are ended already.'),
  }),
  value: Cutoff,
  permissions: {
    read: [{ allow: 'graph:User.Read.All', on: '*' }],
    write: [{ allow: 'graph:User.RevokeSessions.All', on: '*' }],
  },
  settles: { seconds: 60 },
  keeps: 'people sign in again by themselves',
  cautions: [
    'Access tokens already issued stay valid for about an hour, except where continuous access evaluation is on.',
    'Somebody who has the password and the second factor signs in again.',
    'Guests sign in at home: for them it has no effect.',
    'Sessions that an application keeps by its own cookie go on.',
  ],
  portable: { verb: 'revoke-identity', with: { user: '${target.id}' } },
  examples: [{ user: 'jonas.berg@northwind.example' }],
}).does({
  async capture(azure, { user, seenUntil }, { startedAt, signal }) {
    const found = await readUser(azure, user, [field], signal);
    if (!found) return {};
    const validFrom = String(found.field(field) ?? 'never');
    return { [found.id]: { validFrom: endedBy(validFrom, startedAt, seenUntil) ? startedAt : validFrom } };
  },
  plan: (_, seen, { startedAt }) => Object.fromEntries(Object.keys(seen).map((id) => [id, { validFrom: startedAt }])),
  async apply(azure, { resource }, { signal }) {
    await azure.graph('POST', `${userPath(resource)}/revokeSignInSessions`, signal);
  },
});
