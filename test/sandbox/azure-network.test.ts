import { type NetworkInterface, NetworkManagementClient } from '@azure/arm-network';
import { describe, expect, it } from 'vitest';
import { asJson } from '../../shared/model/json.ts';
import { reachAzure, reachFromAzure } from '../../shared/sandbox/azure/network.ts';
import { resources } from '../../shared/sandbox/azure/rows.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import {
  allowAll,
  atOnce,
  azureId,
  intoSandbox,
  networkSecurityGroupId,
  nicId,
  refusedWith,
  resourceAt,
  rewrite,
  rewriteRules,
  vmId,
} from '../support/azure.ts';
import { northwind, subscription } from '../support/company.ts';

function play(changed: { readonly notActions?: readonly string[] } = {}) {
  const sandbox = createSandbox(northwind());
  const credential = sandbox.credential(allowAll(sandbox, changed));
  return { sandbox, client: new NetworkManagementClient(credential, subscription, intoSandbox(sandbox)) };
}
const nic = ['rg-web', 'nic-web-01'] as const;

describe('a network interface', () => {
  it('comes back from a PUT of what was read just as it was, read-only members included', async () => {
    const { sandbox, client } = play();
    const before = resourceAt(sandbox, nicId);
    const read = await client.networkInterfaces.get(...nic);
    await client.networkInterfaces.createOrUpdate(...nic, read, atOnce);
    expect(resourceAt(sandbox, nicId)).toEqual({ ...before, revision: before.revision + 1 });
  });

  it('loses what a PUT leaves out', async () => {
    const { sandbox, client } = play();
    const { tags: _, dnsSettings: __, ...rest } = await client.networkInterfaces.get(...nic);
    await client.networkInterfaces.createOrUpdate(...nic, rest, atOnce);
    const after = resourceAt(sandbox, nicId);
    expect(after.tags).toEqual({});
    expect(after.properties).not.toHaveProperty('dnsSettings');
    expect(after.properties).toHaveProperty('macAddress');
  });

  it('answers a PUT before it is done, and is polled until it is', async () => {
    const { sandbox, client } = play();
    await client.networkInterfaces.createOrUpdate(...nic, await client.networkInterfaces.get(...nic), atOnce);
    const polls = sandbox.recorder.calls.filter(({ operation }) => operation.endsWith('locations/operations/read'));
    expect(polls).toHaveLength(2);
  });

  it('refuses a PUT when something it names may not be attached, and says what and where', async () => {
    const { client } = play({ notActions: ['Microsoft.Network/loadBalancers/backendAddressPools/join/action'] });
    const read = await client.networkInterfaces.get(...nic);
    const call = Promise.resolve(client.networkInterfaces.createOrUpdate(...nic, read, atOnce));
    await expect(call).rejects.toThrow(
      /permission to perform action 'Microsoft.Network\/networkInterfaces\/write'.*'Microsoft.Network\/loadBalancers\/backendAddressPools\/join\/action' on the linked scope\(s\) '.*\/lb-web\/backendAddressPools\/web'/,
    );
    expect(await refusedWith(call)).toBe('LinkedAuthorizationFailed');
  });

  const spoilt: readonly (readonly [what: string, code: string, spoil: (nic: NetworkInterface) => NetworkInterface])[] =
    [
      [
        'a group in another region',
        'NetworkSecurityGroupNotInSameRegion',
        (one) => ({
          ...one,
          networkSecurityGroup: { id: azureId('rg-web', 'Microsoft.Network/networkSecurityGroups', 'nsg-north') },
        }),
      ],
      [
        'a group that is not there',
        'InvalidResourceReference',
        (one) => ({
          ...one,
          networkSecurityGroup: { id: azureId('rg-web', 'Microsoft.Network/networkSecurityGroups', 'none') },
        }),
      ],
      ['no address', 'InvalidRequestFormat', (one) => ({ ...one, ipConfigurations: [] })],
    ];
  it.each(spoilt)('refuses a PUT with %s: %s', async (_, code, spoil) => {
    const { sandbox, client } = play();
    const north = { location: 'northeurope', properties: {} };
    await client.networkSecurityGroups.createOrUpdate('rg-web', 'nsg-north', north, atOnce);
    const before = resourceAt(sandbox, nicId);
    const body = spoil(await client.networkInterfaces.get(...nic));
    expect(await refusedWith(client.networkInterfaces.createOrUpdate(...nic, body, atOnce))).toBe(code);
    expect(resourceAt(sandbox, nicId)).toEqual(before);
  });

  it('refuses a PUT that names another version of it', async () => {
    const { sandbox, client } = play();
    const read = await client.networkInterfaces.get(...nic);
    rewrite(sandbox, nicId, () => ({ tags: { moved: 'on' } }));
    const options = { ...atOnce, requestOptions: { headers: { 'If-Match': read.etag ?? '' } } };
    expect(await refusedWith(client.networkInterfaces.createOrUpdate(...nic, read, options))).toBe(
      'PreconditionFailed',
    );
    expect(await refusedWith(client.networkInterfaces.get('rg-web', 'none'))).toBe('ResourceNotFound');
  });
});

