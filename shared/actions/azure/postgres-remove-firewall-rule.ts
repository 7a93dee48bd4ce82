import * as z from 'zod';
import { armIdOf } from '../../model/identifiers.ts';
import { azureAction } from './azure-action.ts';
import { RuleValue, readRules, ruleCautions, ruleInputs, wanted, writeRule } from './firewall-rules.ts';
import { mayFollow } from './long-running.ts';
const apiVersion = '2024-08-01';
const onServer = (verb: string) => ({
  allow: `Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/${verb}`,
  on: '{serverId}',
});

/**
 * Removes firewall rules of a PostgreSQL server: the one that is named, or all that let anybody in
 * (learn.microsoft.com/azure/postgresql/network/concepts-networking-public). Each is captured with its addresses and comes
 * back under its name.
 */
export const postgresRemoveFirewallRule = azureAction({
  id: 'azure.postgres.remove-firewall-rule',
  title: 'Shut strangers out of a PostgreSQL server',
  target: 'azure.postgres.server',
  d3fend: 'D3-NTF',
  input: z.strictObject({
    serverId: armIdOf('Microsoft.DBforPostgreSQL/flexibleServers').describe('The server, by its ARM id.'),
    ...ruleInputs,
  }),
  value: RuleValue,
  permissions: {
    read: [onServer('read')],
    write: [onServer('read'), onServer('write'), onServer('delete'), mayFollow('Microsoft.DBforPostgreSQL')],
  },
  settles: { seconds: 30 },
  cautions: [...ruleCautions, 'Private endpoints are left as they are.'],
  portable: { verb: 'restrict-database', with: { serverId: '${target.id}' } },
  examples: [
    {
      serverId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-northwind',
    },
  ],
}).does({
  capture: (azure, { serverId }, { signal }) => readRules(azure, apiVersion, serverId, signal),
  plan: (input, seen) => wanted(input, seen),
  apply: (azure, { resource, to }, step) => writeRule(azure, apiVersion, { id: resource, to }, step),
});
