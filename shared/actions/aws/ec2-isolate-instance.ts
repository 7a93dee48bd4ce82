import {
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { Change, State, StepContext } from '../../action/action.ts';
import { CordonError } from '../../model/error.ts';
import { InstanceId } from '../../model/identifiers.ts';
import { same } from '../../model/json.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import {
  closed,
  findGroups,
  GroupRules,
  groupIdOf,
  makeGroup,
  open,
  patiently,
  removeGroup,
  rulesOfGroup,
  unfinished,
} from './own-security-group.ts';
import { spellRule } from './security-group-rules.ts';

/** Security groups of an interface, sorted; those that Cordon makes by name, because their ids are only known at apply. */
const Groups = z.array(z.string());
/** An interface that an AWS service owns: seen, never changed. */
const Managed = z.strictObject({ managedBy: z.string(), groups: Groups });
const Value = z.union([Groups, Managed, GroupRules]);
type Value = z.infer<typeof Value>;

const Input = z.strictObject({
  instanceId: InstanceId.describe('The instance, as i-0123456789abcdef0.'),
  cutFlows: z
    .boolean()
    .default(false)
    .describe(
      'Leads every interface through a group open to all for some seconds, which ends most flows that are open.',
    ),
  allow: z
    .array(z.strictObject({ cidr: z.union([z.cidrv4(), z.cidrv6()]), port: z.int().min(1).max(65_535).optional() }))
    .max(20)
    .default([])
    .describe('Who may still come in, as a forensic workstation: TCP to one port, or everything. Replies go out.'),
});
type Input = z.infer<typeof Input>;

const ec2 = 'arn:{partition}:ec2:{region}:{account}';
/**
 * A group of ours gets this tag as it is made. What empties a group is not bound by it: one that an attacker has prepared
 * under our name would then stand in the way.
 */
const madeByCordon = { Null: { 'aws:ResourceTag/cordon:run': ['false'] } };
const quarantineOf = (instanceId: string): string => `cordon-quarantine-${instanceId}`;
const openOf = (instanceId: string): string => `cordon-open-${instanceId}`;
/** The rules of the quarantine: nothing but what is allowed in. */
const rulesOf = ({ allow }: Input): GroupRules => ({
  ingress: allow
    .map(({ cidr: peer, port = -1 }) =>
      spellRule({ protocol: port === -1 ? 'all' : 'tcp', from: port, to: port, peer }),
    )
    .sort(),
  egress: [],
});
const passageSeconds = 5;
const closingMilliseconds = 10_000;

async function listInterfaces(aws: AwsSession, instanceId: string, abortSignal: AbortSignal) {
  const Filters = [{ Name: 'attachment.instance-id', Values: [instanceId] }];
  const client = aws.client(EC2Client);
  const pages = paginateDescribeNetworkInterfaces({ client }, { Filters, MaxResults: 1_000 }, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces);
}

function seenInterface(found: NetworkInterface, ours: readonly string[]): Value {
  const { Groups: listed = [], RequesterManaged, RequesterId } = found;
  const names = listed
    .map(({ GroupId = '', GroupName = '' }) => (ours.includes(GroupName) ? GroupName : GroupId))
    .sort();
  return RequesterManaged ? { managedBy: RequesterId ?? 'AWS', groups: names } : names;
}

/** Every interface of the instance and, per VPC, our groups: of an instance that is gone, these alone, which a release deletes. */
async function read(aws: AwsSession, { instanceId, cutFlows }: Input, signal: AbortSignal): Promise<State<Value>> {
  const ours = [quarantineOf(instanceId), openOf(instanceId)];
  const [attached, found] = await Promise.all([
    listInterfaces(aws, instanceId, signal),
    findGroups(aws, [], ours, signal), // the names are the instance's own, in whichever VPC
  ]);
  const vpcIds = [...new Set(attached.map(({ VpcId = '' }) => VpcId))].sort();
  const state: Record<string, Value | null> = {};
  for (const vpcId of vpcIds) for (const name of ours.slice(0, cutFlows ? 2 : 1)) state[`${vpcId}/${name}`] = null;
  for (const group of found) state[`${group.VpcId}/${group.GroupName}`] = rulesOfGroup(group);
  for (const one of attached) state[`${one.VpcId}/${one.NetworkInterfaceId}`] = seenInterface(one, ours);
  return state;
}

const isList = (value: Value | null): value is string[] => Array.isArray(value);
const isGroup = (resource: string): boolean => resource.includes('/cordon-');
const vpcOf = (resource: string): string => resource.slice(0, resource.indexOf('/'));
const nameOf = (resource: string): string => resource.slice(resource.indexOf('/') + 1);

/** Groups first, so that the way back, which is the reverse, deletes them when no interface is in them any more. */
function wantedOf(input: Input, seen: State<Value>): State<Value> {
  const { instanceId, cutFlows } = input;
  const quarantine = [quarantineOf(instanceId)];
  const movable = Object.entries(seen).flatMap(([resource, value]) => (isList(value) ? [{ resource, value }] : []));
  const vpcIds = [...new Set(movable.map(({ resource }) => vpcOf(resource)))].sort();
  const moving = movable.filter(({ value }) => !same(value, quarantine)).map(({ resource }) => vpcOf(resource));
  return Object.fromEntries<Value>([
    ...vpcIds.map((vpcId) => [`${vpcId}/${quarantine[0]}`, rulesOf(input)] as const),
    ...vpcIds
      .filter((vpcId) => cutFlows && moving.includes(vpcId))
      .map((vpcId) => [`${vpcId}/${openOf(instanceId)}`, open] as const),
    ...movable.map(({ resource }) => [resource, quarantine] as const),
  ]);
}

