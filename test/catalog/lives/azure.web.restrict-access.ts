import { own } from '../../../shared/model/json.ts';
import { visitSite } from '../../../shared/sandbox/azure/web-sites.ts';
import { azureId, rewrite } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const siteId = azureId('rg-web', 'Microsoft.Web/sites', 'northwind-shop');
const attacker = { from: '203.0.113.220', siteId };

export const life: ActionLife = {
  input: { siteId, allow: [{ cidr: '192.0.2.0/24' }] },
  where: { account: subscription, region: '' },
  attack: (sandbox) => [visitSite(sandbox, attacker), visitSite(sandbox, { ...attacker, scm: true })].includes(200),
  edit: (sandbox) =>
    rewrite(sandbox, siteId, ({ properties }) => ({
      properties: {
        ...properties,
        siteConfig: {
          ...(own(properties, 'siteConfig') as object), // an object, as seeded
          ipSecurityRestrictions: [{ name: 'partner', priority: 100, action: 'Allow', ipAddress: '198.51.100.0/24' }],
        },
      },
    })),
};
