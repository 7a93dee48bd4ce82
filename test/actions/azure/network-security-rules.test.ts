import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../shared/action/action.ts';
import { networkCloseNsgPort } from '../../../shared/actions/azure/network-close-nsg-port.ts';
import { networkDenyAddress } from '../../../shared/actions/azure/network-deny-address.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import type { Json } from '../../../shared/model/json.ts';
import { reachAzure } from '../../../shared/sandbox/azure/network.ts';
import { rulesOf } from '../../../shared/sandbox/azure/network-security-groups.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { azureId, networkSecurityGroupId, resourceAt, rewriteRules, vmId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const where = { account: subscription, region: '' };
const attacker = '203.0.113.220';
const asg = azureId('rg-web', 'Microsoft.Network/applicationSecurityGroups', 'asg-web');

type Rule = { readonly name: string; readonly properties: Readonly<Record<string, Json>> };
const rule = (name: string, priority: number, more: Readonly<Record<string, Json>> = {}): Rule => ({
  name,
  properties: {
    priority,
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefix: '*',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '22',
    ...more,
  },
});
const anyPort = { destinationPortRange: '*' };
const deny = { access: 'Deny', protocol: '*' };

/** The group's rules are these, and nothing else stands in the way. */
const set =
  (rules: readonly Rule[]) =>
  (sandbox: Sandbox): void => {
    const group = (name: string, all: readonly Rule[]) =>
      rewriteRules(sandbox, networkSecurityGroupId.replace('nsg-web', name), () => all as never); // read back through their schema
    group('nsg-web', rules);
    group('nsg-frontend', [rule('all', 100, anyPort)]);
    group('nsg-admin', [rule('none', 100, { ...deny, ...anyPort })]);
  };
const namesIn = (changes: readonly Change[]) => changes.map(({ resource }) => resource.split('/').at(-1));
const ruleIn = (sandbox: Sandbox, name: string) =>
  rulesOf(resourceAt(sandbox, networkSecurityGroupId)).find((one) => one.name === name)?.properties;
const rulesIn = (sandbox: Sandbox) => rulesOf(resourceAt(sandbox, networkSecurityGroupId));
const byName = (rules: ReturnType<typeof rulesIn>) => [...rules].sort((a, b) => (a.name < b.name ? -1 : 1));
const reaches = (sandbox: Sandbox, port = 22, from = attacker) => reachAzure(sandbox, { from, vmId, port });

const closing = (rules: readonly Rule[], port = 22) =>
  acting(networkCloseNsgPort, { networkSecurityGroupId, port }, { where, prepare: set(rules) });