/** Ids are as given; names are those of groups of ours. */
const idsOf = (aws: AwsSession, vpcId: string, names: Value | null, step: StepContext): Promise<string[]> =>
  Promise.all(
    (isList(names) ? names : []).map((name) => (name.startsWith('sg-') ? name : groupIdOf(aws, { vpcId, name }, step))),
  );

function refuseOpen({ resource, to }: Change<Value>): void {
  if (!isList(to) || !to.some((name) => name.startsWith('cordon-open-'))) return;
  throw new CordonError({
    code: 'leaves-open',
    message: `${resource} was open to any address when it was captured and is not left so`,
    remedy: 'Give the interface the groups it should have; an earlier run names them in its plan.',
  });
}

/** Gives an interface its groups. Once it is open to all, only the end of the process keeps it from being closed. */
async function move(aws: AwsSession, change: Change<Value>, step: StepContext): Promise<void> {
  const { resource, to, through } = change;
  refuseOpen(change);
  const NetworkInterfaceId = nameOf(resource);
  const set = (Groups: string[], abortSignal: AbortSignal) =>
    aws
      .client(EC2Client)
      .send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }), { abortSignal });
  const [last, midway] = await Promise.all(
    [to, through?.value ?? null].map((groups) => idsOf(aws, vpcOf(resource), groups, step)),
  );
  const settle = (ids: string[]) => patiently(step, ['InvalidGroup.NotFound'], () => set(ids, step.signal));
  if (!through) return void (await settle(last ?? []));
  await settle(midway ?? []);
  try {
    await step.wait(through.seconds);
  } finally {
    await set(last ?? [], AbortSignal.timeout(closingMilliseconds));
  }
}

/**
 * Puts every interface of an instance into a security group that allows nothing it was not told to allow (docs.aws.amazon.com/AWSEC2,
 * ModifyNetworkInterfaceAttribute). The group is the instance's own, one per VPC: shared, it could not be told whose
 * release deletes it, and a way in for one investigation would be a way in for all.
 */
export const ec2IsolateInstance = awsAction({
  id: 'aws.ec2.isolate-instance',
  title: 'Cut an instance off the network',
  target: 'aws.ec2.instance',
  d3fend: 'D3-NI',
  input: Input,
  value: Value,
  permissions: {
    read: ['DescribeNetworkInterfaces', 'DescribeSecurityGroups'].map((name) => ({
      allow: `ec2:${name}`,
      on: '*',
    })),
    write: [
      { allow: 'ec2:DescribeSecurityGroups', on: '*' },
      { allow: 'ec2:CreateSecurityGroup', on: `${ec2}:vpc/*` },
      ...[
        'CreateSecurityGroup',
        'AuthorizeSecurityGroupIngress',
        'AuthorizeSecurityGroupEgress',
        'RevokeSecurityGroupIngress',
        'RevokeSecurityGroupEgress',
        'ModifyNetworkInterfaceAttribute',
      ].map((name) => ({ allow: `ec2:${name}`, on: `${ec2}:security-group/*` })),
      { allow: 'ec2:DeleteSecurityGroup', on: `${ec2}:security-group/*`, when: madeByCordon },
      {
        allow: 'ec2:CreateTags',
        on: `${ec2}:security-group/*`,
        when: { StringEquals: { 'ec2:CreateAction': ['CreateSecurityGroup'] } },
      },
      { allow: 'ec2:ModifyNetworkInterfaceAttribute', on: `${ec2}:network-interface/*` },
    ],
  },
  settles: { seconds: 10 },
  halfway: [...unfinished, closed],
  cautions: [
    'Flows that are tracked stay open until they are idle, up to five days for TCP, unless cutFlows ends them.',
    'Flows through a NAT gateway, a Network or Gateway Load Balancer, a transit gateway or Network Firewall are always tracked; only a network ACL or stopping the instance ends them.',
    'Instance metadata, the VPC’s own DNS resolver and time service stay reachable.',
    'An interface that an AWS service manages cannot be changed; the instance then counts as not proven contained.',
  ],
  portable: {
    verb: 'isolate-compute',
    with: { instanceId: '${target.instanceId}' },
  },
  examples: [
    { instanceId: 'i-0123456789abcdef0' },
    { instanceId: 'i-0123456789abcdef0', cutFlows: true, allow: [{ cidr: '192.0.2.10/32', port: 22 }] },
  ],
}).does({
  capture: (aws, input, { signal }) => read(aws, input, signal),
  plan: wantedOf,
  passage({ instanceId, cutFlows }, { resource, to }) {
    if (!cutFlows || isGroup(resource) || !same(to, [quarantineOf(instanceId)])) return undefined;
    return {
      value: [openOf(instanceId)],
      seconds: passageSeconds,
      means: `open to any address for ${passageSeconds} s`,
    };
  },
  stage: ({ resource }) => (isGroup(resource) ? 'groups' : 'interfaces'),
  async apply(aws, change, step) {
    const { resource, to } = change;
    if (!isGroup(resource)) return move(aws, change, step);
    const own = { vpcId: vpcOf(resource), name: nameOf(resource) };
    const rules = GroupRules.nullable().parse(to);
    return rules === null ? removeGroup(aws, own, step) : makeGroup(aws, own, rules, step);
  },
  /** Every interface there is now, also one attached since, is in the group, and the group lets nobody else in. */
  async probe(aws, input, { signal }) {
    const seen = await read(aws, { ...input, cutFlows: false }, signal);
    const quarantine = quarantineOf(input.instanceId);
    const interfaces = Object.keys(seen).filter((resource) => !isGroup(resource));
    if (interfaces.length === 0) return false;
    return Object.entries(seen).every(([resource, value]) => {
      if (!isGroup(resource)) return same(value, [quarantine]);
      return nameOf(resource) !== quarantine || same(value, rulesOf(input));
    });
  },
});
