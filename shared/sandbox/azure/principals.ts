import * as z from 'zod';
import { azureNoun } from './noun.ts';
import { principals } from './rows.ts';

const actions = z.array(z.string()).default([]);
const Assignment = z.strictObject({
  scope: z.string(),
  actions,
  notActions: actions,
  dataActions: actions,
  notDataActions: actions,
});

/** Service principals and managed identities with their role assignments and Graph permissions. */
export const servicePrincipals = azureNoun({
  name: 'servicePrincipals',
  scope: 'tenant',
  estate: z
    .array(
      z.strictObject({
        id: z.uuid(),
        name: z.string(),
        assignments: z.array(Assignment).default([]),
        graph: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  seed(rows, list, { tenant }) {
    for (const { id, name, assignments, graph } of list)
      rows.put(principals, id, {
        id,
        name,
        tenant,
        graph,
        assignments: assignments.map(({ scope, ...role }) => ({ scope, role })),
      });
  },
  operations: [],
});
