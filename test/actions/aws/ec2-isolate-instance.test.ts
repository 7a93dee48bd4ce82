import { describe, expect, it } from 'vitest';
import { ec2IsolateInstance } from '../../../shared/actions/aws/ec2-isolate-instance.ts';
import {
  type InterfaceRow,
  networkInterfaces,
  securityGroupRules,
  securityGroups,
} from '../../../shared/sandbox/aws/ec2-rows.ts';
import { ruleKey, rulesOf } from '../../../shared/sandbox/aws/ec2-rules.ts';
import { flows, reach } from '../../../shared/sandbox/aws/network.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0aa11bb22cc33dd44';
const quarantine = `cordon-quarantine-${instanceId}`;
const open = `cordon-open-${instanceId}`;
const [vpc, otherVpc] = ['vpc-0aa11bb22cc33dd00', 'vpc-0bb22cc33dd44ee00'];
const [first, second] = ['eni-0aa11bb22cc33d001', 'eni-0aa11bb22cc33d002'];
const [publicGroup, common, management] = ['sg-0aa11bb22cc330011', 'sg-0aa11bb22cc330012', 'sg-0aa11bb22cc330013'];
const workers = 'sg-0bb22cc33dd440011';
const stranger = '203.0.113.66';
const closed = { ingress: [], egress: [] };

const change = ({ rows }: Sandbox, id: string, changed: Partial<InterfaceRow>): void => {
  const row = rows.get(networkInterfaces, id);
  if (row) rows.put(networkInterfaces, id, { ...row, ...changed });
};
const putGroup = (
  { rows }: Sandbox,
  groupId: string,
  name: string,
  sources: readonly string[] = ['0.0.0.0/0'],
): void => {
  const place = { account: production, region: 'eu-west-1', groupId };
  rows.put(securityGroups, groupId, { ...place, name, description: '', vpcId: vpc });
  for (const value of sources) {
    const source = { kind: 'ipv4', value } as const;
    const rule = { ...place, egress: true, protocol: '-1', fromPort: -1, toPort: -1, source, revision: 0 };
    rows.put(securityGroupRules, ruleKey(rule), rule);
  }
};
const attach = (sandbox: Sandbox, id: string, changed: Partial<InterfaceRow> = {}): void => {
  const row = sandbox.rows.get(networkInterfaces, first);
  if (row)
    sandbox.rows.put(networkInterfaces, id, { ...row, networkInterfaceId: id, privateIp: '10.20.1.77', ...changed });
};
const ours = ({ rows }: Sandbox) =>
  rows.all(securityGroups).flatMap(([, group]) => (group.name.startsWith('cordon-') ? [group] : []));
const groupsOf = ({ rows }: Sandbox, id: string) => rows.get(networkInterfaces, id)?.groups;

