import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Target } from '../../../shared/model/target.ts';
import { addAlert } from '../../../shared/sandbox/azure/defender-alerts.ts';
import { principals, resources } from '../../../shared/sandbox/azure/rows.ts';
import { blobs } from '../../../shared/sandbox/azure/storage-rows.ts';
import { azureId, blobTag, blobUrl, storageAccountId, vmId } from '../../support/azure.ts';
import { company, readerPrincipal, subscription, tenant } from '../../support/company.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const { signal } = new AbortController();

async function adapter() {
  const { clouds, sandbox } = company();
  const request = {
    cloud: 'azure',
    account: subscription,
    region: '',
    rights: 'reader',
    runId: 'run',
    signal,
  } as const;
  const session = await clouds.session(request);
  return {
    sandbox,
    inspect: (target: Target) => clouds.inspect(session, target),
    confirm: (finding: Finding) => clouds.confirm(session, finding, primaryOf(finding)),
  };
}
const common = { account: subscription, region: '', role: 'affected' } as const;
const machine = (name: string, group = 'rg-web'): Target => ({
  type: 'azure.compute.virtual-machine',
  id: azureId(group, 'Microsoft.Compute/virtualMachines', name),
  name,
  resourceGroup: group,
  ...common,
});
const blob: Target = {
  type: 'azure.storage.blob',
  id: blobUrl,
  name: '2026/11/Invoice 4711.docm',
  url: blobUrl,
  storageAccount: 'northwinduploads',
  container: 'incoming',
  blob: '2026/11/Invoice 4711.docm',
  eTag: '0x8DESCANNED',
  ...common,
};
const person = (id: string): Target => ({
  type: 'azure.entra.user',
  id,
  name: id,
  userPrincipalName: id,
  ...common,
  account: tenant,
});

describe('the facts of a target', () => {
  it('of a virtual machine: power, network and the groups that judge its traffic', async () => {
    const { inspect } = await adapter();
    const groups = ['nsg-web', 'nsg-admin', 'nsg-frontend'].map((name) =>
      azureId('rg-web', 'Microsoft.Network/networkSecurityGroups', name),
    );
    expect(await inspect(machine('vm-web-01'))).toEqual({
      tags: { environment: 'production' },
      location: 'westeurope',
      powerState: 'running',
      ipForwarding: false,
      networkSecurityGroups: groups,
      filters: groups,
      subnets: ['frontend', 'backend'],
      privateEndpoints: false,
      identities: expect.any(Array),
      sharedIdentities: expect.any(Array),
    });
  });

  it('of a router and of a node of a cluster, by which they are protected', async () => {
    const { inspect } = await adapter();
    expect(await inspect(machine('vm-router-01'))).toMatchObject({ ipForwarding: true });
    const node = await inspect(machine('aks-nodepool1-0', 'MC_rg-web_aks-web_westeurope'));
    expect(node).toMatchObject({ managedBy: expect.stringContaining('virtualMachineScaleSets/aks-nodepool1') });
  });

  it('of a storage account: whether strangers are let in', async () => {
    const { inspect } = await adapter();
    const target: Target = {
      type: 'azure.storage.account',
      id: storageAccountId,
      name: 'northwindexports',
      resourceGroup: 'rg-data',
      ...common,
    };
    expect(await inspect(target)).toEqual({
      tags: { data: 'customers' },
      location: 'westeurope',
      allowBlobPublicAccess: true,
      publicNetworkAccess: 'Enabled',
    });
  });

  it('of a blob: what it is now, beside the version that was scanned; no tags without the right to see them', async () => {
    const { inspect, sandbox } = await adapter();
    const facts = await inspect(blob);
    expect(facts).toMatchObject({ currentETag: blobTag, contentLength: 4 });
    expect(facts).not.toHaveProperty('tags');
    expect(facts).not.toHaveProperty('eTag');
    const row = sandbox.rows.get(principals, readerPrincipal);
    const all = { actions: [], notActions: [], dataActions: ['*'], notDataActions: [] };
    if (row) sandbox.rows.put(principals, readerPrincipal, { ...row, assignments: [{ scope: '/', role: all }] });
    expect(await inspect(blob)).toMatchObject({ tags: { source: 'portal' } });
  });

  it('of a user of Entra: who is master of the account', async () => {
    const { inspect } = await adapter();
    expect(await inspect(person('maria.lind@northwind.example'))).toEqual({
      userId: '0a1b2c3d-0000-4000-8000-00000000e002',
      userPrincipalName: 'maria.lind@northwind.example',
      accountEnabled: true,
      onPremisesSyncEnabled: true,
      userType: 'Member',
      lastAdministrator: false,
    });
    expect(await inspect(person('emergency-access@northwind.example'))).toMatchObject({ lastAdministrator: true });
    expect(await inspect(person('partner_contoso.example#EXT#@northwind.example'))).toMatchObject({
      userType: 'Guest',
    });
  });

  it('are undefined where there is no such thing', async () => {
    const { inspect, sandbox } = await adapter();
    sandbox.rows.delete(blobs, 'northwinduploads/incoming/2026/11/Invoice 4711.docm');
    sandbox.rows.delete(resources, storageAccountId.toLowerCase());
    const account: Target = {
      type: 'azure.storage.account',
      id: storageAccountId,
      name: 'northwindexports',
      resourceGroup: 'rg-data',
      ...common,
    };
    for (const target of [machine('none'), account, blob, person('nobody@northwind.example')])
      expect(await inspect(target)).toBeUndefined();
  });
});

