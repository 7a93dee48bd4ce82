import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { described, ec2Arn, type Kind, listTags, putTags, rowOf, withDryRun } from './ec2.ts';
import { type AclEntry, type NetworkAclRow, networkAcls, subnets, vpcs } from './ec2-rows.ts';
import { settleFlows } from './network.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** Rules of one direction, the final ones that deny included (docs.aws.amazon.com/vpc, "Amazon VPC quotas"). */
const rulesPerDirection = 20;
const highest = 32_766;
const portless: ReadonlySet<string> = new Set(['-1', '1', '58']);

const Port = z.int().min(0).max(65_535);
const SeededEntry = z.strictObject({
  number: z.int().min(1).max(highest),
  action: z.enum(['allow', 'deny']).default('allow'),
  protocol: z.string().default('-1'),
  cidr: z.union([z.cidrv4(), z.cidrv6()]),
  ports: z.tuple([Port, Port]).optional(),
});
const Acl = z.strictObject({
  id: z.string(),
  vpc: z.string(),
  subnets: z.array(z.string()).default([]),
  ingress: z.array(SeededEntry).default([]),
  egress: z.array(SeededEntry).default([]),
  tags: z.record(z.string(), z.string()).default({}),
});

const aclKind: Kind<NetworkAclRow> = {
  table: networkAcls,
  prefix: 'acl',
  missing: 'InvalidNetworkAclID.NotFound',
  malformed: 'InvalidNetworkAclId.Malformed',
  noun: 'networkAcl ID',
  idOf: ({ networkAclId }) => networkAclId,
  filters: {
    'association.subnet-id': ({ subnets: within }) => within,
    'network-acl-id': ({ networkAclId }) => [networkAclId],
    'vpc-id': ({ vpcId }) => [vpcId],
    default: ({ isDefault }) => [String(isDefault)],
  },
};

const describeEntry = ({ number, egress, action, protocol, cidr, ports }: AclEntry): ec2.NetworkAclEntry => ({
  RuleNumber: number,
  Egress: egress,
  RuleAction: action,
  Protocol: protocol,
  ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
  ...(ports && { PortRange: { From: ports[0], To: ports[1] } }),
});

/** What stands behind all others and denies: a number of its own for each family, which no call touches. */
const last = ({ view }: Call, { vpcId }: NetworkAclRow): readonly AclEntry[] =>
  [false, true].flatMap((egress) => [
    { number: 32_767, egress, action: 'deny' as const, protocol: '-1', cidr: '0.0.0.0/0' },
    ...(view.get(vpcs, vpcId)?.ipv6Cidr === undefined
      ? []
      : [{ number: 32_768, egress, action: 'deny' as const, protocol: '-1', cidr: '::/0' }]),
  ]);

const describe = (call: Call, row: NetworkAclRow): ec2.NetworkAcl => ({
  NetworkAclId: row.networkAclId,
  VpcId: row.vpcId,
  OwnerId: row.account,
  IsDefault: row.isDefault,
  Associations: row.subnets.map((SubnetId) => ({
    SubnetId,
    NetworkAclId: row.networkAclId,
    NetworkAclAssociationId: SubnetId.replace(/^subnet-/, 'aclassoc-'),
  })),
  Entries: [...row.entries, ...last(call, row)].sort((a, b) => a.number - b.number).map(describeEntry),
  Tags: listTags(call.view, row.networkAclId),
});

type Named = Pick<ec2.DeleteNetworkAclEntryRequest, 'RuleNumber' | 'Egress'>;
const isNamed =
  ({ RuleNumber, Egress }: Named) =>
  ({ number, egress }: AclEntry): boolean =>
    number === RuleNumber && egress === Egress;

function wished(asked: ec2.CreateNetworkAclEntryRequest): AclEntry {
  const { RuleNumber = 0, Egress = false, RuleAction, Protocol = '', CidrBlock, Ipv6CidrBlock, PortRange } = asked;
  const cidr = CidrBlock ?? Ipv6CidrBlock;
  if (cidr === undefined || (CidrBlock !== undefined && Ipv6CidrBlock !== undefined))
    throw new AwsFault('MissingParameter', 'The request must contain exactly one of cidrBlock or ipv6CidrBlock');
  if (RuleNumber < 1 || RuleNumber > highest)
    throw new AwsFault('InvalidParameterValue', `Value (${RuleNumber}) for parameter ruleNumber is invalid.`);
  if (!/^(-1|\d{1,3})$/.test(Protocol) || (RuleAction !== 'allow' && RuleAction !== 'deny'))
    throw new AwsFault('InvalidParameterValue', `Invalid value '${Protocol}' for IP protocol or rule action.`);
  if (!portless.has(Protocol) && PortRange === undefined && ['6', '17'].includes(Protocol))
    throw new AwsFault('MissingParameter', 'The request must contain the parameter PortRange.From');
  const ports = PortRange && ([PortRange.From ?? 0, PortRange.To ?? 65_535] as const);
  return { number: RuleNumber, egress: Egress, action: RuleAction, protocol: Protocol, cidr, ...(ports && { ports }) };
}