describe('isolating an instance', () => {
  it('plans by names, never by ids that are not known yet', async () => {
    const { plan } = await acting(ec2IsolateInstance, { instanceId, cutFlows: true });
    const through = { value: [open], seconds: 5, means: 'open to any address for 5 s' };
    const all = ['all any 0.0.0.0/0', 'all any ::/0'];
    expect(await plan()).toEqual([
      { resource: `${vpc}/${quarantine}`, from: null, to: closed },
      { resource: `${vpc}/${open}`, from: null, to: { ingress: all, egress: all } },
      { resource: `${vpc}/${first}`, from: [publicGroup, common], to: [quarantine], through },
      { resource: `${vpc}/${second}`, from: [management], to: [quarantine], through },
    ]);
  });

  it('finds nothing to isolate where the instance is gone', async () => {
    const input = { instanceId: 'i-0123456789abcdef0' };
    const { capture, isContained } = await acting(ec2IsolateInstance, input);
    expect(await capture()).toEqual({});
    expect(await isContained()).toBe(false);
  });

  it('makes a group in each VPC in which the instance has an interface', async () => {
    const prepare = (sandbox: Sandbox) =>
      change(sandbox, second, { vpcId: otherVpc, subnetId: 'subnet-0bb22cc33dd440001', groups: [workers] });
    const { plan, contain, release, isContained, sandbox } = await acting(
      ec2IsolateInstance,
      { instanceId },
      { prepare },
    );
    const changes = await plan();
    await contain(changes);
    expect(ours(sandbox).map(({ name, vpcId }) => [name, vpcId])).toEqual([
      [quarantine, vpc],
      [quarantine, otherVpc],
    ]);
    expect(await isContained()).toBe(true);
    await release(changes);
    expect(ours(sandbox)).toEqual([]);
    expect(groupsOf(sandbox, second)).toEqual([workers]);
  });

  it('uses the group that a racing run has just made, and empties it, though EC2 does not show it yet', async () => {
    const { plan, contain, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    const changes = await plan();
    sandbox.rows.setLag('aws.ec2', 3);
    sandbox.clock.advance(10);
    putGroup(sandbox, 'sg-0123456789abcdef0', quarantine);
    await contain(changes);
    expect(sandbox.recorder.calls.map(({ error }) => error)).toContain('InvalidGroup.Duplicate');
    expect(ours(sandbox)).toHaveLength(1);
    expect(rulesOf(sandbox.rows, 'sg-0123456789abcdef0')).toEqual([]);
    sandbox.clock.advance(ec2IsolateInstance.settles.seconds);
    expect(await isContained()).toBe(true);
  });

  it('leaves no rule in a group it has made, though EC2 does not show its rules yet', async () => {
    const { contain, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    sandbox.clock.advance(10);
    sandbox.rows.setLag('aws.ec2', 3);
    await contain();
    for (const { groupId } of ours(sandbox)) expect(rulesOf(sandbox.rows, groupId)).toEqual([]);
    sandbox.clock.advance(ec2IsolateInstance.settles.seconds);
    expect(await isContained()).toBe(true);
  });

  it('waits where EC2 does not know yet the group that it has just made', async () => {
    const { contain, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    const fault = { kind: 'error', code: 'InvalidGroup.NotFound', status: 400 } as const;
    for (const operation of ['ec2:RevokeSecurityGroupEgress', 'ec2:ModifyNetworkInterfaceAttribute'])
      sandbox.faults.plant({ operation, fault, times: 2 });
    await contain();
    expect(await isContained()).toBe(true);
  });

  it('empties a group that somebody has prepared under its name', async () => {
    const prepare = (sandbox: Sandbox) =>
      putGroup(sandbox, 'sg-0123456789abcdef0', quarantine, ['0.0.0.0/0', '192.0.2.0/24']);
    const { contain, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId }, { prepare });
    await contain();
    expect(rulesOf(sandbox.rows, 'sg-0123456789abcdef0')).toEqual([]);
    expect(await isContained()).toBe(true);
  });

  it('deletes no group that it has not made, whatever that is called', async () => {
    const { plan, contain, release, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    const changes = await plan();
    putGroup(sandbox, 'sg-0123456789abcdef0', quarantine);
    await contain(changes);
    expect((await release(changes)).moved.map(({ resource }) => resource)).toEqual([`${vpc}/${quarantine}`]);
    expect([groupsOf(sandbox, first), groupsOf(sandbox, second)]).toEqual([[publicGroup, common], [management]]);
    expect(ours(sandbox).map(({ groupId }) => groupId)).toEqual(['sg-0123456789abcdef0']);
  });

  it('comes to the same end wherever an answer was lost', async () => {
    const broken: number[] = [];
    for (const after of Array.from({ length: 14 }).keys()) {
      const input = { instanceId, cutFlows: true };
      const { plan, contain, release, isContained, sandbox } = await acting(ec2IsolateInstance, input);
      const changes = await plan();
      sandbox.faults.plant({ operation: 'ec2:*', fault: { kind: 'answer-lost' }, times: 1, after });
      await contain(changes).catch(() => broken.push(after));
      sandbox.faults.clear();
      await contain(changes);
      expect(await isContained(), `lost answer ${after}`).toBe(true);
      expect(ours(sandbox)).toHaveLength(2);
      await release(changes);
      expect([groupsOf(sandbox, first), groupsOf(sandbox, second)]).toEqual([[publicGroup, common], [management]]);
      expect(ours(sandbox)).toEqual([]);
    }
    // The eighth call authorises what a dual-stack group has already, and is refused before it is lost.
    expect(broken).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
  });

  it('does not count as done while an interface attached since the plan is outside, and plans that one next', async () => {
    const { plan, contain, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    const changes = await plan();
    attach(sandbox, 'eni-0aa11bb22cc33d003');
    await contain(changes);
    expect(await isContained()).toBe(false);
    const next = await plan();
    expect(next).toEqual([{ resource: `${vpc}/eni-0aa11bb22cc33d003`, from: [publicGroup, common], to: [quarantine] }]);
    await contain(next);
    expect(await isContained()).toBe(true);
  });

  it('moves what it can beside an interface that a service manages, and says that it is not proven', async () => {
    const prepare = (sandbox: Sandbox) =>
      attach(sandbox, 'eni-0aa11bb22cc33d003', { requesterManaged: true, requesterId: 'amazon-ecs' });
    const { plan, contain, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId }, { prepare });
    await contain();
    expect(groupsOf(sandbox, 'eni-0aa11bb22cc33d003')).toEqual([publicGroup, common]);
    expect(groupsOf(sandbox, first)).toEqual(ours(sandbox).map(({ groupId }) => groupId));
    expect(await plan()).toEqual([]);
    expect(await isContained()).toBe(false);
  });

  it('never captures its own quarantine as what was there before', async () => {
    const { contain, plan, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    await contain();
    expect(await plan()).toEqual([]);
    const [group] = ours(sandbox);
    change(sandbox, first, { groups: [String(group?.groupId), common] });
    expect(await plan()).toEqual([
      { resource: `${vpc}/${first}`, from: [quarantine, common].sort(), to: [quarantine] },
    ]);
  });

  it('notices a rule that is put into its group, and takes it out', async () => {
    const { contain, plan, isContained, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    await contain();
    const [group] = ours(sandbox);
    putGroup(sandbox, String(group?.groupId), quarantine, ['203.0.113.66/32']);
    expect(await isContained()).toBe(false);
    expect(await plan()).toMatchObject([{ from: { egress: ['all any 203.0.113.66/32'] }, to: closed }]);
    await contain();
    expect(await isContained()).toBe(true);
  });

  it('lets tracked flows live, and ends them only where asked to', async () => {
    for (const cutFlows of [false, true]) {
      const { contain, sandbox } = await acting(ec2IsolateInstance, { instanceId, cutFlows });
      const outward = { from: '10.20.2.44', to: stranger, port: 4444 };
      change(sandbox, second, { groups: [common] });
      expect(reach(sandbox, { ...outward, keep: true })).toBe('connected');
      await contain();
      expect(reach(sandbox, outward)).toBe('timeout');
      expect(flows(sandbox, instanceId)).toHaveLength(cutFlows ? 0 : 1);
    }
  });

  it('closes an interface even when the run is broken off while it stands open', async () => {
    const { company, context, plan, contain, sandbox } = await acting(ec2IsolateInstance, {
      instanceId,
      cutFlows: true,
    });
    const changes = await plan();
    await contain(changes.slice(0, 2));
    const { signal } = context;
    const where = { cloud: 'aws', account: production, region: 'eu-west-1' } as const;
    const writer = await company.clouds.session({ ...where, rights: 'writer', runId: context.runId, signal });
    const broken = { ...context, wait: () => Promise.reject(new DOMException('the time is over', 'AbortError')) };
    const [, , move] = changes;
    if (!move) throw new Error('no change of an interface');
    await expect(ec2IsolateInstance.apply(writer, move, broken)).rejects.toThrow('the time is over');
    const inGroup = ours(sandbox).find(({ name }) => name === quarantine)?.groupId;
    expect(groupsOf(sandbox, first)).toEqual([inGroup]);
  });

  it('goes on where a run ended with an interface open to all, and never leaves one so', async () => {
    const { plan, contain, release, sandbox } = await acting(ec2IsolateInstance, { instanceId, cutFlows: true });
    const changes = await plan();
    await contain(changes.slice(0, 2));
    const openId = String(ours(sandbox).find(({ name }) => name === open)?.groupId);
    change(sandbox, first, { groups: [openId] });
    const late = await plan();
    expect(await contain(changes)).toMatchObject({ moved: [] });
    expect(groupsOf(sandbox, first)).not.toContain(openId);
    await expect(release(late)).rejects.toMatchObject({ code: 'leaves-open' });
  });

  it('gives back what it can: an interface that is gone is passed over, a group in use stays', async () => {
    const { plan, contain, release, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    const changes = await plan();
    await contain(changes);
    const [group] = ours(sandbox);
    sandbox.rows.delete(networkInterfaces, second);
    change(sandbox, 'eni-0dd44ee55ff667001', { groups: [String(group?.groupId)] });
    const { moved } = await release(changes);
    expect(moved.map(({ resource }) => resource)).toEqual([
      `${vpc}/${second}`,
      `${vpc}/cordon-quarantine-${instanceId}`,
    ]);
    expect(groupsOf(sandbox, first)).toEqual([publicGroup, common]);
    expect(ours(sandbox)).toHaveLength(1);
  });

  it('deletes the group of an instance that is gone meanwhile, with its interfaces', async () => {
    const { plan, contain, release, sandbox } = await acting(ec2IsolateInstance, { instanceId });
    const changes = await plan();
    await contain(changes);
    for (const id of [first, second]) sandbox.rows.delete(networkInterfaces, id);
    const { moved } = await release(changes);
    expect(moved).toHaveLength(2);
    expect(ours(sandbox)).toEqual([]);
  });
});
