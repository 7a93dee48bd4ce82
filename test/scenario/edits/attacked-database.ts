import { resources } from '../../../shared/sandbox/azure/rows.ts';
import { azureId, intoRules, rewrite } from '../../support/azure.ts';
import type { EditedPlaybook } from '../../support/foreign-edit.ts';

const serverId = azureId('rg-data', 'Microsoft.Sql/servers', 'sql-northwind');

/** A firewall rule that is gone from a database server. */
export const edited: EditedPlaybook = {
  playbook: 'attacked-database',
  event: 'defender/database-brute-force',
  edits: [
    {
      name: 'a rule for a few is made under its name',
      make: (one) => intoRules(one, serverId, { 'open-for-migration': ['198.51.100.1', '198.51.100.9'] }),
      moved: ['open-for-migration'],
    },
    {
      name: 'another rule is made',
      make: (one) => intoRules(one, serverId, { partner: ['198.51.100.1', '198.51.100.9'] }),
    },
    {
      name: 'the rule of the office is deleted',
      make: ({ rows }) => rows.delete(resources, `${serverId}/firewallRules/office`.toLowerCase()),
    },
    {
      name: 'the server is tagged',
      make: (one) => rewrite(one, serverId, ({ tags }) => ({ tags: { ...tags, incident: 'INC-4711' } })),
    },
  ],
};
