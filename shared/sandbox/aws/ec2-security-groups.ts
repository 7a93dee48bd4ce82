import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import {
  described,
  ec2Arn,
  freshId,
  type Kind,
  listTags,
  putTags,
  rowOf,
  specifiedTags,
  tagContext,
  tagRight,
  withDryRun,
} from './ec2.ts';
import { asPermission, type Rule, ruleIdOf, ruleKey, rulesOf } from './ec2-rules.ts';
import { ec2Tags, networkInterfaces, type SecurityGroupRow, securityGroupRules, securityGroups } from './ec2-rows.ts';
import { vpcKind } from './ec2-vpcs.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Tags = z.record(z.string(), z.string()).default({});
const Port = z.int().min(-1).max(65_535);
/** A rule as an estate file spells it: one peer, and a port or a range where the protocol has them. */
const SeededRule = z.strictObject({
  protocol: z.string().default('tcp'),
  port: Port.optional(),
  ports: z.tuple([Port, Port]).optional(),
  cidr: z.cidrv4().optional(),
  cidrv6: z.cidrv6().optional(),
  prefixList: z.string().optional(),
  group: z.string().optional(),
  description: z.string().optional(),
  tags: Tags,
});
const anywhere = [{ protocol: '-1', cidr: '0.0.0.0/0' }];
const Group = z.strictObject({
  id: z.string(),
  name: z.string(),
  vpc: z.string(),
  description: z.string().default(''),
  ingress: z.array(SeededRule).default([]),
  /** All IPv4 traffic unless said otherwise, as EC2 makes a group. */
  egress: z.array(SeededRule).prefault(anywhere),
  tags: Tags,
});

function seededRule({
  protocol,
  port,
  ports,
  cidr,
  cidrv6,
  prefixList,
  group,
  description,
}: z.infer<typeof SeededRule>): Rule {
  const [fromPort, toPort] = ports ?? [port ?? -1, port ?? -1];
  const source =
    cidr !== undefined
      ? ({ kind: 'ipv4', value: cidr } as const)
      : cidrv6 !== undefined
        ? ({ kind: 'ipv6', value: cidrv6 } as const)
        : prefixList !== undefined
          ? ({ kind: 'prefix-list', value: prefixList } as const)
          : ({ kind: 'group', value: group ?? '' } as const);
  return { protocol, fromPort, toPort, source, ...(description !== undefined && { description }) };
}

/** Security groups among the resources of EC2. */
export const securityGroupKind: Kind<SecurityGroupRow> = {
  table: securityGroups,
  prefix: 'sg',
  missing: 'InvalidGroup.NotFound',
  malformed: 'InvalidGroupId.Malformed',
  noun: 'security group',
  idOf: ({ groupId }) => groupId,
  filters: {
    'group-id': ({ groupId }) => [groupId],
    'group-name': ({ name }) => [name],
    'vpc-id': ({ vpcId }) => [vpcId],
    description: ({ description }) => [description],
    'owner-id': ({ account }) => [account],
  },
};

const groupArn = ({ GroupId }: { readonly GroupId?: string | undefined }, call: Call): string =>
  ec2Arn(call, 'security-group', GroupId);

const describe = ({ view, partition }: Call, row: SecurityGroupRow): ec2.SecurityGroup => {
  const { groupId, name, description, vpcId, account, region } = row;
  const rules = rulesOf(view, groupId);
  const spelt = (egress: boolean) =>
    rules.filter((rule) => rule.egress === egress).map((rule) => asPermission(account, rule));
  return {
    GroupId: groupId,
    GroupName: name,
    Description: description,
    VpcId: vpcId,
    OwnerId: account,
    SecurityGroupArn: `arn:${partition}:ec2:${region}:${account}:security-group/${groupId}`,
    IpPermissions: spelt(false),
    IpPermissionsEgress: spelt(true),
    Tags: listTags(view, groupId),
  };
};

