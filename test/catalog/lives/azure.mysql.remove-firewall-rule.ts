import { reachDatabase } from '../../../shared/sandbox/azure/database-servers.ts';
import { azureId, intoRules } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const serverId = azureId('rg-data', 'Microsoft.DBforMySQL/flexibleServers', 'mysql-northwind');

export const life: ActionLife = {
  input: { serverId },
  where: { account: subscription, region: '' },
  attack: (sandbox) => reachDatabase(sandbox, { from: '203.0.113.220', serverId }) === 'connected',
  edit: (sandbox) => intoRules(sandbox, serverId, { anywhere: ['198.51.100.1', '198.51.100.9'] }),
};
