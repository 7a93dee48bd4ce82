import { ResourceManagementClient } from '@azure/arm-resources';
import { describe, expect, it } from 'vitest';
import { reachDatabase } from '../../shared/sandbox/azure/database-servers.ts';
import { visitSite } from '../../shared/sandbox/azure/web-sites.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, atOnce, azureId, intoSandbox, refusedWith, rewrite } from '../support/azure.ts';
import { northwind, subscription } from '../support/company.ts';

const sql = azureId('rg-data', 'Microsoft.Sql/servers', 'sql-reports');
const postgres = azureId('rg-data', 'Microsoft.DBforPostgreSQL/flexibleServers', 'psql-northwind');
const site = azureId('rg-web', 'Microsoft.Web/sites', 'northwind-shop');

function play() {
  const sandbox = createSandbox(northwind());
  const client = new ResourceManagementClient(
    sandbox.credential(allowAll(sandbox)),
    subscription,
    intoSandbox(sandbox),
  );
  const version = (id: string) => (id.includes('DBfor') ? '2024-08-01' : '2023-08-01');
  return {
    sandbox,
    put: (id: string, startIpAddress: string, endIpAddress: string) =>
      client.resources.createOrUpdateById(id.slice(1), version(id), { properties: { startIpAddress, endIpAddress } }),
    remove: (id: string) => client.resources.beginDeleteByIdAndWait(id.slice(1), version(id), atOnce),
    patch: (id: string, properties: Readonly<Record<string, unknown>>) =>
      client.resources.beginUpdateByIdAndWait(id.slice(1), '2024-04-01', { properties }, atOnce),
  };
}

describe('a database server', () => {
  it('is reached from where a rule lets one in, and from nowhere without public access', async () => {
    const { sandbox, put } = play();
    const reach = (from: string) => reachDatabase(sandbox, { from, serverId: sql });
    expect([reach('192.0.2.255'), reach('192.0.3.0')]).toEqual(['connected', 'refused']);
    await put(`${sql}/firewallRules/partner`, '192.0.3.0', '192.0.3.7');
    expect(reach('192.0.3.0')).toBe('connected');
    rewrite(sandbox, sql, ({ properties }) => ({ properties: { ...properties, publicNetworkAccess: 'Disabled' } }));
    expect(reach('192.0.3.0')).toBe('refused');
  });

  it('refuses a rule that ends before it begins, has no addresses, or stands on no server', async () => {
    const { put } = play();
    expect(await refusedWith(put(`${sql}/firewallRules/a`, '10.0.0.9', '10.0.0.1'))).toBe('InvalidParameterValue');
    expect(await refusedWith(put(`${sql}/firewallRules/a`, '10.0.0.0/24', ''))).toBe('InvalidParameterValue');
    const missing = `${azureId('rg-data', 'Microsoft.Sql/servers', 'none')}/firewallRules/a`;
    expect(await refusedWith(put(missing, '10.0.0.1', '10.0.0.1'))).toBe('ResourceNotFound');
  });

  it('deletes what is gone already without a word, and a flexible one takes its time', async () => {
    const { sandbox, remove } = play();
    await remove(`${sql}/firewallRules/none`);
    await remove(`${postgres}/firewallRules/anywhere`);
    expect(sandbox.recorder.calls.map(({ operation }) => operation)).toContain(
      'Microsoft.DBforPostgreSQL/locations/azureAsyncOperation/read',
    );
    expect(reachDatabase(sandbox, { from: '203.0.113.9', serverId: postgres })).toBe('refused');
  });
});

describe('the configuration of a web app', () => {
  it('keeps what a patch leaves out', async () => {
    const { sandbox, patch } = play();
    await patch(`${site}/config/web`, { scmIpSecurityRestrictionsDefaultAction: 'Deny' });
    const visits = [false, true].map((scm) => visitSite(sandbox, { from: '203.0.113.9', siteId: site, scm }));
    expect(visits).toEqual([200, 403]);
  });

  it('refuses an action that there is not', async () => {
    const { patch } = play();
    const bad = patch(`${site}/config/web`, { ipSecurityRestrictionsDefaultAction: 'Maybe' });
    expect(await refusedWith(bad)).toBe('BadRequest');
  });
});