const text = /^[\w\s.:/()#,@[\]+=&;{}!$*-]{1,255}$/;

function checkName({ view }: Call, vpcId: string, name: string, description: string): void {
  if (!text.test(name) || name.startsWith('sg-'))
    throw new AwsFault('InvalidParameterValue', `Invalid value '${name}' for groupName.`);
  if (name === 'default')
    throw new AwsFault('InvalidParameterValue', `Cannot use reserved security group name: ${name}`);
  if (!text.test(description))
    throw new AwsFault('InvalidParameterValue', `Invalid value '${description}' for groupDescription.`);
  if (view.all(securityGroups).some(([, group]) => group.vpcId === vpcId && group.name === name))
    throw new AwsFault('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
}

function create(input: ec2.CreateSecurityGroupRequest, call: Call): ec2.CreateSecurityGroupResult {
  const { GroupName = '', Description = '', VpcId, TagSpecifications } = input;
  const { account, region, vpcId, ipv6Cidr } = rowOf(call, vpcKind, VpcId);
  const tags = specifiedTags(TagSpecifications, 'security-group');
  checkName(call, vpcId, GroupName, Description);
  const { rows } = call.world;
  const groupId = freshId(call, 'sg');
  const place = { account, region, groupId };
  rows.put(securityGroups, groupId, { ...place, name: GroupName, description: Description, vpcId });
  putTags(rows, groupId, place, tags);
  const everywhere = [
    { kind: 'ipv4', value: '0.0.0.0/0' } as const,
    ...(ipv6Cidr === undefined ? [] : [{ kind: 'ipv6', value: '::/0' } as const]),
  ];
  for (const source of everywhere) {
    const rule = { ...place, egress: true, protocol: '-1', fromPort: -1, toPort: -1, source };
    rows.put(securityGroupRules, ruleKey(rule), { ...rule, revision: call.world.next('ec2.rule') });
  }
  return {
    GroupId: groupId,
    Tags: listTags(call.view, groupId),
    SecurityGroupArn: ec2Arn(call, 'security-group', groupId),
  };
}

function remove({ GroupId }: ec2.DeleteSecurityGroupRequest, call: Call): ec2.DeleteSecurityGroupResult {
  const { groupId, name } = rowOf(call, securityGroupKind, GroupId);
  const { rows } = call.world;
  if (name === 'default')
    throw new AwsFault('CannotDelete', 'the specified group: "default" name: "default" cannot be deleted by a user');
  const used = rows.all(networkInterfaces).some(([, { groups }]) => groups.includes(groupId));
  const named = rows
    .all(securityGroupRules)
    .some(([, rule]) => rule.source.value === groupId && rule.groupId !== groupId);
  if (used || named) throw new AwsFault('DependencyViolation', `resource ${groupId} has a dependent object`);
  for (const rule of rulesOf(rows, groupId)) {
    rows.delete(securityGroupRules, ruleKey(rule));
    rows.delete(ec2Tags, ruleIdOf(rule));
  }
  rows.delete(securityGroups, groupId);
  rows.delete(ec2Tags, groupId);
  return { Return: true, GroupId: groupId };
}

const operations = operationsOf<typeof ec2>()({
  DescribeSecurityGroups: {
    does({ GroupIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, securityGroupKind, { ids, ...asked });
      return { SecurityGroups: rows.map((row) => describe(call, row)), NextToken };
    },
  },
  CreateSecurityGroup: {
    on: ({ VpcId }, call) => [ec2Arn(call, 'security-group'), ec2Arn(call, 'vpc', VpcId)],
    also: ({ TagSpecifications }, call) => tagRight(call, TagSpecifications, 'security-group', 'CreateSecurityGroup'),
    does: create,
  },
  DeleteSecurityGroup: { on: groupArn, context: ({ GroupId }, { view }) => tagContext(view, GroupId), does: remove },
});

/** Security groups with the rules they begin with. */
export const ec2SecurityGroups = awsNoun({
  name: 'securityGroups',
  scope: 'region',
  estate: z.array(Group).default([]),
  seed(rows, list, { account, region }) {
    for (const { id, name, vpc, description, ingress, egress, tags } of list) {
      const place = { account, region, groupId: id };
      rows.put(securityGroups, id, { ...place, name, description, vpcId: vpc });
      putTags(rows, id, place, tags);
      for (const [outward, rules] of [
        [false, ingress],
        [true, egress],
      ] as const)
        for (const rule of rules) {
          const row = { ...place, ...seededRule(rule), egress: outward, revision: 0 };
          rows.put(securityGroupRules, ruleKey(row), row);
          putTags(rows, ruleIdOf(row), place, rule.tags);
        }
    }
  },
  operations: { ec2: withDryRun(operations) },
});
