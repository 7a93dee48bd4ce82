import { EC2Client, type NetworkAcl, type NetworkAclEntry, paginateDescribeNetworkAcls } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { type AddressRange, rangeOf } from '../../pattern/address-range.ts';
import type { AwsSession } from './aws-action.ts';

/** What one numbered rule of a network ACL does; its direction and number are its name. */
export const AclRule = z.strictObject({
  action: z.enum(['allow', 'deny']),
  /** A protocol's number, or `-1` for all. */
  protocol: z.string(),
  cidr: z.string(),
  ports: z.string().exactOptional(),
  /** Type and code of ICMP. */
  icmp: z.string().exactOptional(),
});
export type AclRule = z.infer<typeof AclRule>;

/** Which way traffic crosses the border of a subnet. */
export const ways = ['ingress', 'egress'] as const;
export type Way = (typeof ways)[number];

/** Numbers from here on are those of the rules that deny whatever no other allows. */
const last = 32_767;

/** A rule with its place, as `acl-0123456789abcdef0/ingress/100`. */
export type Placed = { readonly acl: string; readonly way: Way; readonly number: number; readonly rule: AclRule };

export const nameOf = ({ acl, way, number }: Omit<Placed, 'rule'>): string => `${acl}/${way}/${number}`;

/** A block in the one spelling that EC2 answers with. */
export function plainBlock(text: string): string {
  const [address = '', bits] = text.split('/');
  const v6 = address.includes(':');
  const spelt = v6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
  return `${spelt}/${bits ?? (v6 ? '128' : '32')}`;
}

const ruleOf = (entry: NetworkAclEntry): AclRule => {
  const { RuleAction, Protocol = '-1', CidrBlock, Ipv6CidrBlock, PortRange, IcmpTypeCode } = entry;
  return {
    action: RuleAction === 'allow' ? 'allow' : 'deny',
    protocol: Protocol,
    cidr: plainBlock(CidrBlock ?? Ipv6CidrBlock ?? '0.0.0.0/0'),
    ...(PortRange && { ports: `${PortRange.From}-${PortRange.To}` }),
    ...(IcmpTypeCode && { icmp: `${IcmpTypeCode.Type}/${IcmpTypeCode.Code}` }),
  };
};

const rulesOf = ({ NetworkAclId: acl = '', Entries = [] }: NetworkAcl): readonly Placed[] =>
  Entries.filter(({ RuleNumber = last }) => RuleNumber < last).map((entry) => ({
    acl,
    way: entry.Egress ? 'egress' : 'ingress',
    number: entry.RuleNumber ?? last,
    rule: ruleOf(entry),
  }));

/** The network ACLs before some subnets, each under its own id, and every rule of theirs. */
export async function readAcls(
  aws: AwsSession,
  subnetIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<State<AclRule>> {
  const Filters = [{ Name: 'association.subnet-id', Values: [...subnetIds] }];
  const pages = paginateDescribeNetworkAcls({ client: aws.client(EC2Client) }, { Filters }, { abortSignal });
  const found = (await Array.fromAsync(pages)).flatMap(({ NetworkAcls = [] }) => NetworkAcls);
  return Object.fromEntries([
    ...found.map(({ NetworkAclId = '' }) => [NetworkAclId, null] as const),
    ...found.flatMap((acl) => rulesOf(acl).map((placed) => [nameOf(placed), placed.rule] as const)),
  ]);
}

/** The place that a resource of a plan names; undefined for an ACL as a whole. */
export function placeOf(resource: string): Omit<Placed, 'rule'> | undefined {
  const [acl = '', way, number] = resource.split('/');
  const known = ways.find((one) => one === way);
  return known && { acl, way: known, number: Number(number) };
}

/** The rules of one direction of an ACL, in the order in which they are judged. */
export function rulesIn(seen: State<AclRule>, acl: string, way: Way): readonly Placed[] {
  const all = Object.entries(seen).flatMap(([resource, rule]): Placed[] => {
    const place = placeOf(resource);
    return rule && place?.acl === acl && place.way === way ? [{ ...place, rule }] : [];
  });
  return all.sort((a, b) => a.number - b.number);
}

/** Ids of the ACLs that were seen. */
export const aclsIn = (seen: State<AclRule>): readonly string[] =>
  Object.keys(seen).filter((resource) => placeOf(resource) === undefined);

/** Whether one block has all of another in it. */
export const within = (inner: AddressRange, outer: AddressRange): boolean =>
  inner.family === outer.family && outer.first <= inner.first && inner.last <= outer.last;

/** The addresses of a rule; those of none for a block that cannot be read. */
export const rangeIn = ({ cidr }: AclRule): AddressRange | undefined => rangeOf(cidr);
