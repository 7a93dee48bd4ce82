import { isIPv6 } from 'node:net';
import { table } from '../rows.ts';
import type { World } from '../world.ts';
import {
  type InterfaceRow,
  instances,
  networkInterfaces,
  type RuleSource,
  type SecurityGroupRuleRow,
  securityGroupRules,
} from './ec2-rows.ts';
import { inBlock, passesAcl } from './network-acl-rules.ts';

/** Where a connection begins or ends: an instance id, or an address, which may be an interface's. */
export type Endpoint = string;

/** A connection that somebody wants to make. Routes are not modelled: network ACLs and security groups decide. */
export type Connection = {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  /** Leaves the connection open, to be seen in `flows`. */
  readonly keep?: boolean;
};

/** One end of an open flow that lies on an interface of ours. */
type End = {
  readonly networkInterfaceId: string;
  readonly egress: boolean;
  /** As rules know it: by addresses and by groups. */
  readonly peer: Peer;
  /** A tracked flow outlives the rules that let it in. */
  readonly tracked: boolean;
};
export type Flow = {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly ends: readonly End[];
};

type Peer = {
  readonly addresses: readonly string[];
  readonly groups: readonly string[];
  /** Where it lies, if it is one of ours: a network ACL stands only between subnets. */
  readonly subnetId?: string;
};
type Side = Peer & { readonly on?: InterfaceRow };
type Traffic = { readonly protocol: 'tcp' | 'udp'; readonly port: number };

/** Open connections, keyed by what they connect. */
const openFlows = table<Flow>('aws.network.flows');

/** What is in a prefix list is not modelled, so that it lets nobody in. */
const comesFrom = ({ kind, value }: RuleSource, { addresses, groups }: Peer): boolean => {
  if (kind === 'group') return groups.includes(value);
  return kind !== 'prefix-list' && addresses.some((address) => inBlock(address, value));
};

const covers = (rule: SecurityGroupRuleRow, { protocol, port }: Traffic): boolean =>
  rule.protocol === '-1' || (rule.protocol === protocol && rule.fromPort <= port && port <= rule.toPort);

const rulesOn = ({ rows }: World, { groups }: InterfaceRow, egress: boolean): readonly SecurityGroupRuleRow[] =>
  rows
    .all(securityGroupRules)
    .flatMap(([, rule]) => (rule.egress === egress && groups.includes(rule.groupId) ? [rule] : []));

const allows = (world: World, on: InterfaceRow, egress: boolean, peer: Peer, traffic: Traffic): boolean =>
  rulesOn(world, on, egress).some((rule) => covers(rule, traffic) && comesFrom(rule.source, peer));

/** The peer by those of its addresses that the network ACL before an interface lets through; undefined without any. */
function unfiltered(world: World, on: InterfaceRow, egress: boolean, peer: Peer, traffic: Traffic): Peer | undefined {
  if (peer.subnetId === on.subnetId) return peer;
  const addresses = peer.addresses.filter((address) => passesAcl(world, on, { egress, ...traffic }, address));
  return addresses.length > 0 ? { ...peer, addresses } : undefined;
}

/** Network ACL and security groups: both have to let it pass. */
function passes(world: World, on: InterfaceRow, egress: boolean, peer: Peer, traffic: Traffic): boolean {
  const left = unfiltered(world, on, egress, peer, traffic);
  return left !== undefined && allows(world, on, egress, left, traffic);
}

const anywhere = ({ addresses }: Peer): readonly string[] =>
  addresses.map((address) => (isIPv6(address) ? '::/0' : '0.0.0.0/0'));

/**
 * A flow is not tracked where its own direction is open to all addresses and the other one to all addresses on all
 * ports (docs.aws.amazon.com/AWSEC2, "Security group connection tracking").
 */
function isTracked(world: World, on: InterfaceRow, egress: boolean, peer: Peer, traffic: Traffic): boolean {
  const open = anywhere(peer);
  const there = rulesOn(world, on, egress).some((rule) => covers(rule, traffic) && open.includes(rule.source.value));
  const back = rulesOn(world, on, !egress).some(
    ({ protocol, fromPort, toPort, source }) =>
      open.includes(source.value) &&
      (protocol === '-1' || (protocol === traffic.protocol && fromPort === 0 && toPort === 65_535)),
  );
  return !(there && back);
}

const sideOf = (on: InterfaceRow): Side => ({ addresses: [on.privateIp, ...on.ipv6], groups: on.groups, on });

