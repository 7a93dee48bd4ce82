import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ec2RevokeSgRule } from '../../shared/actions/aws/ec2-revoke-sg-rule.ts';
import { networkCloseNsgPort } from '../../shared/actions/azure/network-close-nsg-port.ts';
import { type SecurityGroupRuleRow, securityGroupRules } from '../../shared/sandbox/aws/ec2-rows.ts';
import { ruleKey, rulesOf } from '../../shared/sandbox/aws/ec2-rules.ts';
import { rulesOf as rulesOfNsg } from '../../shared/sandbox/azure/network-security-groups.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type Acting, acting } from '../support/acting.ts';
import { networkSecurityGroupId, resourceAt, rewriteRules } from '../support/azure.ts';
import { production, subscription } from '../support/company.ts';

const groupId = 'sg-0aa11bb22cc330013';

/** Rules of a group by what they say. */
type Rules = ReadonlyMap<string, string>;
const has = (rules: Rules, [name, says]: readonly [string, string]): boolean => rules.get(name) === says;

/** A rule goes, or another one comes; numbers choose which. */
const edits = fc.array(fc.record({ adds: fc.boolean(), number: fc.integer({ min: 0, max: 11 }) }), { maxLength: 6 });
type Edits = readonly { readonly adds: boolean; readonly number: number }[];

const peers = ['0.0.0.0/0', '192.0.2.0/24', '203.0.113.7/32', '10.20.0.0/16'];
const ports: readonly (readonly [number, number])[] = [
  [22, 22],
  [20, 25],
  [443, 443],
];

/** What somebody does to the rules of the security group. */
function editGroup({ rows }: Sandbox, all: Edits): void {
  for (const { adds, number } of all) {
    const [fromPort, toPort] = ports[number % ports.length] ?? [0, 0];
    const row: SecurityGroupRuleRow = {
      ...{ account: production, region: 'eu-west-1', groupId, egress: false, protocol: 'tcp', fromPort, toPort },
      source: { kind: 'ipv4', value: peers[number % peers.length] ?? '' },
      description: 'theirs',
      revision: 1,
    };
    const there = rulesOf(rows, groupId);
    const gone = there[number % Math.max(1, there.length)];
    if (adds && !rows.get(securityGroupRules, ruleKey(row))) rows.put(securityGroupRules, ruleKey(row), row);
    if (!adds && gone) rows.delete(securityGroupRules, ruleKey(gone));
  }
}
const inGroup = ({ rows }: Sandbox): Rules =>
  new Map(rulesOf(rows, groupId).map((row) => [ruleKey(row), JSON.stringify(row.description ?? '')]));

/** What somebody does to the rules of the network security group. */
const editNsg = (sandbox: Sandbox, all: Edits): void =>
  rewriteRules(sandbox, networkSecurityGroupId, (rules) =>
    all.reduce((now, { adds, number }) => {
      if (!adds) return now.filter((_, at) => at !== number % Math.max(1, now.length));
      const priority = 300 + 7 * number;
      const [model] = rules;
      const taken =
        !model || now.some(({ name, properties }) => name === `theirs-${number}` || properties.priority === priority);
      return taken
        ? now
        : now.concat({ ...model, name: `theirs-${number}`, properties: { ...model.properties, priority } });
    }, rules),
  );
const inNsg = (sandbox: Sandbox): Rules =>
  new Map(
    rulesOfNsg(resourceAt(sandbox, networkSecurityGroupId)).map(({ name, properties }) => [
      name,
      JSON.stringify(properties),
    ]),
  );

/** Contains, lets somebody edit, releases; the rules at each stage. */
async function lived(one: Acting, rules: (of: Sandbox) => Rules, edit: () => void) {
  const before = rules(one.sandbox);
  const changes = await one.plan();
  await one.contain(changes);
  const contained = rules(one.sandbox);
  edit();
  const edited = rules(one.sandbox);
  await one.release(changes);
  return { before, contained, edited, released: rules(one.sandbox) };
}

function check({ before, contained, edited, released }: Awaited<ReturnType<typeof lived>>): void {
  const ours = (rule: readonly [string, string]): boolean => has(contained, rule) && !has(before, rule);
  for (const rule of edited) if (!ours(rule)) expect(has(released, rule), `${rule} is removed`).toBe(true);
  for (const rule of released)
    expect(has(edited, rule) || has(before, rule), `${rule} is neither captured nor theirs`).toBe(true);
}

describe('a release of rules never removes one that was neither captured nor made by us, and makes none that was not captured', () => {
  test('in a security group of AWS', async () => {
    await fc.assert(
      fc.asyncProperty(edits, edits, async (first, later) => {
        const prepare = (sandbox: Sandbox): void => editGroup(sandbox, first);
        const one = await acting(ec2RevokeSgRule, { groupId, port: 22 }, { prepare });
        check(await lived(one, inGroup, () => editGroup(one.sandbox, later)));
      }),
      { numRuns: 60 },
    );
  });

  test('in a network security group of Azure', async () => {
    const where = { account: subscription, region: '' };
    await fc.assert(
      fc.asyncProperty(edits, edits, async (first, later) => {
        const prepare = (sandbox: Sandbox): void => editNsg(sandbox, first);
        const one = await acting(networkCloseNsgPort, { networkSecurityGroupId, port: 22 }, { where, prepare });
        check(await lived(one, inNsg, () => editNsg(one.sandbox, later)));
      }),
      { numRuns: 60 },
    );
  });
});