describe('a network security group', () => {
  it('tells where it stands, and cannot be deleted from there', async () => {
    const { client } = play();
    const { networkInterfaces = [] } = await client.networkSecurityGroups.get('rg-web', 'nsg-web');
    expect(networkInterfaces.map(({ id }) => id)).toEqual([nicId]);
    const { subnets = [] } = await client.networkSecurityGroups.get('rg-web', 'nsg-frontend');
    expect(subnets.map(({ id }) => id?.split('/').at(-1))).toEqual(['frontend']);
    expect((await client.subnets.get('rg-web', 'vnet-web', 'frontend')).networkSecurityGroup?.id).toMatch(
      /nsg-frontend$/,
    );
    expect(await refusedWith(client.subnets.get('rg-web', 'vnet-web', 'none'))).toBe('NotFound');
    for (const name of ['nsg-web', 'nsg-frontend'])
      expect(await refusedWith(client.networkSecurityGroups.delete('rg-web', name, atOnce))).toBe(
        'InUseNetworkSecurityGroupCannotBeDeleted',
      );
  });

  const wanted = { direction: 'Inbound', access: 'Deny', protocol: '*', destinationPortRange: '22' } as const;
  it.each([
    ['a priority that is taken', 'SecurityRuleConflict', { ...wanted, priority: 300 }],
    ['a priority out of range', 'SecurityRuleInvalidPriority', { ...wanted, priority: 99 }],
    ['no direction', 'InvalidRequestFormat', { priority: 120, access: 'Deny', protocol: '*' }],
  ] as const)('refuses a rule with %s: %s', async (_, code, rule) => {
    const { client } = play();
    const call = client.securityRules.createOrUpdate(
      'rg-web',
      'nsg-web',
      'ours',
      { direction: undefined, ...rule } as never,
      atOnce,
    ); // a rule that is spoilt on purpose
    expect(await refusedWith(call)).toBe(code);
  });

  it('is listed over pages, as everything in ARM', async () => {
    const { sandbox, client } = play();
    const one = resourceAt(sandbox, networkSecurityGroupId);
    for (let at = 0; at < 60; at += 1) {
      const id = `${networkSecurityGroupId}-${at}`;
      sandbox.rows.put(resources, id.toLowerCase(), { ...one, id, name: `nsg-web-${at}` });
    }
    const found = await Array.fromAsync(client.networkSecurityGroups.list('rg-web'));
    expect(found.length).toBeGreaterThan(60);
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  });
});

type Rule = { readonly name: string; readonly properties: object };
const inbound = (name: string, priority: number, access: string, more: object = {}): Rule => ({
  name,
  properties: {
    priority,
    access,
    direction: 'Inbound',
    protocol: 'Tcp',
    sourceAddressPrefix: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '22',
    ...more,
  },
});
const rulesAre = (sandbox: Sandbox, rules: readonly Rule[]): void =>
  rewriteRules(sandbox, networkSecurityGroupId, () => rules as never); // read back through their schema
const fromInternet = { from: '203.0.113.220', vmId, port: 22 };
const asg = azureId('rg-web', 'Microsoft.Network/applicationSecurityGroups', 'asg-web');

