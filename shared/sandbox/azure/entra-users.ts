import * as z from 'zod';
import type { JsonObject } from '../../model/json.ts';
import { table, type View } from '../rows.ts';
import type { World } from '../world.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';

const UserRow = z.strictObject({
  id: z.uuid(),
  userPrincipalName: z.string(),
  displayName: z.string(),
  accountEnabled: z.boolean().default(true),
  /** True where the on-premises directory is the master of the account. */
  onPremisesSyncEnabled: z.boolean().nullable().default(null),
  userType: z.enum(['Member', 'Guest']).default('Member'),
  createdDateTime: z.string().default('2024-01-08T08:00:00Z'),
  signInSessionsValidFromDateTime: z.string().default('2024-01-08T08:00:00Z'),
  /** Holds an administrator's role: what it takes to change the account is more than application permissions. */
  privileged: z.boolean().default(false),
  /** Has the role of a Global Administrator. */
  globalAdministrator: z.boolean().default(false),
});
export type UserRow = z.infer<typeof UserRow>;

/** Keyed by object id. */
export const users = table<UserRow>('azure.entra.users');

/** What Graph shows of a user who asks for nothing in particular, as far as the sandbox keeps it. */
const byDefault = ['id', 'displayName', 'userPrincipalName'] as const;
const selectable = [
  ...byDefault,
  ...(['accountEnabled', 'onPremisesSyncEnabled', 'userType', 'createdDateTime'] as const),
  'signInSessionsValidFromDateTime',
] as const;

/** A user by object id or principal name, without case. */
export const userOf = (view: View, key: string): UserRow | undefined =>
  view.get(users, key.toLowerCase()) ??
  view.all(users).find(([, { userPrincipalName }]) => userPrincipalName.toLowerCase() === key.toLowerCase())?.[1];

function find(view: View, { params }: AzureCall): UserRow {
  const key = params['user'] ?? '';
  const user = userOf(view, key);
  if (user) return user;
  throw new AzureFault(
    404,
    'Request_ResourceNotFound',
    `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

function shown(user: UserRow, { url }: AzureCall): JsonObject {
  const asked: readonly string[] = url.searchParams.get('$select')?.split(',') ?? byDefault;
  const unknown = asked.find((name) => !selectable.some((one) => one === name));
  if (unknown !== undefined)
    throw new AzureFault(
      400,
      'BadRequest',
      `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type 'microsoft.graph.user'.`,
    );
  const fields = selectable.filter((name) => asked.includes(name)).map((name) => [name, user[name]] as const);
  return {
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users/$entity',
    ...Object.fromEntries(fields),
  };
}

const wide = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
const reading = { anyOf: ['User.Read.All', 'Directory.Read.All', ...wide] };

function refusePrivileged({ privileged }: UserRow): void {
  if (privileged)
    throw new AzureFault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

const path = '/v1.0/users/{user}';

const operations: readonly AzureOperation[] = [
  {
    host: 'graph',
    method: 'GET',
    path,
    operation: 'graph:users/read',
    reads: true,
    needs: () => [reading],
    does: (call) => ({ status: 200, body: shown(find(call.view, call), call) }),
  },
  {
    host: 'graph',
    method: 'PATCH',
    path,
    operation: 'graph:users/update',
    reads: false,
    needs: () => [{ anyOf: ['User.EnableDisableAccount.All', ...wide] }, reading],
    does(call) {
      const user = find(call.world.rows, call);
      const { accountEnabled } = z.strictObject({ accountEnabled: z.boolean() }).parse(call.body);
      refusePrivileged(user);
      call.world.rows.put(users, user.id.toLowerCase(), { ...user, accountEnabled });
      return { status: 204 };
    },
  },
  /** Guests sign in at home: for them it answers and does nothing (learn.microsoft.com/graph/api/user-revokesigninsessions). */
  {
    host: 'graph',
    method: 'POST',
    path: `${path}/revokeSignInSessions`,
    operation: 'graph:users/revokeSignInSessions',
    reads: false,
    needs: () => [{ anyOf: ['User.RevokeSessions.All', ...wide] }],
    does(call) {
      const user = find(call.world.rows, call);
      const signInSessionsValidFromDateTime = call.world.clock.now().replace(/\.\d+Z$/, 'Z');
      if (user.userType === 'Member')
        call.world.rows.put(users, user.id.toLowerCase(), { ...user, signInSessionsValidFromDateTime });
      return {
        status: 200,
        body: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean', value: true },
      };
    },
  },
];

/** The users of the tenant, over Microsoft Graph (learn.microsoft.com/graph/api/resources/user). */
export const entraUsers = azureNoun({
  name: 'users',
  scope: 'tenant',
  estate: z.array(UserRow).default([]),
  seed(rows, list) {
    for (const user of list) rows.put(users, user.id.toLowerCase(), user);
  },
  operations,
});

/** Whether a refresh token that somebody got at an instant still buys a new access token for a user. */
export function refreshes({ rows }: Pick<World, 'rows'>, key: string, issuedAt: string): boolean {
  const user = userOf(rows, key);
  if (!user?.accountEnabled) return false;
  return Date.parse(issuedAt) >= Date.parse(user.signInSessionsValidFromDateTime);
}
