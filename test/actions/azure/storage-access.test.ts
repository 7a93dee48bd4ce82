import { describe, expect, it } from 'vitest';
import { storageDenyNetwork } from '../../../shared/actions/azure/storage-deny-network.ts';
import { storageDisableSharedKey } from '../../../shared/actions/azure/storage-disable-shared-key.ts';
import { own } from '../../../shared/model/json.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { allowAll, resourceAt, rewrite } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';
import { downloads, ordersAccountId, withDelegatedSignature, withKey } from '../../support/storage-attacker.ts';

const input = { storageAccountId: ordersAccountId };
const where = { account: subscription, region: '' };
const property = (sandbox: Sandbox, name: string) => own(resourceAt(sandbox, ordersAccountId).properties, name);
const setting = (sandbox: Sandbox, changed: object): void =>
  rewrite(sandbox, ordersAccountId, ({ properties }) => ({ properties: { ...properties, ...changed } }));
/** Takes a property out, as on an account that never set it. */
const leavingOut = (name: string) => (sandbox: Sandbox) =>
  rewrite(sandbox, ordersAccountId, ({ properties }) => ({
    properties: Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name)),
  }));

describe('stopping an account from taking its keys', () => {
  it('counts an account that never said so as taking them, and a release says that it does', async () => {
    const prepare = leavingOut('allowSharedKeyAccess');
    const { sandbox, plan, contain, release } = await acting(storageDisableSharedKey, input, { where, prepare });
    const changes = await plan();
    expect(changes).toMatchObject([{ from: { allowSharedKeyAccess: true }, to: { allowSharedKeyAccess: false } }]);
    await contain(changes);
    await release(changes);
    expect(property(sandbox, 'allowSharedKeyAccess')).toBe(true);
  });

  it('ends what a key signed, and not what a principal signed', async () => {
    const { sandbox, contain } = await acting(storageDisableSharedKey, input, { where });
    const delegated = await withDelegatedSignature(sandbox, allowAll(sandbox));
    await contain();
    expect([await downloads(withKey(sandbox)), await downloads(delegated)]).toEqual([false, true]);
  });
});

describe('shutting an account off from networks', () => {
  it('keeps every rule, and one that was added since when it is taken back', async () => {
    const { sandbox, plan, contain, release } = await acting(storageDenyNetwork, input, { where });
    const rules = () => own(property(sandbox, 'networkAcls'), 'ipRules');
    const changes = await plan();
    await contain(changes);
    expect(rules()).toEqual([{ value: '192.0.2.0/24', action: 'Allow' }]);
    const added = [{ value: '198.51.100.7', action: 'Allow' }];
    setting(sandbox, { networkAcls: { ...(property(sandbox, 'networkAcls') as object), ipRules: added } }); // an object as parsed
    expect((await release(changes)).moved).toEqual([]);
    expect(rules()).toEqual(added);
    expect(property(sandbox, 'networkAcls')).toMatchObject({ defaultAction: 'Allow', virtualNetworkRules: [{}] });
  });

  it.each(['Disabled', 'SecuredByPerimeter'])(
    'has nothing to do where public access is %s already',
    async (publicNetworkAccess) => {
      const prepare = (sandbox: Sandbox) => setting(sandbox, { publicNetworkAccess });
      const { plan } = await acting(storageDenyNetwork, input, { where, prepare });
      expect(await plan()).toEqual([]);
    },
  );
});