/** The interfaces behind an endpoint, or the outside world where the address is none of ours. */
function sidesOf({ rows }: World, endpoint: Endpoint): readonly Side[] {
  const all = rows.all(networkInterfaces).map(([, row]) => row);
  if (endpoint.startsWith('i-'))
    return rows.get(instances, endpoint)?.state === 'running'
      ? all.filter(({ attachment }) => attachment?.instanceId === endpoint).map(sideOf)
      : [];
  const on = all.find(({ privateIp, publicIp, ipv6 }) => [privateIp, publicIp, ...ipv6].includes(endpoint));
  return [on ? sideOf(on) : { addresses: [endpoint], groups: [] }];
}

/** Both sides speak IPv4, or both IPv6. */
const speakAlike = (from: Side, to: Side): boolean =>
  from.addresses.some((address) => to.addresses.some((other) => isIPv6(address) === isIPv6(other)));

type Way = { readonly on: InterfaceRow; readonly egress: boolean; readonly peer: Peer };
const peerOf = ({ addresses, groups, on }: Side): Peer => ({ addresses, groups, ...(on && { subnetId: on.subnetId }) });
const waysOf = (from: Side, to: Side): readonly Way[] => [
  ...(from.on ? [{ on: from.on, egress: true, peer: peerOf(to) }] : []),
  ...(to.on ? [{ on: to.on, egress: false, peer: peerOf(from) }] : []),
];

/** Whether security groups let an address on the internet in: of what has an interface that is not modelled, as a database. */
export const admits = (
  { rows }: World,
  { groups, from, port }: { readonly groups: readonly string[]; readonly from: string; readonly port: number },
): boolean =>
  rows
    .all(securityGroupRules)
    .some(
      ([, rule]) =>
        !rule.egress &&
        groups.includes(rule.groupId) &&
        covers(rule, { protocol: 'tcp', port }) &&
        comesFrom(rule.source, { addresses: [from], groups: [] }),
    );

/** Whether a new connection comes about: some interface lets it out, and some lets it in. */
export function reach(world: World, { from, to, port, protocol = 'tcp', keep }: Connection): 'connected' | 'timeout' {
  settleFlows(world);
  const traffic = { protocol, port };
  const ways = sidesOf(world, from)
    .flatMap((start) => sidesOf(world, to).flatMap((end) => (speakAlike(start, end) ? [waysOf(start, end)] : [])))
    .find((both) => both.every(({ on, egress, peer }) => passes(world, on, egress, peer, traffic)));
  if (!ways) return 'timeout';
  const ends = ways.map(({ on, egress, peer }) => ({
    networkInterfaceId: on.networkInterfaceId,
    egress,
    peer,
    tracked: isTracked(world, on, egress, peer, traffic),
  }));
  if (keep) world.rows.put(openFlows, `${from}>${to}:${port}/${protocol}`, { from, to, ...traffic, ends });
  return 'connected';
}

/** An end after the groups of its interface have changed; undefined where that cuts the flow. */
function settledEnd(world: World, flow: Flow, end: End): End | undefined {
  const on = world.rows.get(networkInterfaces, end.networkInterfaceId);
  if (!on || (on.attachment && world.rows.get(instances, on.attachment.instanceId)?.state !== 'running'))
    return undefined;
  if (!unfiltered(world, on, end.egress, end.peer, flow)) return undefined;
  if (!end.tracked && !allows(world, on, end.egress, end.peer, flow)) return undefined;
  return { ...end, tracked: isTracked(world, on, end.egress, end.peer, flow) };
}

/** To be called after every change to groups, interfaces and network ACLs: ends the flows that are not tracked and no longer allowed. */
export function settleFlows(world: World): void {
  for (const [key, flow] of world.rows.all(openFlows)) {
    const ends = flow.ends.flatMap((end) => settledEnd(world, flow, end) ?? []);
    if (ends.length < flow.ends.length) world.rows.delete(openFlows, key);
    else if (ends.some(({ tracked }, at) => tracked !== flow.ends[at]?.tracked))
      world.rows.put(openFlows, key, { ...flow, ends });
  }
}

/** The connections that an instance still has open. */
export function flows(world: World, instanceId: string): readonly Flow[] {
  settleFlows(world);
  const own = world.rows
    .all(networkInterfaces)
    .flatMap(([id, { attachment }]) => (attachment?.instanceId === instanceId ? [id] : []));
  return world.rows
    .all(openFlows)
    .flatMap(([, flow]) => (flow.ends.some(({ networkInterfaceId: id }) => own.includes(id)) ? [flow] : []));
}
