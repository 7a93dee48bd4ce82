import * as z from 'zod';
import { azureAction } from './azure-action.ts';
import { readUser, UserKey, userPath } from './entra-user.ts';

/**
 * Disables a user of Entra (learn.microsoft.com/graph/api/user-update, accountEnabled). The least application
 * permissions for it are those declared; a user with an administrator's role takes a role beside them.
 */
export const entraDisableUser = azureAction({
  id: 'azure.entra.disable-user',
  title: 'Disable a user of Entra',
  target: 'azure.entra.user',
  d3fend: 'D3-AL',
  input: z.strictObject({ user: UserKey.describe('Object id or user principal name.') }),
  value: z.strictObject({ accountEnabled: z.boolean() }),
  permissions: {
    read: [{ allow: 'graph:User.Read.All', on: '*' }],
    write: ['graph:User.EnableDisableAccount.All', 'graph:User.Read.All'].map((allow) => ({ allow, on: '*' })),
  },
  settles: { seconds: 30 },
  restores: 'credentials',
  cautions: [
    'Access tokens already issued stay valid for about an hour: revoke the sign-in sessions too.',
    'For a user synced from an on-premises directory, the next sync may undo it: disable the user there as well.',
    'A guest keeps the account at home; disabling shuts the guest out of this tenant only.',
  ],
  examples: [{ user: 'jonas.berg@northwind.example' }],
}).does({
  async capture(azure, { user }, { signal }) {
    const found = await readUser(azure, user, ['accountEnabled'], signal);
    return found ? { [found.id]: { accountEnabled: found.field('accountEnabled') !== false } } : {};
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((id) => [id, { accountEnabled: false }])),
  async apply(azure, { resource, to }, { signal }) {
    if (to) await azure.graph('PATCH', userPath(resource), signal, to);
  },
});
