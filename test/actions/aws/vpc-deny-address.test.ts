import { describe, expect, it } from 'vitest';
import { vpcDenyAddress } from '../../../shared/actions/aws/vpc-deny-address.ts';
import { type AclEntry, networkAcls } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { reach } from '../../../shared/sandbox/aws/network.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';

const instanceId = 'i-0aa11bb22cc33dd44';
const acl = 'acl-0aa11bb22cc33dd00';
const attacker = '203.0.113.210';
const input = { instanceId, addresses: [attacker] };

const entry = (number: number, action: AclEntry['action'], cidr: string, more: Partial<AclEntry> = {}): AclEntry => ({
  ...{ number, action, cidr, egress: false, protocol: '-1' },
  ...more,
});
/** Leaves the ACL with just these inbound rules. */
const inbound =
  (...entries: readonly AclEntry[]) =>
  ({ rows }: Sandbox): void => {
    const row = rows.get(networkAcls, acl);
    if (row)
      rows.put(networkAcls, acl, { ...row, entries: [...row.entries.filter(({ egress }) => egress), ...entries] });
  };
const open = entry(100, 'allow', '0.0.0.0/0');

describe('denying an address at network ACLs', () => {
  it('takes the first free numbers of its own in each direction, whatever others have taken', async () => {
    const own = entry(1, 'allow', '192.0.2.0/24', { protocol: '6', ports: [22, 22] });
    const { plan } = await acting(
      vpcDenyAddress,
      { ...input, addresses: [attacker, '198.51.100.0/24'] },
      { prepare: inbound(own, open) },
    );
    expect((await plan()).map(({ resource, to }) => [resource, (to as { cidr: string }).cidr])).toEqual([
      [`${acl}/ingress/2`, '198.51.100.0/24'],
      [`${acl}/ingress/3`, '203.0.113.210/32'],
      [`${acl}/egress/1`, '198.51.100.0/24'],
      [`${acl}/egress/2`, '203.0.113.210/32'],
    ]);
  });

  it('has nothing to do where somebody denies the address already, before all that would let it in', async () => {
    const wider = entry(50, 'deny', '203.0.113.0/24');
    const { plan } = await acting(
      vpcDenyAddress,
      { ...input, direction: 'Inbound' },
      { prepare: inbound(wider, open) },
    );
    expect(await plan()).toEqual([]);
  });

  it('does not count a denial that comes too late, or is for one port', async () => {
    const late = entry(200, 'deny', `${attacker}/32`);
    const narrow = entry(60, 'deny', `${attacker}/32`, { protocol: '6', ports: [22, 22] });
    const { contain, sandbox } = await acting(vpcDenyAddress, input, { prepare: inbound(narrow, open, late) });
    await contain();
    expect(reach(sandbox, { from: attacker, to: instanceId, port: 443 })).toBe('timeout');
  });

  it('is refused where nothing is free before a rule that lets the address in', async () => {
    const { plan } = await acting(vpcDenyAddress, input, { prepare: inbound({ ...open, number: 1 }) });
    await expect(plan()).rejects.toMatchObject({ code: 'no-room-above' });
  });

  it('says what to do where AWS takes no more rules', async () => {
    const many = Array.from({ length: 18 }, (_, at) => entry(300 + at, 'deny', `198.51.100.${at}/32`));
    const { contain } = await acting(vpcDenyAddress, input, { prepare: inbound(open, ...many) });
    await expect(contain()).rejects.toMatchObject({
      code: 'network-acl-full',
      remedy: expect.stringContaining('quota'),
    });
  });

  it('leaves a number to whoever took it in the meantime, and finds another', async () => {
    const { plan, contain, sandbox, isContained } = await acting(vpcDenyAddress, input);
    const changes = await plan();
    inbound(open, entry(1, 'allow', '192.0.2.7/32'))(sandbox);
    const { moved } = await contain(changes);
    expect(moved.map(({ resource }) => resource)).toEqual([`${acl}/ingress/1`]);
    await contain();
    expect(await isContained()).toBe(true);
    expect(
      sandbox.rows.get(networkAcls, acl)?.entries.find(({ number, egress }) => number === 1 && !egress)?.cidr,
    ).toBe('192.0.2.7/32');
  });

  it.each(['10.20.1.44', '169.254.169.254', 'fd00::1', '203.0.113.7/24', '0.0.0.0/0'])('never takes %s', (address) => {
    expect(vpcDenyAddress.input.safeParse({ instanceId, addresses: [address] }).success).toBe(false);
  });
});
