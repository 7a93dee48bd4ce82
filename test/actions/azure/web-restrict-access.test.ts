import { describe, expect, it } from 'vitest';
import { webRestrictAccess } from '../../../shared/actions/azure/web-restrict-access.ts';
import { asJson } from '../../../shared/model/json.ts';
import { visitSite } from '../../../shared/sandbox/azure/web-sites.ts';
import { resources } from '../../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { azureId, rewrite } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const siteId = azureId('rg-web', 'Microsoft.Web/sites', 'northwind-preview');
const allow = [{ cidr: '192.0.2.0/24' }];
const where = { account: subscription, region: '' };
const having = (siteConfig: object) => (sandbox: Sandbox) =>
  rewrite(sandbox, siteId, ({ properties }) => ({ properties: { ...properties, siteConfig: asJson(siteConfig) } }));
const on = (prepare?: (sandbox: Sandbox) => void) =>
  acting(webRestrictAccess, { siteId, allow }, { where, ...(prepare && { prepare }) });

describe('restricting a web app', () => {
  it('shuts the site and its deployment site, but for responders', async () => {
    const { sandbox, contain } = await on();
    await contain();
    const visits = (from: string) => [false, true].map((scm) => visitSite(sandbox, { from, siteId, scm }));
    expect([visits('203.0.113.220'), visits('192.0.2.7')]).toEqual([
      [403, 403],
      [200, 200],
    ]);
  });

  it('captures a site without rules as open, and says so when it is taken back', async () => {
    const { sandbox, plan, contain, release } = await on();
    const changes = await plan();
    expect(changes).toMatchObject([{ from: { main: { otherwise: 'Allow', rules: [] }, scm: { otherwise: 'Allow' } } }]);
    await contain(changes);
    await release(changes);
    expect(visitSite(sandbox, { from: '203.0.113.220', siteId })).toBe(200);
  });

  it('takes rules without a word on the rest as keeping the others out', async () => {
    const { plan } = await on(having({ ipSecurityRestrictions: [{ priority: 100, ipAddress: '198.51.100.0/24' }] }));
    expect(await plan()).toMatchObject([{ from: { main: { otherwise: 'Deny' }, scm: { otherwise: 'Allow' } } }]);
  });

  it('brings rules back with all that they say, and a deployment site that goes by the rules of the site', async () => {
    const frontDoor = {
      name: 'front-door',
      priority: 100,
      action: 'Allow',
      tag: 'ServiceTag',
      ipAddress: 'AzureFrontDoor.Backend',
      headers: { 'x-azure-fdid': ['55ce4ed1-4b06-4bf1-b40e-4638452104da'] },
    };
    const said = { ipSecurityRestrictions: [frontDoor], scmIpSecurityRestrictionsUseMain: true };
    const { plan, capture, contain, release } = await on(having(said));
    const before = await capture();
    expect(Object.values(before)).toEqual([{ main: { otherwise: 'Deny', rules: [frontDoor] }, scm: 'as main' }]);
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(await capture()).toEqual(before);
  });

  it('leaves the rules of a deployment site as they are that goes by those of the site', async () => {
    const scmIpSecurityRestrictions = [{ priority: 7, action: 'Allow', ipAddress: '198.51.100.7/32' }];
    const { sandbox, contain } = await on(
      having({ scmIpSecurityRestrictions, scmIpSecurityRestrictionsUseMain: true }),
    );
    await contain();
    expect(visitSite(sandbox, { from: '198.51.100.7', siteId, scm: true })).toBe(403);
    const site = sandbox.rows.get(resources, siteId.toLowerCase());
    expect(site?.properties).toMatchObject({ siteConfig: { scmIpSecurityRestrictions } });
  });

  it('may bring back a rule for a subnet', async () => {
    const vnetSubnetResourceId = `${azureId('rg-web', 'Microsoft.Network/virtualNetworks', 'vnet-web')}/subnets/backend`;
    const rule = { name: 'inside', priority: 100, action: 'Allow', vnetSubnetResourceId };
    const { plan, capture, contain, release } = await on(having({ ipSecurityRestrictions: [rule] }));
    const [before, changes] = [await capture(), await plan()];
    await contain(changes);
    await release(changes);
    expect(await capture()).toEqual(before);
  });

  it('has nothing to do where only responders get in', async () => {
    const ours = { ipSecurityRestrictions: [{ priority: 1, action: 'Allow', ipAddress: '192.0.2.0/24' }] };
    const { plan } = await on(having({ ...ours, scmIpSecurityRestrictionsUseMain: true }));
    expect(await plan()).toEqual([]);
  });
});
