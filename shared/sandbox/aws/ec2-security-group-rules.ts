import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import {
  described,
  ec2Arn,
  type Kind,
  putTags,
  rowOf,
  specifiedTags,
  tagContext,
  tagRight,
  withDryRun,
} from './ec2.ts';
import { ec2Tags, type SecurityGroupRow, type SecurityGroupRuleRow, securityGroupRules, vpcs } from './ec2-rows.ts';
import { asPermission, describeRule, type Rule, readPermissions, ruleIdOf, ruleKey, rulesOf } from './ec2-rules.ts';
import { securityGroupKind } from './ec2-security-groups.ts';
import { settleFlows } from './network.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const ruleKind: Kind<SecurityGroupRuleRow> = {
  table: securityGroupRules,
  prefix: 'sgr',
  missing: 'InvalidSecurityGroupRuleId.NotFound',
  malformed: 'InvalidSecurityGroupRuleId.Malformed',
  noun: 'security group rule ID',
  idOf: ruleIdOf,
  filters: {
    'group-id': ({ groupId }) => [groupId],
    'security-group-rule-id': (row) => [ruleIdOf(row)],
  },
};

type Authorising = ec2.AuthorizeSecurityGroupIngressRequest | ec2.AuthorizeSecurityGroupEgressRequest;
type Revoking = ec2.RevokeSecurityGroupIngressRequest | ec2.RevokeSecurityGroupEgressRequest;

const groupOf = (call: Call, id: string | undefined): SecurityGroupRow => rowOf(call, securityGroupKind, id);
const groupArn = ({ GroupId }: { readonly GroupId?: string | undefined }, call: Call): string =>
  ec2Arn(call, 'security-group', GroupId);

const spoken = ({ protocol, fromPort, toPort, source }: Rule): string =>
  `peer: ${source.value}, ${protocol === '-1' ? 'ALL' : `${protocol.toUpperCase()}, from port: ${fromPort}, to port: ${toPort}`}, ALLOW`;

const quota = 60;

/** The quota counts inbound and outbound rules apart, and IPv4 apart from IPv6. */
function checkQuota(rules: readonly SecurityGroupRuleRow[]): void {
  for (const egress of [true, false])
    for (const family of ['ipv4', 'ipv6'])
      if (rules.filter((rule) => rule.egress === egress && rule.source.kind === family).length > quota)
        throw new AwsFault(
          'RulesPerSecurityGroupLimitExceeded',
          'The maximum number of rules per security group has been reached.',
        );
}

/** All rules of a request or, where one of them is wrong, none. */
function authorise(input: Authorising, call: Call, egress: boolean): ec2.AuthorizeSecurityGroupIngressResult {
  const { account, region, groupId } = groupOf(call, input.GroupId);
  const tags = specifiedTags(input.TagSpecifications, 'security-group-rule');
  const standing = rulesOf(call.view, groupId);
  const keys = new Set(standing.map(ruleKey));
  const made = readPermissions(call, input.IpPermissions).map((rule): SecurityGroupRuleRow => {
    const row = { ...rule, account, region, groupId, egress, revision: call.world.next('ec2.rule') };
    if (keys.has(ruleKey(row)))
      throw new AwsFault('InvalidPermission.Duplicate', `the specified rule "${spoken(rule)}" already exists`);
    keys.add(ruleKey(row));
    return row;
  });
  checkQuota([...standing, ...made]);
  for (const row of made) {
    call.world.rows.put(securityGroupRules, ruleKey(row), row);
    putTags(call.world.rows, ruleIdOf(row), row, tags);
  }
  settleFlows(call.world);
  return { Return: true, SecurityGroupRules: made.map((row) => describeRule(call.view, row)) };
}

type Found = { readonly found: readonly SecurityGroupRuleRow[]; readonly unknown: readonly Rule[] };

