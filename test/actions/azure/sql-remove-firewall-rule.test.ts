import { describe, expect, it } from 'vitest';
import { isForAnybody, isForAzure } from '../../../shared/actions/azure/firewall-rules.ts';
import { postgresRemoveFirewallRule } from '../../../shared/actions/azure/postgres-remove-firewall-rule.ts';
import { sqlRemoveFirewallRule } from '../../../shared/actions/azure/sql-remove-firewall-rule.ts';
import { reachDatabase } from '../../../shared/sandbox/azure/database-servers.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { azureId, intoRules } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const serverId = azureId('rg-data', 'Microsoft.Sql/servers', 'sql-northwind');
const where = { account: subscription, region: '' };

describe('a firewall rule', () => {
  it.each([
    ['0.0.0.0', '255.255.255.255', true],
    ['1.0.0.0', '223.255.255.255', true],
    ['11.0.0.0', '12.0.0.0', true],
    ['11.0.0.0', '11.255.255.255', false],
    ['192.0.2.7', '192.0.2.7', false],
    ['0.0.0.0', '0.0.0.0', false],
  ])('from %s to %s is for anybody: %s', (start, end, anybody) => {
    expect(isForAnybody({ start, end })).toBe(anybody);
  });

  it('is for all of Azure where it begins and ends at 0.0.0.0, whatever it is called', () => {
    expect(isForAzure({ start: '0.0.0.0', end: '0.0.0.0' })).toBe(true);
    expect(isForAzure({ start: '0.0.0.0', end: '255.255.255.255' })).toBe(false);
  });
});

describe('removing firewall rules', () => {
  const planned = async (input: object, prepare?: (sandbox: Sandbox) => void) => {
    const { plan } = await acting(
      sqlRemoveFirewallRule,
      { serverId, ...input },
      { where, ...(prepare && { prepare }) },
    );
    return (await plan()).map(({ resource }) => resource.slice(resource.lastIndexOf('/') + 1));
  };

  it('takes what lets anybody in and leaves the office and Azure, unless more is asked', async () => {
    expect(await planned({})).toEqual(['open-for-migration']);
    expect(await planned({ azureServices: true })).toEqual(['open-for-migration', 'AllowAllWindowsAzureIps']);
    expect(await planned({ addresses: ['192.0.2.44'] })).toEqual(['open-for-migration', 'office']);
    expect(await planned({ addresses: ['198.51.100.4'] })).toEqual(['open-for-migration']);
    expect(await planned({ rule: 'OFFICE', azureServices: true })).toEqual(['office']);
    expect(await planned({ rule: 'gone' })).toEqual([]);
  });

  it('removes a rule to the letter of its name, which may have a sign that cuts an address short', async () => {
    const prepare = (sandbox: Sandbox): void =>
      intoRules(sandbox, serverId, {
        open: ['192.0.2.1', '192.0.2.1'],
        'open#1': ['0.0.0.0', '255.255.255.255'],
      });
    const { plan, contain, release, capture } = await acting(
      sqlRemoveFirewallRule,
      { serverId, rule: 'open#1' },
      { where, prepare },
    );
    const [before, changes] = [await capture(), await plan()];
    await contain(changes);
    const { [`${serverId}/firewallRules/open#1`]: gone, ...others } = before;
    expect(gone).toBeDefined();
    expect(await capture()).toEqual(others);
    await release(changes);
    expect(await capture()).toEqual(before);
  });

  it('reads every page of the rules', async () => {
    const many = (sandbox: Sandbox): void =>
      intoRules(
        sandbox,
        serverId,
        Object.fromEntries(
          Array.from({ length: 60 }, (_, at) => [`zone-${at}`, ['1.0.0.0', '200.0.0.0'] as const] as const),
        ),
      );
    expect(await planned({}, many)).toHaveLength(61);
  });

  it('tells a server without rules from one that is not there', async () => {
    const empty = azureId('rg-data', 'Microsoft.Sql/servers', 'sql-reports');
    const reports = await acting(sqlRemoveFirewallRule, { serverId: empty, rule: 'office' }, { where });
    await reports.contain();
    expect(await reports.capture()).toEqual({ [empty]: null });
    const missing = azureId('rg-data', 'Microsoft.Sql/servers', 'sql-missing');
    expect(await (await acting(sqlRemoveFirewallRule, { serverId: missing }, { where })).capture()).toEqual({});
  });

  it('puts a rule back under its name where the service takes its time', async () => {
    const flexible = azureId('rg-data', 'Microsoft.DBforPostgreSQL/flexibleServers', 'psql-northwind');
    const one = await acting(postgresRemoveFirewallRule, { serverId: flexible }, { where });
    const before = await one.capture();
    const changes = await one.plan();
    await one.contain(changes);
    const reach = () => reachDatabase(one.sandbox, { from: '203.0.113.220', serverId: flexible });
    expect(reach()).toBe('refused');
    await one.release(changes);
    expect(reach()).toBe('connected');
    expect(await one.capture()).toEqual(before);
  });
});
