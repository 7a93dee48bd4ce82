import { expect } from 'vitest';
import { visitSite } from '../../../shared/sandbox/azure/web-sites.ts';
import type { Attack } from '../../support/attack.ts';
import { azureId } from '../../support/azure.ts';
import { readEvent } from '../../support/events.ts';

const siteId = azureId('rg-web', 'Microsoft.Web/sites', 'northwind-shop');
const from = '203.0.113.220';

/** A shell was uploaded to a shop, and is called over the web. */
export const attack: Attack = {
  title: 'A web shell in an app is called from outside, and the site that the app is deployed by too',
  known: 'MITRE ATT&CK T1505.003; Defender AppServices_ReverseShell',
  answer: 'Once a person agrees, nobody but responders may call the app or its deployment site',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    await works('calls the shell', () => visitSite(sandbox, { from, siteId }) === 200);
    await works('reaches the deployment site', () => visitSite(sandbox, { from, siteId, scm: true }) === 200);
    const [run] = await arrives(readEvent('defender/web-app-shell'));
    expect(run?.status).toBe('waiting');
    const [ended] = await agreed();
    expect(ended?.result?.outcome).toBe('contained');
    await fails('calls the shell');
    await fails('reaches the deployment site');
  },
};