describe('a connection to a machine', () => {
  it.each([
    ['by the rule with the lowest number', [inbound('a', 200, 'Allow'), inbound('b', 100, 'Deny')], 'timeout'],
    ['by the default rules, which deny the Internet', [], 'timeout'],
    ['by a range that has the port', [inbound('a', 200, 'Allow', { destinationPortRange: '20-25' })], 'connected'],
    [
      'by a list of ports',
      [inbound('a', 200, 'Allow', { destinationPortRange: undefined, destinationPortRanges: ['80', '22'] })],
      'connected',
    ],
    [
      'not by a range that looks like it',
      [inbound('a', 200, 'Allow', { destinationPortRange: '1000-3000' })],
      'timeout',
    ],
    ['not by a rule for another protocol', [inbound('a', 200, 'Allow', { protocol: 'Udp' })], 'timeout'],
    [
      'by a block that holds the source',
      [inbound('a', 200, 'Allow', { sourceAddressPrefix: '203.0.113.0/24' })],
      'connected',
    ],
    ['by a tag that holds the source', [inbound('a', 200, 'Allow', { sourceAddressPrefix: 'Internet' })], 'connected'],
    [
      'not by the tag of the network',
      [inbound('a', 200, 'Allow', { sourceAddressPrefix: 'VirtualNetwork' })],
      'timeout',
    ],
    [
      'by an application security group',
      [
        inbound('a', 200, 'Allow', {
          destinationAddressPrefix: undefined,
          destinationApplicationSecurityGroups: [{ id: asg }],
        }),
      ],
      'connected',
    ],
  ] as const)('is judged %s', (_, rules, result) => {
    const sandbox = createSandbox(northwind());
    rulesAre(sandbox, rules);
    expect(reachAzure(sandbox, fromInternet)).toBe(result);
  });

  it('needs both groups: the subnet’s and the interface’s', () => {
    const sandbox = createSandbox(northwind());
    expect(reachAzure(sandbox, fromInternet)).toBe('connected');
    const onSubnet = networkSecurityGroupId.replace('nsg-web', 'nsg-frontend');
    rewriteRules(sandbox, onSubnet, () => []);
    expect(reachAzure(sandbox, fromInternet)).toBe('timeout');
  });

  it('passes where no group stands, from inside, and from outside only where something leads in', () => {
    const sandbox = createSandbox(northwind());
    const worker = vmId.replace('vm-web-01', 'vm-worker-01');
    expect(reachAzure(sandbox, { from: '10.20.1.4', vmId: worker, port: 445 })).toBe('connected');
    expect(reachAzure(sandbox, { from: '203.0.113.220', vmId: worker, port: 445 })).toBe('timeout');
    expect(
      reachAzure(sandbox, { from: '203.0.113.220', vmId: vmId.replace('vm-web-01', 'vm-router-01'), port: 445 }),
    ).toBe('connected');
  });

  it('fails while the machine does not run', () => {
    const sandbox = createSandbox(northwind());
    rewrite(sandbox, vmId, ({ properties }) => ({
      properties: { ...properties, instanceView: asJson({ statuses: [{ code: 'PowerState/deallocated' }] }) },
    }));
    expect(reachAzure(sandbox, fromInternet)).toBe('timeout');
  });

  it('to the platform from inside is denied only by a rule that names its tag', () => {
    const sandbox = createSandbox(northwind());
    const worker = vmId.replace('vm-web-01', 'vm-worker-01');
    const group = { id: networkSecurityGroupId };
    rewrite(sandbox, nicId.replace('nic-web-01', 'nic-worker-01'), ({ properties }) => ({
      properties: { ...properties, networkSecurityGroup: group },
    }));
    const all = inbound('all', 100, 'Deny', { direction: 'Outbound', protocol: '*', destinationPortRange: '*' });
    const metadata = inbound('imds', 101, 'Deny', {
      ...all.properties,
      priority: 101,
      destinationAddressPrefix: 'AzurePlatformIMDS',
    });
    rulesAre(sandbox, [all]);
    expect(reachFromAzure(sandbox, { vmId: worker, to: '198.51.100.7', port: 443 })).toBe('timeout');
    expect(reachFromAzure(sandbox, { vmId: worker, to: '169.254.169.254', port: 80 })).toBe('connected');
    rulesAre(sandbox, [all, metadata]);
    expect(reachFromAzure(sandbox, { vmId: worker, to: '169.254.169.254', port: 80 })).toBe('timeout');
    expect(reachFromAzure(sandbox, { vmId: worker, to: '168.63.129.16', port: 53 })).toBe('connected');
  });
});
