import { describe, expect, it } from 'vitest';
import { ec2RevokeSgRule } from '../../../shared/actions/aws/ec2-revoke-sg-rule.ts';
import { ec2Tags, securityGroupRules, securityGroups, vpcs } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { type Rule, ruleIdOf, ruleKey, rulesOf } from '../../../shared/sandbox/aws/ec2-rules.ts';
import { reach } from '../../../shared/sandbox/aws/network.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const groupId = 'sg-0aa11bb22cc330013';
const to = '10.20.2.44';
const stranger = '203.0.113.66';
const place = { account: production, region: 'eu-west-1', groupId, egress: false, revision: 0 };
const all: Rule = { protocol: '-1', fromPort: -1, toPort: -1, source: { kind: 'ipv4', value: '0.0.0.0/0' } };

/** Leaves the group with just these inbound rules. */
const only =
  (...rules: readonly (Rule & { readonly tags?: Readonly<Record<string, string>> })[]) =>
  ({ rows }: Sandbox): void => {
    for (const rule of rulesOf(rows, groupId).filter(({ egress }) => !egress))
      rows.delete(securityGroupRules, ruleKey(rule));
    for (const { tags = {}, ...rule } of rules) {
      const row = { ...place, ...rule };
      rows.put(securityGroupRules, ruleKey(row), row);
      if (Object.keys(tags).length > 0)
        rows.put(ec2Tags, ruleIdOf(row), { account: production, region: 'eu-west-1', tags });
    }
  };
const inbound = ({ rows }: Sandbox) =>
  rulesOf(rows, groupId)
    .filter(({ egress }) => !egress)
    .map(({ protocol, fromPort, toPort, source }) => `${protocol} ${fromPort}-${toPort} ${source.value}`)
    .sort();

