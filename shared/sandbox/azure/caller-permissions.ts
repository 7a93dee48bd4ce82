import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';
import * as z from 'zod';

const segments = (id: string): string[] => id.toLowerCase().split('/').filter(Boolean);

/** What the caller may do at a subscription (learn.microsoft.com/rest/api/authorization/permissions/list-for-subscription). */
const list: AzureOperation = {
  host: 'arm',
  method: 'GET',
  path: '/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions',
  operation: 'Microsoft.Authorization/permissions/read',
  reads: true,
  needs: ({ params }) => [
    { action: 'Microsoft.Authorization/permissions/read', scope: `/subscriptions/${params['subscription'] ?? ''}` },
  ],
  does({ caller, params }) {
    const place = segments(`/subscriptions/${params['subscription'] ?? ''}`);
    const covering = (caller?.assignments ?? []).filter(({ scope }) =>
      segments(scope).every((segment, at) => segment === place[at]),
    );
    return { status: 200, body: { value: covering.map(({ role }) => role) } };
  },
};

/** The permissions of whoever asks. */
export const callerPermissions = azureNoun({
  name: 'callerPermissions',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: [list],
});