/** Writes the entries of an ACL; flows that no longer pass end at once. */
function rewrite({ world }: Call, row: NetworkAclRow, entries: readonly AclEntry[]): void {
  world.rows.put(networkAcls, row.networkAclId, { ...row, entries });
  settleFlows(world);
}

const aclArn = ({ NetworkAclId }: { readonly NetworkAclId?: string | undefined }, call: Call): string =>
  ec2Arn(call, 'network-acl', NetworkAclId);

const operations = operationsOf<typeof ec2>()({
  DescribeNetworkAcls: {
    does({ NetworkAclIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, aclKind, { ids, ...asked });
      return { NetworkAcls: rows.map((row) => describe(call, row)), NextToken };
    },
  },
  CreateNetworkAclEntry: {
    on: aclArn,
    does(asked, call) {
      const row = rowOf(call, aclKind, asked.NetworkAclId);
      const entry = wished(asked);
      if (row.entries.some(isNamed(asked)))
        throw new AwsFault(
          'NetworkAclEntryAlreadyExists',
          `The network acl entry identified by ${entry.number} already exists.`,
        );
      const standing = [...row.entries, ...last(call, row)].filter(({ egress }) => egress === entry.egress);
      if (standing.length >= rulesPerDirection)
        throw new AwsFault(
          'NetworkAclEntryLimitExceeded',
          'The maximum number of network acl entries has been reached.',
        );
      rewrite(call, row, [...row.entries, entry]);
      return {};
    },
  },
  DeleteNetworkAclEntry: {
    on: aclArn,
    does(asked, call) {
      const row = rowOf(call, aclKind, asked.NetworkAclId);
      if (!row.entries.some(isNamed(asked)))
        throw new AwsFault(
          'InvalidNetworkAclEntry.NotFound',
          `The network acl entry identified by ${asked.RuleNumber} was not found`,
        );
      const gone = isNamed(asked);
      rewrite(
        call,
        row,
        row.entries.filter((entry) => !gone(entry)),
      );
      return {};
    },
  },
});

/** What a VPC's own ACL begins with: everything passes. */
const allPass = (ipv6: boolean): readonly AclEntry[] =>
  [false, true].flatMap((egress) => [
    { number: 100, egress, action: 'allow' as const, protocol: '-1', cidr: '0.0.0.0/0' },
    ...(ipv6 ? [{ number: 101, egress, action: 'allow' as const, protocol: '-1', cidr: '::/0' }] : []),
  ]);

/** Network ACLs. Every VPC has one of its own, before the subnets that no other one stands before. */
export const ec2NetworkAcls = awsNoun({
  name: 'networkAcls',
  scope: 'region',
  estate: z.array(Acl).default([]),
  seed(rows, list, { account, region }) {
    const place = { account, region };
    for (const { id, vpc, subnets: within, ingress, egress, tags } of list) {
      const spelt = (seeded: z.output<typeof SeededEntry>[], out: boolean): AclEntry[] =>
        seeded.map(({ ports, ...entry }) => ({ ...entry, egress: out, ...(ports && { ports }) }));
      const entries = [...spelt(ingress, false), ...spelt(egress, true)];
      rows.put(networkAcls, id, { ...place, networkAclId: id, vpcId: vpc, isDefault: false, subnets: within, entries });
      putTags(rows, id, place, tags);
    }
    const taken = new Set(list.flatMap((acl) => acl.subnets));
    for (const [vpcId, vpc] of rows.all(vpcs).filter(([, one]) => one.account === account && one.region === region)) {
      const rest = rows.all(subnets).filter(([id, subnet]) => subnet.vpcId === vpcId && !taken.has(id));
      const id = vpcId.replace(/^vpc-/, 'acl-');
      const entries = allPass(vpc.ipv6Cidr !== undefined);
      const standing = { networkAclId: id, vpcId, isDefault: true, subnets: rest.map(([subnet]) => subnet), entries };
      rows.put(networkAcls, id, { ...place, ...standing });
    }
  },
  operations: { ec2: withDryRun(operations) },
});
