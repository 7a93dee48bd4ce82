import { isIPv4, isIPv6 } from 'node:net';
import type * as ec2 from '@aws-sdk/client-ec2';
import { digest } from '../../model/json.ts';
import type { View } from '../rows.ts';
import { listTags } from './ec2.ts';
import { type RuleSource, type SecurityGroupRuleRow, securityGroupRules, securityGroups } from './ec2-rows.ts';
import type { Call } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** A rule without its place: what a request says of it. */
export type Rule = Pick<SecurityGroupRuleRow, 'protocol' | 'fromPort' | 'toPort' | 'source' | 'description'>;
type Keyed = Pick<SecurityGroupRuleRow, 'groupId' | 'egress'> & Rule;

/** What makes two rules of a group the same one: all but the description. */
export const ruleKey = ({ groupId, egress, protocol, fromPort, toPort, source }: Keyed): string =>
  `${groupId}/${egress ? 'egress' : 'ingress'}/${protocol}/${fromPort}-${toPort}/${source.value}`;

/** The id stays while the rule stands; authorised again, it is another one. */
export const ruleIdOf = (row: SecurityGroupRuleRow): string =>
  `sgr-0${digest([ruleKey(row), row.revision]).slice(0, 16)}`;

/** The rules of a group in the order they were made. */
export const rulesOf = (view: View, groupId: string): readonly SecurityGroupRuleRow[] =>
  view
    .all(securityGroupRules)
    .map(([, row]) => row)
    .filter((row) => row.groupId === groupId);

/** Protocol names by number; any other number stands as it is. */
const protocols: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };
const withPorts = ['tcp', 'udp'];
const invalid = (message: string) => new AwsFault('InvalidParameterValue', message);

function protocolOf(given: string | undefined): string {
  if (given === undefined) throw new AwsFault('MissingParameter', 'The request must contain the parameter ipProtocol.');
  const name = protocols[given] ?? given.toLowerCase();
  if (name === '-1' || Object.values(protocols).includes(name)) return name;
  if (/^\d{1,3}$/.test(name) && Number(name) <= 255) return name;
  throw invalid(`Invalid value '${given}' for IP protocol. Unknown protocol.`);
}

function portsOf(protocol: string, { FromPort, ToPort }: ec2.IpPermission): readonly [number, number] {
  if (protocol === 'icmp' || protocol === 'icmpv6') return [FromPort ?? -1, ToPort ?? -1];
  if (!withPorts.includes(protocol)) return [-1, -1];
  if (FromPort === undefined || ToPort === undefined)
    throw invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  if (FromPort < 0 || ToPort > 65_535 || FromPort > ToPort)
    throw invalid(`Invalid ${protocol.toUpperCase()} port range (${FromPort}:${ToPort})`);
  return [FromPort, ToPort];
}

/** Clears the bits of an IPv4 address behind the prefix, as EC2 does before it stores a block. */
function masked(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - bits);
  const start = Math.floor(number / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.');
}

function block(text: string | undefined, family: 'ipv4' | 'ipv6'): RuleSource {
  const [address = '', bits = ''] = (text ?? '').split('/');
  const is = family === 'ipv4' ? isIPv4 : isIPv6;
  if (!is(address) || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv4' ? 32 : 128))
    throw invalid(`CIDR block ${text} is malformed`);
  const start =
    family === 'ipv4' ? masked(address, Number(bits)) : new URL(`http://[${address}]`).hostname.slice(1, -1);
  return { kind: family, value: `${start}/${Number(bits)}` };
}

function peerGroup({ world }: Pick<Call, 'world'>, id: string | undefined): RuleSource {
  if (id !== undefined && world.rows.get(securityGroups, id)) return { kind: 'group', value: id };
  throw new AwsFault('InvalidGroup.NotFound', `The security group '${id ?? ''}' does not exist`);
}

type Described = readonly [source: RuleSource, description: string | undefined];

function* sourcesOf(call: Pick<Call, 'world'>, permission: ec2.IpPermission): Generator<Described> {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  for (const { CidrIp, Description } of IpRanges) yield [block(CidrIp, 'ipv4'), Description];
  for (const { CidrIpv6, Description } of Ipv6Ranges) yield [block(CidrIpv6, 'ipv6'), Description];
  for (const { PrefixListId = '', Description } of PrefixListIds)
    yield [{ kind: 'prefix-list', value: PrefixListId }, Description];
  for (const { GroupId, Description } of UserIdGroupPairs) yield [peerGroup(call, GroupId), Description];
}

const describable = /^[\w\s.:/()#,@[\]+=&;{}!$*-]{0,255}$/;

/** The rules that a request spells as IpPermissions, one per source. Throws as EC2 does for what it refuses. */
export function readPermissions(
  call: Pick<Call, 'world'>,
  permissions: readonly ec2.IpPermission[] | undefined,
): readonly Rule[] {
  if (!permissions?.length)
    throw new AwsFault('MissingParameter', 'The request must contain the parameter ipPermissions.');
  return permissions.flatMap((permission) => {
    const protocol = protocolOf(permission.IpProtocol);
    const [fromPort, toPort] = portsOf(protocol, permission);
    const sources = [...sourcesOf(call, permission)];
    if (sources.length === 0) throw invalid('A source or destination must be specified.');
    return sources.map(([source, description]) => {
      if (description !== undefined && !describable.test(description))
        throw invalid(`Invalid rule description '${description}'.`);
      return { protocol, fromPort, toPort, source, ...(description !== undefined && { description }) };
    });
  });
}

/** A rule as DescribeSecurityGroupRules shows it. */
export const describeRule = (view: View, row: SecurityGroupRuleRow): ec2.SecurityGroupRule => {
  const { account, groupId, egress, protocol, fromPort, toPort, source, description } = row;
  return {
    SecurityGroupRuleId: ruleIdOf(row),
    GroupId: groupId,
    GroupOwnerId: account,
    IsEgress: egress,
    IpProtocol: protocol,
    FromPort: fromPort,
    ToPort: toPort,
    ...(description !== undefined && { Description: description }),
    ...(source.kind === 'ipv4' && { CidrIpv4: source.value }),
    ...(source.kind === 'ipv6' && { CidrIpv6: source.value }),
    ...(source.kind === 'prefix-list' && { PrefixListId: source.value }),
    ...(source.kind === 'group' && { ReferencedGroupInfo: { GroupId: source.value, UserId: account } }),
    Tags: listTags(view, ruleIdOf(row)),
  };
};

/** A rule as requests and DescribeSecurityGroups spell it; without ports where all are meant. */
export const asPermission = (account: string, rule: Rule): ec2.IpPermission => {
  const { protocol, fromPort, toPort, source, description: Description } = rule;
  const described = Description === undefined ? {} : { Description };
  return {
    IpProtocol: protocol,
    ...((withPorts.includes(protocol) || protocol.startsWith('icmp')) && { FromPort: fromPort, ToPort: toPort }),
    IpRanges: source.kind === 'ipv4' ? [{ CidrIp: source.value, ...described }] : [],
    Ipv6Ranges: source.kind === 'ipv6' ? [{ CidrIpv6: source.value, ...described }] : [],
    PrefixListIds: source.kind === 'prefix-list' ? [{ PrefixListId: source.value, ...described }] : [],
    UserIdGroupPairs: source.kind === 'group' ? [{ GroupId: source.value, UserId: account, ...described }] : [],
  };
};
