import { CreateNetworkAclEntryCommand, DeleteNetworkAclEntryCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { BlockedAddress } from '../../action/blocked-address.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
import { CordonError, InvalidInput } from '../../model/error.ts';
import { InstanceId } from '../../model/identifiers.ts';
import { overlap, rangeOf } from '../../pattern/address-range.ts';
import { awsAction } from './aws-action.ts';
import { awsCode, unlessAbsent } from './fault.ts';
import { findInstance } from './find-instance.ts';
import {
  AclRule,
  aclsIn,
  nameOf,
  type Placed,
  placeOf,
  plainBlock,
  rangeIn,
  readAcls,
  rulesIn,
  type Way,
  ways,
  within,
} from './network-acl-entries.ts';

const Input = z.strictObject({
  instanceId: InstanceId.describe('The instance that is attacked, as i-0123456789abcdef0.'),
  addresses: z.array(BlockedAddress).min(1).max(200).describe('Addresses and ranges to deny.'),
  direction: z
    .enum(['Inbound', 'Outbound', 'Both'])
    .default('Both')
    .describe('Which way packets are dropped. Connections end either way, because their answers no longer pass.'),
});
type Input = z.infer<typeof Input>;

/** Numbers of Cordon's own rules: below 100, where AWS and nearly everybody begin. */
const [first, highest] = [1, 49];
/** No quota is higher than this in one direction, the two rules that deny all the rest included. */
const mostRules = 40 - 2;

const waysOf = ({ direction }: Input): readonly Way[] =>
  ways.filter((way) => direction === 'Both' || (way === 'ingress') === (direction === 'Inbound'));

const denying = (block: string): AclRule => ({ action: 'deny', protocol: '-1', cidr: block });

const noRoom = (message: string): InvalidInput =>
  new InvalidInput({
    code: 'no-room-above',
    message,
    remedy: 'Release address blocks that are no longer needed, renumber the rules that allow, or isolate the instance.',
  });

/** A rule that denies the whole block before any other lets some of it through. */
function denierOf(rules: readonly Placed[], block: string, before: number): Placed | undefined {
  const wanted = rangeOf(block);
  return rules.find(({ number, rule }) => {
    const range = rangeIn(rule);
    return (
      number < before && rule.action === 'deny' && rule.protocol === '-1' && wanted && range && within(wanted, range)
    );
  });
}

/** The number of the first rule that lets some of a block through. */
function firstAllow(rules: readonly Placed[], block: string): number {
  const wanted = rangeOf(block);
  const opening = rules.find(({ rule }) => {
    const range = rangeIn(rule);
    return rule.action === 'allow' && wanted && range && overlap(wanted, range);
  });
  return opening?.number ?? Number.POSITIVE_INFINITY;
}

/** Rules for one direction of one ACL: those that deny already stay, the others get the lowest free numbers. */
function denialsOf(seen: State<AclRule>, acl: string, way: Way, blocks: readonly string[]): readonly Placed[] {
  const rules = rulesIn(seen, acl, way);
  const taken = new Set(rules.map(({ number }) => number));
  const denials = blocks.map((block): Placed => {
    const before = firstAllow(rules, block);
    const standing = denierOf(rules, block, before);
    if (standing) return standing;
    let number = first;
    while (taken.has(number)) number += 1;
    if (number > highest || number > before)
      throw noRoom(`${acl} has no free ${way} number from ${first} to ${highest} before what lets ${block} through`);
    taken.add(number);
    return { acl, way, number, rule: denying(block) };
  });
  if (taken.size > mostRules)
    throw noRoom(`${acl} would have more than ${mostRules} ${way} rules, which AWS never allows`);
  return denials;
}

const full = (acl: string, cause: unknown): CordonError =>
  new CordonError({
    code: 'network-acl-full',
    message: `${acl} takes no more rules`,
    remedy: 'Release address blocks that are no longer needed, or have the quota raised (20 rules each way, up to 40).',
    cause,
  });

/**
 * Denies addresses at the network ACLs of an instance's subnets (docs.aws.amazon.com/vpc, "Control subnet traffic with network access
 * control lists"). They keep no state, so that connections which are open end at once. Nobody else's rule is touched.
 */
export const vpcDenyAddress = awsAction({
  id: 'aws.vpc.deny-address',
  title: 'Deny addresses at the network ACLs of an instance',
  target: 'aws.ec2.instance',
  ends: '24h',
  d3fend: 'D3-NTF',
  input: Input,
  value: AclRule,
  permissions: {
    read: [
      { allow: 'ec2:DescribeInstances', on: '*' },
      { allow: 'ec2:DescribeNetworkAcls', on: '*' },
    ],
    write: ['CreateNetworkAclEntry', 'DeleteNetworkAclEntry'].map((name) => ({
      allow: `ec2:${name}`,
      on: 'arn:{partition}:ec2:{region}:{account}:network-acl/*',
    })),
  },
  settles: { seconds: 5 },
  cautions: [
    'Everything in the subnets of the instance is shut off from these addresses, and in every other subnet that has the same network ACL, as those with the VPC’s default one have.',
    'An attacker comes back from another address; a shared address shuts others out too.',
    'Traffic within a subnet, and what comes through a load balancer in another one, does not pass this network ACL with the attacker’s address.',
    `A rule of a network ACL has neither name nor tag: those of Cordon are the ones numbered ${first} to ${highest} that the plan lists.`,
  ],
  portable: { verb: 'block-address', with: { instanceId: '${target.instanceId}' } },
  examples: [
    { instanceId: 'i-0123456789abcdef0', addresses: ['203.0.113.210', '2001:db8:bad::/48'] },
    { instanceId: 'i-0123456789abcdef0', addresses: ['198.51.100.0/24'], direction: 'Inbound' },
  ],
}).does({
  async capture(aws, { instanceId }, { signal }) {
    const found = await findInstance(aws, instanceId, signal);
    if (!found) return {};
    const subnetIds = [...new Set((found.NetworkInterfaces ?? []).flatMap(({ SubnetId }) => SubnetId ?? []))].sort();
    const seen = subnetIds.length > 0 ? await readAcls(aws, subnetIds, signal) : {};
    if (aclsIn(seen).length > 0) return seen;
    throw new InvalidInput({
      code: 'no-network-acl',
      message: `no network ACL of this account stands before ${instanceId}`,
      remedy: 'Where the subnet is shared by another account, deny the address there, or isolate the instance.',
    });
  },
  plan(input, seen) {
    const blocks = [...new Set(input.addresses.map(plainBlock))].sort();
    const denials = aclsIn(seen).flatMap((acl) => waysOf(input).flatMap((way) => denialsOf(seen, acl, way, blocks)));
    return Object.fromEntries(denials.map((placed) => [nameOf(placed), placed.rule]));
  },
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const place = placeOf(resource);
    if (!place) return;
    const client = aws.client(EC2Client);
    const rule = { NetworkAclId: place.acl, RuleNumber: place.number, Egress: place.way === 'egress' };
    if (to === null) {
      const command = new DeleteNetworkAclEntryCommand(rule);
      await unlessAbsent(['InvalidNetworkAclEntry.NotFound'], () => client.send(command, { abortSignal }));
      return;
    }
    const block = to.cidr.includes(':') ? { Ipv6CidrBlock: to.cidr } : { CidrBlock: to.cidr };
    const command = new CreateNetworkAclEntryCommand({
      ...rule,
      ...block,
      RuleAction: to.action,
      Protocol: to.protocol,
    });
    try {
      await client.send(command, { abortSignal });
    } catch (thrown) {
      if (awsCode(thrown) === 'NetworkAclEntryLimitExceeded') throw full(place.acl, thrown);
      if (awsCode(thrown) !== 'NetworkAclEntryAlreadyExists') throw thrown;
      throw new ForeignEdit(`${resource} was taken by somebody else`);
    }
  },
});
