import * as z from 'zod';
import { armIdOf } from '../../model/identifiers.ts';
import { azureAction } from './azure-action.ts';
import { RuleValue, readRules, ruleCautions, ruleInputs, wanted, writeRule } from './firewall-rules.ts';

const apiVersion = '2023-08-01';
const onServer = (verb: string) => ({ allow: `Microsoft.Sql/servers/firewallRules/${verb}`, on: '{serverId}' });

/**
 * Removes firewall rules of an Azure SQL server: the one that is named, or all that let anybody in
 * (learn.microsoft.com/azure/azure-sql/database/firewall-configure). Each is captured with its addresses and comes
 * back under its name.
 */
export const sqlRemoveFirewallRule = azureAction({
  id: 'azure.sql.remove-firewall-rule',
  title: 'Shut strangers out of an Azure SQL server',
  target: 'azure.sql.server',
  d3fend: 'D3-NTF',
  input: z.strictObject({
    serverId: armIdOf('Microsoft.Sql/servers').describe('The server, by its ARM id.'),
    ...ruleInputs,
  }),
  value: RuleValue,
  permissions: {
    read: [onServer('read')],
    write: [onServer('write'), onServer('delete')],
  },
  settles: { seconds: 10 },
  cautions: [
    ...ruleCautions,
    'Rules that stand in single databases are not seen: only T-SQL shows and removes them.',
    'Virtual network rules and private endpoints are left as they are.',
  ],
  portable: { verb: 'restrict-database', with: { serverId: '${target.id}' } },
  examples: [
    {
      serverId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/Microsoft.Sql/servers/sql-northwind',
    },
  ],
}).does({
  capture: (azure, { serverId }, { signal }) => readRules(azure, apiVersion, serverId, signal),
  plan: (input, seen) => wanted(input, seen),
  apply: (azure, { resource, to }, step) => writeRule(azure, apiVersion, { id: resource, to }, step),
});
