import { StorageManagementClient } from '@azure/arm-storage';
import { AnonymousCredential, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';
import { addressHeader } from '../../shared/sandbox/azure/client-address.ts';
import { principals } from '../../shared/sandbox/azure/rows.ts';
import { openToAll } from '../../shared/sandbox/azure/storage-network.ts';
import { containers } from '../../shared/sandbox/azure/storage-rows.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, intoSandbox, refusedWith, rewrite } from '../support/azure.ts';
import { northwind, subscription } from '../support/company.ts';
import {
  download,
  ordersAccountId,
  withAccountSignature,
  withDelegatedSignature,
  withKey,
  withServiceSignature,
} from '../support/storage-attacker.ts';

const orders = 'order,customer\n4711,1\n';
const setting = (sandbox: Sandbox, changed: object): void =>
  rewrite(sandbox, ordersAccountId, ({ properties }) => ({ properties: { ...properties, ...changed } }));

const play = () => {
  const sandbox = createSandbox(northwind());
  return { sandbox, operator: allowAll(sandbox) };
};

describe('the data of a storage account', () => {
  it.each([
    ['a key', withKey],
    ['a signature over the account', withAccountSignature],
    ['a signature for one blob', withServiceSignature],
  ])('is served for %s, as long as the account takes its keys', async (_, container) => {
    const { sandbox } = play();
    const held = container(sandbox);
    expect(await download(held)).toBe(orders);
    setting(sandbox, { allowSharedKeyAccess: false });
    expect(await refusedWith(download(held))).toBe('KeyBasedAuthenticationNotPermitted');
  });

  it('is served for a signature of a principal as long as that has the right, keys or not', async () => {
    const { sandbox, operator } = play();
    const held = await withDelegatedSignature(sandbox, operator);
    setting(sandbox, { allowSharedKeyAccess: false });
    expect(await download(held)).toBe(orders);
    const row = sandbox.rows.get(principals, operator);
    if (row) sandbox.rows.put(principals, operator, { ...row, assignments: [] });
    expect(await refusedWith(download(held))).toBe('AuthorizationPermissionMismatch');
  });

  it('is not served for a key of another account, nor for a signature that was changed or has lapsed', async () => {
    const { sandbox } = play();
    const wrong = new StorageSharedKeyCredential('northwindorders', Buffer.from('guessed').toString('base64'));
    const url = 'https://northwindorders.blob.core.windows.net/orders';
    const guessed = new ContainerClient(url, wrong, intoSandbox(sandbox) as object); // it takes the same transport
    expect(await refusedWith(download(guessed))).toBe('AuthenticationFailed');
    const held = withServiceSignature(sandbox);
    const wider = held.url.replace('sp=r', 'sp=rw');
    const stretched = new ContainerClient(wider, new AnonymousCredential(), intoSandbox(sandbox) as object); // the same
    expect(await refusedWith(download(stretched))).toBe('AuthenticationFailed');
    sandbox.clock.advance(2 * 86_400);
    expect(await refusedWith(download(held))).toBe('AuthenticationFailed');
  });

  it('is out of reach from where no network rule lets one in, whatever one holds', async () => {
    const { sandbox, operator } = play();
    const { token } = await sandbox.credential(operator).getToken('https://storage.azure.com');
    const url = new URL('https://northwindorders.blob.core.windows.net/orders/2026/11/orders.csv');
    const from = async (address: string) => {
      const headers = { authorization: `Bearer ${token}`, [addressHeader]: address };
      return (await sandbox.handle({ method: 'GET', url, headers, body: new Uint8Array() })).status;
    };
    setting(sandbox, {
      networkAcls: {
        ...openToAll,
        defaultAction: 'Deny',
        ipRules: [{ value: '192.0.2.0/24' }],
        virtualNetworkRules: [
          {
            id: `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Network/virtualNetworks/vnet-web/subnets/backend`,
          },
        ],
      },
    });
    expect(await refusedWith(download(withKey(sandbox)))).toBe('AuthorizationFailure');
    expect(await Promise.all(['203.0.113.9', '192.0.2.17', '10.20.2.6', '10.20.1.4'].map(from))).toEqual([
      403, 200, 200, 403,
    ]);
    setting(sandbox, { publicNetworkAccess: 'Disabled' });
    expect(await from('192.0.2.17')).toBe(403);
  });

  it('is listed by strangers only where the container lets them list', async () => {
    const { sandbox } = play();
    const url = 'https://northwindexports.blob.core.windows.net/exports';
    const stranger = new ContainerClient(url, new AnonymousCredential(), intoSandbox(sandbox) as object); // it takes the same transport
    const names = async () => {
      const found: string[] = [];
      for await (const { name } of stranger.listBlobsFlat()) found.push(name);
      return found;
    };
    expect(await refusedWith(names())).toBe('ResourceNotFound');
    const row = sandbox.rows.get(containers, 'northwindexports/exports');
    if (row) sandbox.rows.put(containers, 'northwindexports/exports', { ...row, publicAccess: 'Container' });
    expect(await names()).toEqual(['2026/11/customers.csv']);
  });
});

describe('the network rules of a storage account', () => {
  it('are put whole: what an update leaves out of them is gone', async () => {
    const { sandbox, operator } = play();
    const { storageAccounts } = new StorageManagementClient(
      sandbox.credential(operator),
      subscription,
      intoSandbox(sandbox),
    );
    const before = await storageAccounts.getProperties('rg-data', 'northwindorders');
    expect(before.networkRuleSet?.ipRules).toHaveLength(1);
    await storageAccounts.update('rg-data', 'northwindorders', { networkRuleSet: { defaultAction: 'Deny' } });
    const { networkRuleSet } = await storageAccounts.getProperties('rg-data', 'northwindorders');
    expect([networkRuleSet?.ipRules, networkRuleSet?.virtualNetworkRules]).toEqual([[], []]);
  });

  it('may be written only by who may join the subnets that they name', async () => {
    const { sandbox } = play();
    const weak = allowAll(sandbox, { notActions: ['Microsoft.Network/*'] });
    const { storageAccounts } = new StorageManagementClient(
      sandbox.credential(weak),
      subscription,
      intoSandbox(sandbox),
    );
    const { networkRuleSet } = await storageAccounts.getProperties('rg-data', 'northwindorders');
    const update = storageAccounts.update('rg-data', 'northwindorders', {
      networkRuleSet: { ...networkRuleSet, defaultAction: 'Deny' },
    });
    expect(await refusedWith(update)).toBe('LinkedAuthorizationFailed');
  });
});