describe('closing a port of a security group', () => {
  it('touches neither the rules of known sources nor the ports beside it', async () => {
    const { contain, sandbox } = await acting(ec2RevokeSgRule, { groupId, port: 22 });
    await contain();
    expect(inbound(sandbox)).toEqual([
      '-1 -1--1 sg-0aa11bb22cc330012',
      'tcp 20-21 ::/0',
      'tcp 22-22 192.0.2.0/24',
      'tcp 23-8100 ::/0',
    ]);
    expect(reach(sandbox, { from: '192.0.2.9', to, port: 22 })).toBe('connected');
    expect(reach(sandbox, { from: '2001:db8:bad::66', to: '2001:db8:20:2::44', port: 8000 })).toBe('connected');
  });

  it('leaves everything but the port of an all-traffic rule, and never closes it in between', async () => {
    const { plan, contain, release, capture, sandbox } = await acting(
      ec2RevokeSgRule,
      { groupId, port: 22 },
      { prepare: only(all) },
    );
    const before = await capture();
    const changes = await plan();
    const seen = new Set<string>();
    sandbox.recorder.onCall(() => {
      seen.add(reach(sandbox, { from: stranger, to, port: 443 }));
      seen.add(reach(sandbox, { from: stranger, to, port: 53, protocol: 'udp' }));
    });
    await contain(changes);
    expect(reach(sandbox, { from: stranger, to, port: 22 })).toBe('timeout');
    expect(reach(sandbox, { from: stranger, to, port: 22, protocol: 'udp' })).toBe('connected');
    expect(inbound(sandbox)).toEqual(
      [
        ...['4', '41', '47', '50', '51', '132', 'icmp'].map((protocol) => `${protocol} -1--1 0.0.0.0/0`),
        'tcp 0-21 0.0.0.0/0',
        'tcp 23-65535 0.0.0.0/0',
        'udp 0-65535 0.0.0.0/0',
      ].sort(),
    );
    await release(changes);
    expect(await capture()).toEqual(before);
    expect([...seen]).toEqual(['connected']);
  });

  it('closes a range where one rule opens all of it, and leaves rules that open less', async () => {
    const tcp = (fromPort: number, toPort: number): Rule => ({ ...all, protocol: 'tcp', fromPort, toPort });
    const cases = [
      { input: { port: 20, toPort: 30 }, given: [tcp(20, 30), tcp(22, 22)], left: ['tcp 22-22 0.0.0.0/0'] },
      {
        input: { port: 20, toPort: 30 },
        given: [tcp(10, 40)],
        left: ['tcp 10-19 0.0.0.0/0', 'tcp 31-40 0.0.0.0/0'],
      },
      {
        input: { port: 0, toPort: 65_535 },
        given: [tcp(0, 65_535), tcp(443, 443)],
        left: ['tcp 443-443 0.0.0.0/0'],
      },
      { input: { port: 0, protocol: 'all' }, given: [all, tcp(22, 22)], left: ['tcp 22-22 0.0.0.0/0'] },
    ];
    for (const { input, given, left } of cases) {
      const life = await acting(ec2RevokeSgRule, { groupId, ...input }, { prepare: only(...given) });
      const before = await life.capture();
      const changes = await life.plan();
      await life.contain(changes);
      expect(await life.isContained()).toBe(true);
      expect(inbound(life.sandbox)).toEqual(left);
      await life.release(changes);
      expect(await life.capture()).toEqual(before);
    }
  });

  it('refuses a range that ends before it begins', () => {
    expect(() => ec2RevokeSgRule.parse({ groupId, port: 30, toPort: 20 })).toThrow(/a range ends where it begins/);
  });

  it('knows both ends of the range, and a source that is named, however it is spelt', async () => {
    const tcp = (fromPort: number, toPort: number, value: string): Rule => ({
      protocol: 'tcp',
      fromPort,
      toPort,
      source: { kind: 'ipv4', value },
    });
    const cases = [
      { input: { port: 65_535 }, given: [tcp(0, 65_535, '0.0.0.0/0')], left: ['tcp 0-65534 0.0.0.0/0'] },
      { input: { port: 0 }, given: [tcp(0, 1, '0.0.0.0/0')], left: ['tcp 1-1 0.0.0.0/0'] },
      { input: { port: 53, protocol: 'udp' }, given: [tcp(0, 100, '0.0.0.0/0')], left: ['tcp 0-100 0.0.0.0/0'] },
      {
        input: { port: 22, cidr: '203.0.113.9/24' },
        given: [tcp(22, 23, '203.0.113.0/24'), tcp(22, 22, '0.0.0.0/0')],
        left: ['tcp 22-22 0.0.0.0/0', 'tcp 23-23 203.0.113.0/24'],
      },
    ];
    for (const { input, given, left } of cases) {
      const { contain, sandbox } = await acting(ec2RevokeSgRule, { groupId, ...input }, { prepare: only(...given) });
      await contain();
      expect(inbound(sandbox)).toEqual(left);
    }
  });

  it('hands descriptions and tags on to narrower rules and back again, and says which run made them', async () => {
    const range: Rule = { ...all, protocol: 'tcp', fromPort: 20, toPort: 30, description: 'vendor' };
    const prepare = only({ ...range, tags: { owner: 'shop' } });
    const { plan, contain, release, sandbox } = await acting(ec2RevokeSgRule, { groupId, port: 30 }, { prepare });
    const carried = () =>
      rulesOf(sandbox.rows, groupId)
        .filter(({ egress }) => !egress)
        .map((row) => [row.toPort, row.description, sandbox.rows.get(ec2Tags, ruleIdOf(row))?.tags]);
    const changes = await plan();
    await contain(changes);
    expect(carried()).toEqual([[29, 'vendor', { owner: 'shop', 'cordon:run': 'abcdefghijklmnopqrstuvwxyz' }]]);
    await release(changes);
    expect(carried()).toEqual([[30, 'vendor', { owner: 'shop' }]]);
  });

  it('uses a narrower rule that stands already, and leaves it when taken back', async () => {
    const below: Rule = { ...all, protocol: 'tcp', fromPort: 20, toPort: 21 };
    const range: Rule = { ...below, toPort: 22 };
    const { plan, contain, release, sandbox } = await acting(
      ec2RevokeSgRule,
      { groupId, port: 22 },
      { prepare: only(below, range) },
    );
    const changes = await plan();
    expect(changes).toHaveLength(1);
    await contain(changes);
    expect(inbound(sandbox)).toEqual(['tcp 20-21 0.0.0.0/0']);
    await release(changes);
    expect(inbound(sandbox)).toEqual(['tcp 20-21 0.0.0.0/0', 'tcp 20-22 0.0.0.0/0']);
  });

  it('comes to the same end wherever an answer was lost, with nothing else closed on the way', async () => {
    const broken: number[] = [];
    for (const after of Array.from({ length: 16 }).keys()) {
      const { plan, contain, release, isContained, capture, sandbox } = await acting(
        ec2RevokeSgRule,
        { groupId, port: 22 },
        { prepare: only(all) },
      );
      const before = await capture();
      const changes = await plan();
      sandbox.faults.plant({ operation: 'ec2:*', fault: { kind: 'answer-lost' }, times: 1, after });
      await contain(changes).catch(() => broken.push(after));
      sandbox.faults.clear();
      expect(reach(sandbox, { from: stranger, to, port: 443 })).toBe('connected');
      await contain(changes);
      expect(await isContained(), `lost answer ${after}`).toBe(true);
      await release(changes);
      expect(await capture()).toEqual(before);
    }
    expect(broken).toEqual([...Array.from({ length: 13 }).keys()]);
  });

  it('closes nothing where the quota has no room for the narrower rules', async () => {
    const many = Array.from(
      { length: 55 },
      (_, at): Rule => ({ ...all, protocol: 'tcp', fromPort: 100 + at, toPort: 100 + at }),
    );
    const { contain, sandbox } = await acting(ec2RevokeSgRule, { groupId, port: 22 }, { prepare: only(all, ...many) });
    await expect(contain()).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
    expect(reach(sandbox, { from: stranger, to, port: 22 })).toBe('connected');
    expect(reach(sandbox, { from: stranger, to, port: 443 })).toBe('connected');
  });

  it('does not believe a default VPC that says yes to what it does not know', async () => {
    const { plan, contain, isContained, sandbox } = await acting(ec2RevokeSgRule, { groupId, port: 22 });
    const vpc = sandbox.rows.get(vpcs, 'vpc-0aa11bb22cc33dd00');
    if (vpc) sandbox.rows.put(vpcs, vpc.vpcId, { ...vpc, isDefault: true });
    const changes = await plan();
    sandbox.faults.plant({ operation: 'ec2:RevokeSecurityGroupIngress', fault: { kind: 'effect-lost' }, times: 2 });
    await contain(changes);
    expect(await isContained()).toBe(false);
    await contain(changes);
    expect(await isContained()).toBe(true);
  });

  it('tells a group without open rules, which is contained, from one that is gone', async () => {
    const closed = await acting(ec2RevokeSgRule, { groupId, port: 22 }, { prepare: only() });
    expect(await closed.plan()).toEqual([]);
    expect(await closed.isContained()).toBe(true);
    const gone = await acting(
      ec2RevokeSgRule,
      { groupId, port: 22 },
      { prepare: ({ rows }) => rows.delete(securityGroups, groupId) },
    );
    expect(await gone.capture()).toEqual({});
  });
});
