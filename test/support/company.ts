import { readFileSync } from 'node:fs';
import { type Identities, type Local, local, sandboxClouds } from '../../functions/local/wire.ts';
import { Settings } from '../../shared/config/settings.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import { type Estate, parseEstate } from '../../shared/sandbox/estate.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';

const file = new URL('../fixtures/estates/northwind.yaml', import.meta.url);

export const production = '111122223333';
export const development = '444455556666';
export const security = '999988887777';
export const tenant = '0a1b2c3d-0000-4000-8000-0000000000ff';
export const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
export const readerPrincipal = '0a1b2c3d-0000-4000-8000-00000000c0de';
export const writerPrincipal = '0a1b2c3d-0000-4000-8000-00000000c0df';

const parsed: Estate = parseEstate(readFileSync(file, 'utf8'), 'northwind.yaml');
const untouched: Sandbox = createSandbox(parsed);

/** The estate that tests and the demo play in; each caller has one of his own. */
export const northwind = (): Estate => structuredClone(parsed);

/** A sandbox of Northwind; what was read and seeded once is not read again. */
export const northwindSandbox = (): Sandbox => untouched.fork();

export const identities: Identities = {
  aws: { accessKeyId: 'AKIACORDONHOME000001', secretAccessKey: 'cordon-home-secret' },
  azure: { reader: readerPrincipal, writer: writerPrincipal },
};

/** What of the watching is put back. */
const logging = {
  defenderPlans: {
    KeyVaults: { subPlan: 'PerKeyVault' },
    VirtualMachines: { subPlan: 'P2', extensions: { AgentlessVmScanning: true } },
  },
  diagnosticSettings: [
    {
      scope: `/subscriptions/${subscription}`,
      name: 'to-siem',
      workspaceId: `/subscriptions/${subscription}/resourceGroups/rg-security/providers/Microsoft.OperationalInsights/workspaces/law-security`,
      categories: ['Administrative', 'Policy', 'Security'],
    },
  ],
};

/** Settings of Northwind's production stage, with some of them changed. */
export const northwindSettings = (changed: Partial<Settings> = {}): Settings => ({
  ...Settings.parse({
    stage: 'production',
    aws: {
      accounts: {
        [production]: { externalId: 'northwind-cordon-7f3a91c2' },
        [development]: { externalId: 'northwind-cordon-5d20be47' },
        [security]: { externalId: 'northwind-cordon-9e41aa06' },
      },
      identityCenter: { account: security, region: 'us-east-1' },
      quarantineBucket: { name: 'northwind-quarantine', account: security, region: 'eu-west-1' },
    },
    azure: {
      tenant,
      subscriptions: [subscription, '0a1b2c3d-0000-4000-8000-000000000002'],
      quarantineStorageAccount: 'northwindquarantine',
      logging,
    },
  }),
  ...changed,
});

export type Company = Local & { readonly sandbox: Sandbox; readonly settings: Settings; readonly clouds: Clouds };

/** Northwind with Cordon beside it, in memory. */
export function company(changed: Partial<Settings> = {}): Company {
  const sandbox = northwindSandbox();
  const settings = northwindSettings(changed);
  const clouds = sandboxClouds(sandbox, settings, identities);
  return { ...local({ settings, clouds, clock: sandbox.clock, file: ':memory:' }), sandbox, settings, clouds };
}
