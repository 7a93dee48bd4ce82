import { expect, test } from 'vitest';
import type { RuleValue } from '../../../shared/actions/azure/security-rules.ts';
import { exposedPorts } from '../../../shared/adapters/azure/exposed-ports.ts';

const allow: RuleValue = {
  priority: 300,
  direction: 'Inbound',
  access: 'Allow',
  protocol: 'Tcp',
  sources: ['*'],
  sourcePorts: ['*'],
  destinations: ['*'],
  ports: ['22'],
};
const deny: RuleValue = { ...allow, access: 'Deny', protocol: '*', priority: 200 };

test.each<[string, Partial<RuleValue>, readonly number[]]>([
  ['from anywhere', {}, [22]],
  ['from the tag Internet', { sources: ['Internet'] }, [22]],
  ['from all of IPv4', { sources: ['0.0.0.0/0'] }, [22]],
  ['from half of it', { sources: ['128.0.0.0/1'] }, [22]],
  ['from all of IPv6', { sources: ['::/0'] }, [22]],
  ['from a range of ports', { ports: ['20-25', '3000-4000'] }, [22, 3389, 3306]],
  ['for every protocol', { protocol: '*' }, [22]],
  ['from the own network', { sources: ['VirtualNetwork'] }, []],
  ['from one network', { sources: ['203.0.113.0/24', '10.0.0.0/8'] }, []],
  ['from one address', { sources: ['203.0.113.7'] }, []],
  ['outwards', { direction: 'Outbound' }, []],
  ['to the web', { ports: ['80', '443'] }, []],
  ['by ping', { protocol: 'Icmp', ports: ['*'] }, []],
  ['never, for it denies', { access: 'Deny' }, []],
])('a rule opens %s', (_, changed, ports) => {
  expect(exposedPorts([['one', { ...allow, ...changed }]])).toEqual(ports);
});

test.each<[string, RuleValue, readonly number[]]>([
  ['above it shuts it', deny, []],
  ['below it does not', { ...deny, priority: 400 }, [22]],
  ['for some sources does not', { ...deny, sources: ['203.0.113.0/24'] }, [22]],
  ['for some destinations does not', { ...deny, destinations: ['10.0.0.4'] }, [22]],
  ['for another port does not', { ...deny, ports: ['3389'] }, [22]],
  ['of our own shuts it', { ...deny, priority: 'top' }, []],
])('a Deny %s', (_, other, ports) => {
  expect(
    exposedPorts([
      ['one', allow],
      ['other', other],
    ]),
  ).toEqual(ports);
});

test('only the rule that is meant counts, under whichever spelling', () => {
  const web: RuleValue = { ...allow, ports: ['443'] };
  const rules = [
    ['allow-ssh', allow],
    ['allow-web', web],
  ] as const;
  expect(exposedPorts(rules, 'ALLOW-SSH')).toEqual([22]);
  expect(exposedPorts(rules, 'allow-web')).toEqual([]);
  expect(exposedPorts(rules, 'gone')).toEqual([]);
});