describe('closing a port', () => {
  it('touches no rule of the customer where there is room above', async () => {
    const one = await closing([
      rule('allow', 101),
      rule('web', 100, { destinationPortRange: '443' }),
      rule('deny', 102, deny),
    ]);
    expect(namesIn(await one.plan())).toEqual(['cordon-deny-22', 'allow']);
    const roomy = await closing([rule('allow', 300)]);
    expect(namesIn(await roomy.plan())).toEqual(['cordon-deny-22']);
    await roomy.contain();
    expect(ruleIn(roomy.sandbox, 'cordon-deny-22')).toMatchObject({ priority: 100, access: 'Deny', protocol: '*' });
  });

  it('turns just those allowing rules round that stand where there is no room above them, and back again', async () => {
    const full = { description: 'Ours since 2019', sourceAddressPrefixes: ['203.0.113.0/24', '198.51.100.0/24'] };
    const { sourceAddressPrefix: _, ...listed } = rule('top', 100, {
      ...full,
      destinationPortRange: '20-25',
    }).properties;
    const group = rule('second', 101, {
      destinationApplicationSecurityGroups: [{ id: asg }],
      destinationPortRange: '*',
    });
    const { destinationAddressPrefix: __, ...grouped } = group.properties;
    const rules = [{ name: 'top', properties: listed }, { name: 'second', properties: grouped }, rule('third', 300)];
    const one = await closing(rules);
    const before = rulesIn(one.sandbox);
    expect(reaches(one.sandbox)).toBe('connected');
    const changes = await one.plan();
    expect(namesIn(changes)).toEqual(['cordon-deny-22', 'top', 'second']);
    expect(changes[1]).toMatchObject({
      from: { access: 'Allow', ports: ['20-25'] },
      to: { access: 'Deny', ports: ['20-25'] },
    });
    await one.contain(changes);
    expect(reaches(one.sandbox)).toBe('timeout');
    expect(ruleIn(one.sandbox, 'top')).toMatchObject({ ...full, access: 'Deny', priority: 100 });
    expect(ruleIn(one.sandbox, 'second')).toMatchObject({
      access: 'Deny',
      destinationApplicationSecurityGroups: [{ id: asg }],
    });
    expect(ruleIn(one.sandbox, 'third')).toMatchObject({ access: 'Allow' });
    expect(await one.isContained()).toBe(true);
    await one.release(changes);
    expect(byName(rulesIn(one.sandbox))).toEqual(byName(before));
  });

  it('leaves alone what Defender granted for a while, and rules for protocols without ports', async () => {
    const jit = rule('MicrosoftDefenderForCloud-JITRule_-1', 100);
    const ping = rule('ping', 101, { protocol: 'Icmp', destinationPortRange: '*' });
    const one = await closing([jit, ping, rule('allow', 300)]);
    expect(namesIn(await one.plan())).toEqual(['cordon-deny-22']);
    await one.contain();
    expect(await one.isContained()).toBe(true);
    expect(ruleIn(one.sandbox, jit.name)).toMatchObject({ access: 'Allow' });
  });

  it.each([
    ['somebody else’s rule already keeps everybody out', [rule('shut', 150, deny), rule('allow', 300)], []],
    [
      'it keeps only some out',
      [rule('some', 150, { ...deny, sourceAddressPrefix: 'Internet' }), rule('allow', 300)],
      ['cordon-deny-22'],
    ],
    ['it keeps out one protocol', [rule('tcp', 150, { access: 'Deny' }), rule('allow', 300)], ['cordon-deny-22']],
    ['it stands below', [rule('shut', 350, deny), rule('allow', 300)], ['cordon-deny-22']],
    ['nobody allows it, for the network itself is let in by default', [], ['cordon-deny-22']],
  ] as const)('looks at what is there: %s', async (_, rules, planned) => {
    const one = await closing(rules);
    expect(namesIn(await one.plan())).toEqual(planned);
    await one.contain();
    expect(reaches(one.sandbox)).toBe('timeout');
    expect(reaches(one.sandbox, 22, '10.20.2.6')).toBe('timeout');
    expect(await one.isContained()).toBe(true);
  });

  it('makes its own rule good when somebody has undone it', async () => {
    const one = await closing([rule('allow', 300)]);
    await one.contain();
    rewriteRules(one.sandbox, networkSecurityGroupId, (rules) =>
      rules.map((each) =>
        each.name === 'allow' ? each : { ...each, properties: { ...each.properties, priority: 4_000 } },
      ),
    );
    expect(await one.isContained()).toBe(false);
    await one.contain();
    expect(ruleIn(one.sandbox, 'cordon-deny-22')).toMatchObject({ priority: 100 });
  });

  it('is refused where no priority is left', async () => {
    const taken = Array.from({ length: 3_997 }, (_, at) => rule(`r${at}`, 100 + at, { destinationPortRange: '443' }));
    const one = await closing(taken);
    await expect(one.plan()).rejects.toThrow(InvalidInput);
  });

  it('is not verified when the effect is lost behind a 200', async () => {
    const one = await closing([rule('allow', 300)]);
    one.sandbox.faults.plant({
      operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
      fault: { kind: 'effect-lost' },
    });
    await one.contain();
    expect(await one.isContained()).toBe(false);
    expect(reaches(one.sandbox)).toBe('connected');
  });

  it('closes whatever the rules are, and gives them back', async () => {
    const ports = fc.constantFrom('22', '20-25', '*', '23', '1000-3000', '443');
    const some = fc.uniqueArray(
      fc.record({
        priority: fc.oneof(fc.integer({ min: 100, max: 104 }), fc.integer({ min: 105, max: 4_096 })),
        access: fc.constantFrom('Allow', 'Deny'),
        protocol: fc.constantFrom('Tcp', '*', 'Udp'),
        destinationPortRange: ports,
        sourceAddressPrefix: fc.constantFrom('*', 'Internet', 'VirtualNetwork', '203.0.113.0/24'),
      }),
      { maxLength: 6, selector: ({ priority }) => priority },
    );
    await fc.assert(
      fc.asyncProperty(some, async (drawn) => {
        const one = await closing(drawn.map((more) => rule(`r${more.priority}`, more.priority, more)));
        const before = rulesIn(one.sandbox);
        const changes = await one.plan();
        await one.contain(changes);
        for (const from of [attacker, '198.51.100.9', '10.20.2.6'])
          expect(reaches(one.sandbox, 22, from)).toBe('timeout');
        expect(await one.isContained()).toBe(true);
        await one.release(changes);
        expect(byName(rulesIn(one.sandbox))).toEqual(byName(before));
      }),
      { numRuns: 25, seed: 22 },
    );
  });
});

