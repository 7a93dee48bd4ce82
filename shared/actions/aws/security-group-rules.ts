import { BlockList, isIPv6 } from 'node:net';
import {
  EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroupRules,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import type { AwsSession } from './aws-action.ts';

/** A rule taken apart; `from` and `to` are -1 where the protocol has no ports or all are meant. */
export type Rule = {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `all`. */
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  /** A CIDR block, `pl-…` or `sg-…`. */
  readonly peer: string;
};

/** The one spelling of a rule: `tcp 22 0.0.0.0/0`, `udp 53-60 ::/0`, `all any sg-0123…`. Descriptions and ids are no part of it. */
export function spellRule({ protocol, from, to, peer }: Rule): string {
  const ports = from === to ? `${from}` : `${from}-${to}`;
  return `${protocol} ${from === -1 && to === -1 ? 'any' : ports} ${peer}`;
}

const spelling = /^(\w+) (?:any|(-?\d+)(?:-(-?\d+))?) (\S+)$/;

/** Reads such a spelling again; undefined for any other text. */
export function parseRule(text: string): Rule | undefined {
  const [, protocol, from = '-1', to = from, peer] = spelling.exec(text) ?? [];
  if (protocol === undefined || peer === undefined) return undefined;
  return { protocol, from: Number(from), to: Number(to), peer };
}

/** Whether two CIDR blocks are the same one, however they are spelt; never true of a group or a prefix list. */
export function sameBlock(one: string, other: string): boolean {
  const [address = '', bits] = one.split('/');
  const [start = '', length] = other.split('/');
  if (bits === undefined || bits !== length || isIPv6(address) !== isIPv6(start)) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const blocks = new BlockList();
  blocks.addSubnet(address, Number(bits), family);
  return blocks.check(start, family);
}

/** A rule as EC2 describes it. */
export const seenRule = (rule: SecurityGroupRule): Rule => {
  const { IpProtocol = '-1', FromPort = -1, ToPort = -1, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  const all = IpProtocol === '-1';
  return {
    protocol: all ? 'all' : IpProtocol,
    from: all ? -1 : FromPort,
    to: all ? -1 : ToPort,
    peer: CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? ReferencedGroupInfo?.GroupId ?? '',
  };
};

/** The rules in one entry as DescribeSecurityGroups lists them (docs.aws.amazon.com/AWSEC2, IpPermission). */
export function rulesIn(permission: IpPermission): readonly Rule[] {
  const { IpProtocol = '-1', FromPort = -1, ToPort = -1 } = permission;
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  const all = IpProtocol === '-1';
  const ports = { protocol: all ? 'all' : IpProtocol, from: all ? -1 : FromPort, to: all ? -1 : ToPort };
  const peers = [
    ...IpRanges.map(({ CidrIp }) => CidrIp),
    ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
    ...PrefixListIds.map(({ PrefixListId }) => PrefixListId),
    ...UserIdGroupPairs.map(({ GroupId }) => GroupId),
  ];
  return peers.map((peer = '') => ({ ...ports, peer }));
}

/** A rule as Authorize and Revoke take it (docs.aws.amazon.com/AWSEC2, IpPermission). */
export function permissionOf({ protocol, from, to, peer }: Rule, description?: string): IpPermission {
  const described = description === undefined ? {} : { Description: description };
  const source = (): IpPermission => {
    if (peer.startsWith('sg-')) return { UserIdGroupPairs: [{ GroupId: peer, ...described }] };
    if (peer.startsWith('pl-')) return { PrefixListIds: [{ PrefixListId: peer, ...described }] };
    if (peer.includes(':')) return { Ipv6Ranges: [{ CidrIpv6: peer, ...described }] };
    return { IpRanges: [{ CidrIp: peer, ...described }] };
  };
  const icmp = protocol.startsWith('icmp');
  return {
    IpProtocol: protocol === 'all' ? '-1' : protocol,
    ...((icmp || from !== -1) && { FromPort: from, ToPort: to }),
    ...source(),
  };
}

/** Every rule of some groups. */
export async function listRules(
  aws: AwsSession,
  groupIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<readonly SecurityGroupRule[]> {
  if (groupIds.length === 0) return [];
  const filter = { Filters: [{ Name: 'group-id', Values: [...groupIds] }], MaxResults: 1_000 };
  const pages = paginateDescribeSecurityGroupRules({ client: aws.client(EC2Client) }, filter, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ SecurityGroupRules = [] }) => SecurityGroupRules);
}