const bruteForce = () => findingIn(readEvent('defender/vm-brute-force-export'));
const scan = () => findingIn(readEvent('defender-storage/malicious-blob'));
const alert = readEvent('defender/vm-brute-force-arm');
const properties = alert['properties'] as typeof alert; // an alert in ARM form has them

describe('confirming an alert of Defender', () => {
  it('finds it to be the same where Defender keeps it', async () => {
    const { confirm, sandbox } = await adapter();
    addAlert(sandbox.rows, alert);
    expect(await confirm(bruteForce())).toBe('same');
    expect(await confirm(findingIn(alert))).toBe('same');
  });

  it('does not know one that Defender does not have, or that does not say where it is', async () => {
    const { confirm } = await adapter();
    expect(await confirm(bruteForce())).toBe('unknown');
    expect(await confirm({ ...bruteForce(), link: {} })).toBe('unknown');
  });

  it.each([
    ['is of another type', { alertType: 'VM_Other' }],
    ['has another id', { systemAlertId: 'other' }],
    [
      'is about another machine',
      {
        resourceIdentifiers: [{ type: 'AzureResource', azureResourceId: vmId.replace('vm-web-01', 'vm-db-01') }],
        entities: [],
      },
    ],
    [
      'is about another subscription',
      {
        resourceIdentifiers: [
          { type: 'AzureResource', azureResourceId: vmId.replace(subscription, subscription.replace(/1$/, '2')) },
        ],
        entities: [],
      },
    ],
    ['was dismissed', { status: 'Dismissed' }],
    ['was resolved', { status: 'Resolved' }],
  ])('finds it to be another when it %s', async (_, changed) => {
    const { confirm, sandbox } = await adapter();
    addAlert(sandbox.rows, { ...alert, properties: { ...properties, ...changed } });
    expect(await confirm(bruteForce())).toBe('different');
  });

  it('does not follow a link into another subscription', async () => {
    const { confirm, sandbox } = await adapter();
    addAlert(sandbox.rows, alert);
    const elsewhere = subscription.replace(/1$/, '2');
    const { link, ...finding } = bruteForce();
    const alertId = (link['alertId'] ?? '').replace(subscription, elsewhere);
    sandbox.recorder.clear();
    expect(await confirm({ ...finding, link: { ...link, alertId } })).toBe('different');
    expect(sandbox.recorder.calls).toEqual([]);
  });
});

describe('confirming a malware scan', () => {
  it('looks whether the blob is still the one that was scanned', async () => {
    const { confirm, sandbox } = await adapter();
    expect(await confirm(scan())).toBe('same');
    const key = 'northwinduploads/incoming/2026/11/Invoice 4711.docm';
    const row = sandbox.rows.get(blobs, key);
    if (row) sandbox.rows.put(blobs, key, { ...row, eTag: '"0x8DEOTHER"' });
    expect(await confirm(scan())).toBe('different');
    sandbox.rows.delete(blobs, key);
    expect(await confirm(scan())).toBe('unknown');
  });

  it('knows nothing of a scan that names no version', async () => {
    const { confirm } = await adapter();
    expect(
      await confirm(findingIn(withMembers(readEvent('defender-storage/malicious-blob'), { 'data.eTag': undefined }))),
    ).toBe('unknown');
  });
});