const denying = (addresses: readonly string[], rules: readonly Rule[] = [rule('allow', 300)], direction = 'Inbound') =>
  acting(networkDenyAddress, { networkSecurityGroupId, addresses, direction }, { where, prepare: set(rules) });

describe('denying addresses', () => {
  it('shuts those out and nobody else, under a name that is the same for the same addresses', async () => {
    const one = await denying(['203.0.113.220/32', '198.51.100.0/24']);
    const [change] = await one.plan();
    const other = await denying(['198.51.100.0/24', '203.0.113.220']);
    expect(await other.plan()).toEqual([change]);
    await one.contain();
    expect(reaches(one.sandbox)).toBe('timeout');
    expect(reaches(one.sandbox, 22, '198.51.100.77')).toBe('timeout');
    expect(reaches(one.sandbox, 22, '192.0.2.7')).toBe('connected');
    expect(await one.isContained()).toBe(true);
  });

  it('writes one rule for each family of addresses', async () => {
    const one = await denying(['203.0.113.220', '2001:db8::7']);
    await one.contain();
    const ours = rulesIn(one.sandbox).filter(({ name }) => name.startsWith('cordon-'));
    expect(ours.map(({ properties }) => [properties.priority, properties.sourceAddressPrefix])).toEqual([
      [100, '203.0.113.220'],
      [101, '2001:db8::7'],
    ]);
  });

  it('denies destinations where the machine calls out', async () => {
    const one = await denying(['203.0.113.50'], [], 'Outbound');
    await one.contain();
    const [ours] = rulesIn(one.sandbox);
    expect(ours?.properties).toMatchObject({
      direction: 'Outbound',
      destinationAddressPrefix: '203.0.113.50',
      sourceAddressPrefix: '*',
    });
  });

  it.each([
    '168.63.129.16',
    '10.1.2.3',
    '172.31.0.0/16',
    '192.168.0.0/24',
    '169.254.169.254',
    '127.0.0.1',
    '100.64.0.1',
    '0.0.0.0/0',
    '0.0.0.0/1',
    '128.0.0.0/1',
    '::/0',
    '2000::/3',
    'fd00::1',
    '203.0.113.7/24',
    'example.com',
    '203.0.113.7; drop',
    '203.0.113',
  ])('refuses %s', (address) => {
    const input = { networkSecurityGroupId, addresses: ['203.0.113.220', address], direction: 'Inbound' };
    expect(() => networkDenyAddress.parse(input)).toThrow(InvalidInput);
  });

  it('is refused where it could not stand above the rule that lets them in', async () => {
    const one = await denying([attacker], [rule('top', 100)]);
    await expect(one.plan()).rejects.toThrow(/no free priority above top/);
    const harmless = [
      rule('inner', 100, { sourceAddressPrefix: 'VirtualNetwork' }),
      rule('other', 101, { sourceAddressPrefix: '192.0.2.0/24' }),
    ];
    const fine = await denying([attacker], [...harmless, rule('allow', 300)]);
    await fine.contain();
    expect(reaches(fine.sandbox)).toBe('timeout');
  });

  it('finds room beside a rule that another step of the same plan has just made', async () => {
    const one = await denying([attacker]);
    const planned = await one.plan();
    rewriteRules(
      one.sandbox,
      networkSecurityGroupId,
      (rules) => [...rules, rule('cordon-deny-22', 100, deny)] as never,
    );
    await one.contain(planned);
    const ours = rulesIn(one.sandbox).find(({ name }) => name.startsWith('cordon-deny-inbound'));
    expect(ours?.properties.priority).toBe(101);
    expect(await one.isContained()).toBe(true);
  });

  it.each([
    ['takes the next place where somebody has taken its own that very moment', 1],
    ['gives up for now where that happens twice, with a fault that is worth another try', 2],
  ])('%s', async (_, times) => {
    const one = await denying([attacker]);
    const planned = await one.plan();
    let quick = 0;
    one.sandbox.recorder.onCall(({ operation }) => {
      if (quick === times || operation !== 'Microsoft.Network/networkSecurityGroups/read') return;
      const taken = rule(`quick-${quick}`, 100 + quick, deny);
      quick += 1;
      rewriteRules(one.sandbox, networkSecurityGroupId, (rules) => [...rules, taken] as never);
    });
    if (times === 1) await one.contain(planned);
    else {
      await expect(one.contain(planned)).rejects.toMatchObject({ code: 'SecurityRuleConflict', retryable: true });
      await one.contain(planned);
    }
    expect(quick).toBe(times);
    expect(await one.isContained()).toBe(true);
  });
});
