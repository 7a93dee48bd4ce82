import { ResourceManagementClient } from '@azure/arm-resources';
import { expect } from 'vitest';
import { reachDatabase } from '../../../shared/sandbox/azure/database-servers.ts';
import type { Attack } from '../../support/attack.ts';
import { allowAll, azureId, intoSandbox } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const serverId = azureId('rg-data', 'Microsoft.Sql/servers', 'sql-reports');
const ruleId = `${serverId}/firewallRules/temp`;

/** Whoever may write the firewall of a server lets himself, and the internet, in. */
export const attack: Attack = {
  title: 'The firewall of a SQL server is opened to the internet, and the server is reached from there',
  known: 'MITRE ATT&CK T1562.007, Disable or Modify Cloud Firewall',
  answer: 'The rule that lets anybody in is removed; the rule of the office stays',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives }) {
    const resources = new ResourceManagementClient(
      sandbox.credential(allowAll(sandbox)),
      subscription,
      intoSandbox(sandbox),
    ).resources;
    const body = { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } };
    const reach = (from: string) => reachDatabase(sandbox, { from, serverId }) === 'connected';
    expect(reach('203.0.113.220')).toBe(false);
    await works('opens the firewall', () => resources.createOrUpdateById(ruleId.slice(1), '2023-08-01', body));
    await works('reaches the server', () => reach('203.0.113.220'));
    const [run] = await arrives(
      withMembers(readEvent('activity-log/security-rule-written'), {
        'data.operationName': 'Microsoft.Sql/servers/firewallRules/write',
        'data.resourceUri': ruleId,
      }),
    );
    expect(run?.result?.outcome).toBe('contained');
    await fails('reaches the server');
    expect(reach('192.0.2.44'), 'the office still gets in').toBe(true);
  },
};