function byIds(input: Revoking, standing: readonly SecurityGroupRuleRow[]): Found {
  if (input.IpPermissions?.length)
    throw new AwsFault('InvalidParameterCombination', 'Give either ipPermissions or securityGroupRuleIds.');
  const found = (input.SecurityGroupRuleIds ?? []).map((id) => {
    if (!/^sgr-[0-9a-f]{17}$/.test(id))
      throw new AwsFault('InvalidSecurityGroupRuleId.Malformed', `Invalid id: "${id}" (expecting "sgr-...")`);
    const row = standing.find((rule) => ruleIdOf(rule) === id);
    if (row) return row;
    throw new AwsFault('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);
  });
  return { found, unknown: [] };
}

function byPermissions(input: Revoking, call: Call, standing: readonly SecurityGroupRuleRow[], egress: boolean): Found {
  const groupId = input.GroupId ?? '';
  const asked = readPermissions(call, input.IpPermissions).map((rule) => ({
    rule,
    row: standing.find((one) => ruleKey(one) === ruleKey({ ...rule, groupId, egress })),
  }));
  return {
    found: asked.flatMap(({ row }) => row ?? []),
    unknown: asked.flatMap(({ rule, row }) => (row ? [] : [rule])),
  };
}

/** In a default VPC a rule that is not there is named in the answer; elsewhere it fails the whole request. */
function revoke(input: Revoking, call: Call, egress: boolean): ec2.RevokeSecurityGroupIngressResult {
  const { groupId, vpcId, account } = groupOf(call, input.GroupId);
  const standing = rulesOf(call.view, groupId).filter((rule) => rule.egress === egress);
  const { found, unknown } = input.SecurityGroupRuleIds?.length
    ? byIds(input, standing)
    : byPermissions(input, call, standing, egress);
  if (unknown.length > 0 && !call.view.get(vpcs, vpcId)?.isDefault)
    throw new AwsFault('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  for (const row of found) {
    call.world.rows.delete(securityGroupRules, ruleKey(row));
    call.world.rows.delete(ec2Tags, ruleIdOf(row));
  }
  settleFlows(call.world);
  return {
    Return: true,
    UnknownIpPermissions: unknown.map((rule) => asPermission(account, rule)),
    RevokedSecurityGroupRules: found.map((row) => ({
      SecurityGroupRuleId: ruleIdOf(row),
      GroupId: groupId,
      IsEgress: egress,
      IpProtocol: row.protocol,
      FromPort: row.fromPort,
      ToPort: row.toPort,
    })),
  };
}

const groupTags = ({ GroupId }: { readonly GroupId?: string | undefined }, { view }: Call) => tagContext(view, GroupId);

/** Rules are tagged as they are made. */
const ruleTags = (creating: string) => (input: Authorising, call: Call) =>
  tagRight(call, input.TagSpecifications, 'security-group-rule', creating);

const operations = operationsOf<typeof ec2>()({
  DescribeSecurityGroupRules: {
    does({ SecurityGroupRuleIds: ids = [], Filters = [], MaxResults, NextToken }, call) {
      const byId = ids.length > 0 ? [{ Name: 'security-group-rule-id', Values: ids }] : [];
      const asked = { ids: undefined, Filters: [...Filters, ...byId], MaxResults, NextToken };
      const { rows, NextToken: next } = described(call, ruleKind, asked);
      const missing = ids.find((id) => !call.view.all(securityGroupRules).some(([, row]) => ruleIdOf(row) === id));
      if (missing !== undefined)
        throw new AwsFault(ruleKind.missing, `The ${ruleKind.noun} '${missing}' does not exist`);
      return { SecurityGroupRules: rows.map((row) => describeRule(call.view, row)), NextToken: next };
    },
  },
  AuthorizeSecurityGroupIngress: {
    on: groupArn,
    context: groupTags,
    also: ruleTags('AuthorizeSecurityGroupIngress'),
    does: (input, call) => authorise(input, call, false),
  },
  AuthorizeSecurityGroupEgress: {
    on: groupArn,
    context: groupTags,
    also: ruleTags('AuthorizeSecurityGroupEgress'),
    does: (input, call) => authorise(input, call, true),
  },
  RevokeSecurityGroupIngress: { on: groupArn, context: groupTags, does: (input, call) => revoke(input, call, false) },
  RevokeSecurityGroupEgress: { on: groupArn, context: groupTags, does: (input, call) => revoke(input, call, true) },
});

/** Rules of security groups, which an estate lists with their group (docs.aws.amazon.com/AWSEC2, AuthorizeSecurityGroupIngress). */
export const ec2SecurityGroupRules = awsNoun({
  name: 'securityGroupRules',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { ec2: withDryRun(operations) },
});
