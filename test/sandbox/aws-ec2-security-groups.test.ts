import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { ec2Tags, vpcs } from '../../shared/sandbox/aws/ec2-rows.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';
import { northwind } from '../support/company.ts';

const VpcId = 'vpc-0bb22cc33dd44ee00';
const dualVpc = 'vpc-0aa11bb22cc33dd00';
const management = 'sg-0aa11bb22cc330013';
const workers = 'sg-0bb22cc33dd440011';

const tcp = (port: number, cidr: string, Description?: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp: cidr, ...(Description !== undefined && { Description }) }],
});

function play() {
  const sandbox = createSandbox(northwind());
  const client = new EC2Client(holding(sandbox, 'AKIABREAKGLASS000001'));
  const rulesOf = async (GroupId: string) => {
    const command = new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] });
    return (await client.send(command)).SecurityGroupRules ?? [];
  };
  const create = async (GroupName: string, vpc = VpcId, tags: Record<string, string> = {}) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const made = await client.send(
      new CreateSecurityGroupCommand({
        GroupName,
        Description: 'for a test',
        VpcId: vpc,
        ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'security-group', Tags }] }),
      }),
    );
    return made.GroupId ?? '';
  };
  const authorise = (GroupId: string, ...IpPermissions: IpPermission[]) =>
    client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const revoke = (GroupId: string, ...IpPermissions: IpPermission[]) =>
    client.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  return { sandbox, client, rulesOf, create, authorise, revoke };
}

describe('security groups', () => {
  it('begin with a rule that lets everything out, in each family that the VPC has', async () => {
    const { create, rulesOf } = play();
    const shown = async (vpc: string) =>
      (await rulesOf(await create('fresh', vpc))).map((rule) => [
        rule.IsEgress,
        rule.IpProtocol,
        rule.CidrIpv4 ?? rule.CidrIpv6,
      ]);
    expect(await shown(VpcId)).toEqual([[true, '-1', '0.0.0.0/0']]);
    expect(await shown(dualVpc)).toEqual([
      [true, '-1', '0.0.0.0/0'],
      [true, '-1', '::/0'],
    ]);
  });

  it('are made with tags and found by name, VPC and tag', async () => {
    const { client, create } = play();
    const id = await create('marked', VpcId, { 'cordon:run': 'abc' });
    const found = async (Name: string, value: string) => {
      const Filters = [
        { Name: 'vpc-id', Values: [VpcId] },
        { Name, Values: [value] },
      ];
      const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand({ Filters }));
      return SecurityGroups.map(({ GroupId }) => GroupId);
    };
    expect(await found('group-name', 'mark*')).toEqual([id]);
    expect(await found('tag:cordon:run', 'abc')).toEqual([id]);
    expect(await found('tag-key', 'cordon:run')).toEqual([id]);
    expect(await found('tag:cordon:run', 'other')).toEqual([]);
    expect(await refusal(found('colour', 'red'))).toBe('InvalidParameterValue');
  });

  it('are refused by name: twice in a VPC, reserved, malformed, in no VPC, with tags of AWS', async () => {
    const { create } = play();
    await create('twice');
    expect(await refusal(create('twice'))).toBe('InvalidGroup.Duplicate');
    expect(await refusal(create('twice', dualVpc))).toBeUndefined();
    expect(await refusal(create('default'))).toBe('InvalidParameterValue');
    expect(await refusal(create('sg-like'))).toBe('InvalidParameterValue');
    expect(await refusal(create('fine', 'vpc-0123456789abcdef0'))).toBe('InvalidVpcID.NotFound');
    expect(await refusal(create('fine', VpcId, { 'aws:mine': 'x' }))).toBe('InvalidParameterValue');
  });

  it('go only when nothing uses or names them, and take rules and tags with them', async () => {
    const { client, create, authorise, sandbox } = play();
    const remove = (GroupId: string) => refusal(client.send(new DeleteSecurityGroupCommand({ GroupId })));
    const [a, b] = [await create('a', VpcId, { owner: 'test' }), await create('b')];
    await authorise(b, { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: a }] });
    expect(await remove(workers)).toBe('DependencyViolation');
    expect(await remove(a)).toBe('DependencyViolation');
    expect(await remove(b)).toBeUndefined();
    expect(await remove(a)).toBeUndefined();
    expect(await remove(a)).toBe('InvalidGroup.NotFound');
    expect(await remove('group-a')).toBe('InvalidGroupId.Malformed');
    expect(sandbox.rows.get(ec2Tags, a)).toBeUndefined();
  });

  it('are listed page by page, and refuse a page of one', async () => {
    const { client, create } = play();
    for (const number of Array.from({ length: 12 }).keys()) await create(`group-${number}`);
    const Filters = [{ Name: 'description', Values: ['for a test'] }];
    const pages = await Array.fromAsync(paginateDescribeSecurityGroups({ client, pageSize: 5 }, { Filters }));
    expect(pages.map(({ SecurityGroups = [] }) => SecurityGroups.length)).toEqual([5, 5, 2]);
    const one = new DescribeSecurityGroupsCommand({ MaxResults: 1 });
    expect(await refusal(client.send(one))).toBe('InvalidParameterValue');
  });

  it('are shown as they were while EC2 lags behind', async () => {
    const { create, rulesOf, sandbox, client } = play();
    sandbox.rows.setLag('aws.ec2', 5);
    const GroupIds = [await create('late')];
    expect(await refusal(client.send(new DescribeSecurityGroupsCommand({ GroupIds })))).toBe('InvalidGroup.NotFound');
    expect(await rulesOf(String(GroupIds[0]))).toEqual([]);
    sandbox.clock.advance(5);
    expect(await rulesOf(String(GroupIds[0]))).toHaveLength(1);
  });
});

describe('rules of security groups', () => {
  it('take every kind of source and name it again', async () => {
    const { authorise, create, rulesOf } = play();
    const id = await create('sources');
    await authorise(
      id,
      { IpProtocol: '6', FromPort: 80, ToPort: 90, IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'inside' }] },
      { IpProtocol: 'udp', FromPort: 53, ToPort: 53, Ipv6Ranges: [{ CidrIpv6: '2001:DB8:0::/48' }] },
      { IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-0123456789abcdef0' }] },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, UserIdGroupPairs: [{ GroupId: workers }] },
      { IpProtocol: '50', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    );
    const shown = (await rulesOf(id)).filter(({ IsEgress }) => !IsEgress);
    expect(shown.map(({ IpProtocol, FromPort, ToPort }) => [IpProtocol, FromPort, ToPort])).toEqual([
      ['tcp', 80, 90],
      ['udp', 53, 53],
      ['-1', -1, -1],
      ['icmp', 8, -1],
      ['50', -1, -1],
    ]);
    expect(
      shown.map((rule) => rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId),
    ).toEqual(['10.0.0.0/8', '2001:db8::/48', 'pl-0123456789abcdef0', workers, '0.0.0.0/0']);
    expect(shown[0]?.Description).toBe('inside');
  });

  it('keep their id while they stand and get another when they are made again', async () => {
    const { authorise, revoke, rulesOf } = play();
    const idOf = async () =>
      (await rulesOf(management)).find(({ CidrIpv4 }) => CidrIpv4 === '0.0.0.0/0')?.SecurityGroupRuleId;
    const first = await idOf();
    expect(await idOf()).toBe(first);
    await revoke(management, tcp(22, '0.0.0.0/0'));
    await authorise(management, tcp(22, '0.0.0.0/0'));
    expect(await idOf()).toMatch(/^sgr-[0-9a-f]{17}$/);
    expect(await idOf()).not.toBe(first);
  });

  it('are made all or none, and never twice', async () => {
    const { authorise, rulesOf } = play();
    const before = await rulesOf(management);
    const both = authorise(management, tcp(8443, '0.0.0.0/0'), tcp(22, '0.0.0.0/0', 'described otherwise'));
    expect(await refusal(both)).toBe('InvalidPermission.Duplicate');
    expect(await rulesOf(management)).toEqual(before);
    const everything = Array.from({ length: 59 }, (_, at) => tcp(1000 + at, '0.0.0.0/0'));
    expect(await refusal(authorise(management, ...everything))).toBe('RulesPerSecurityGroupLimitExceeded');
  });

  it('are refused where they make no sense', async () => {
    const { authorise } = play();
    const refused = (permission: IpPermission) => refusal(authorise(management, permission));
    const IpRanges = [{ CidrIp: '192.0.2.0/24' }];
    expect(await refused({ IpProtocol: 'tcp', FromPort: 9, ToPort: 1, IpRanges })).toBe('InvalidParameterValue');
    expect(await refused({ IpProtocol: 'tcp', IpRanges })).toBe('InvalidParameterValue');
    expect(await refused({ IpProtocol: 'talk', IpRanges })).toBe('InvalidParameterValue');
    expect(await refused({ IpProtocol: '-1' })).toBe('InvalidParameterValue');
    expect(await refused(tcp(1, '192.0.2.0/33'))).toBe('InvalidParameterValue');
    expect(await refused(tcp(1, '192.0.2.0/24', 'naïve'))).toBe('InvalidParameterValue');
    const stranger = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0123456789abcdef0' }] };
    expect(await refused(stranger)).toBe('InvalidGroup.NotFound');
    expect(await refusal(authorise('sg-0123456789abcdef0', tcp(1, '192.0.2.0/24')))).toBe('InvalidGroup.NotFound');
  });

  it('are revoked by id, whatever their source', async () => {
    const { client, rulesOf } = play();
    const rules = (await rulesOf(management)).filter(({ IsEgress }) => !IsEgress);
    const SecurityGroupRuleIds = rules.flatMap(({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? []);
    const revokeIds = (ids: string[]) =>
      client.send(new RevokeSecurityGroupIngressCommand({ GroupId: management, SecurityGroupRuleIds: ids }));
    expect((await revokeIds(SecurityGroupRuleIds)).RevokedSecurityGroupRules).toHaveLength(4);
    expect((await rulesOf(management)).filter(({ IsEgress }) => !IsEgress)).toEqual([]);
    expect(await refusal(revokeIds(SecurityGroupRuleIds))).toBe('InvalidSecurityGroupRuleId.NotFound');
    expect(await refusal(revokeIds(['sgr-1']))).toBe('InvalidSecurityGroupRuleId.Malformed');
  });

  it('that are not there fail the request, but are only named in a default VPC', async () => {
    const { revoke, rulesOf, sandbox } = play();
    const before = await rulesOf(management);
    const mixed = [tcp(22, '0.0.0.0/0'), tcp(23, '0.0.0.0/0')];
    expect(await refusal(revoke(management, ...mixed))).toBe('InvalidPermission.NotFound');
    expect(await rulesOf(management)).toEqual(before);
    const vpc = sandbox.rows.get(vpcs, dualVpc);
    if (vpc) sandbox.rows.put(vpcs, dualVpc, { ...vpc, isDefault: true });
    const answer = await revoke(management, ...mixed);
    expect(answer.Return).toBe(true);
    expect(answer.RevokedSecurityGroupRules).toHaveLength(1);
    expect(answer.UnknownIpPermissions).toMatchObject([{ FromPort: 23 }]);
  });

  it('go out as they come in', async () => {
    const { client, create, rulesOf } = play();
    const GroupId = await create('out');
    const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await client.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [all] }));
    expect(await rulesOf(GroupId)).toEqual([]);
    await client.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [tcp(443, '0.0.0.0/0')] }));
    expect(await rulesOf(GroupId)).toMatchObject([{ IsEgress: true, FromPort: 443 }]);
  });

  it('carry tags of their own, and are listed page by page', async () => {
    const { authorise, client, create, rulesOf } = play();
    const GroupId = await create('many');
    const TagSpecifications = [{ ResourceType: 'security-group-rule' as const, Tags: [{ Key: 'why', Value: 'test' }] }];
    await client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [tcp(1, '0.0.0.0/0')], TagSpecifications }),
    );
    expect((await rulesOf(GroupId)).at(-1)?.Tags).toEqual([{ Key: 'why', Value: 'test' }]);
    await authorise(GroupId, ...Array.from({ length: 10 }, (_, at) => tcp(100 + at, '0.0.0.0/0')));
    const Filters = [{ Name: 'group-id', Values: [GroupId] }];
    const pages = await Array.fromAsync(paginateDescribeSecurityGroupRules({ client, pageSize: 5 }, { Filters }));
    expect(pages.map(({ SecurityGroupRules = [] }) => SecurityGroupRules.length)).toEqual([5, 5, 2]);
    const byId = new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: ['sgr-0123456789abcdef0'] });
    expect(await refusal(client.send(byId))).toBe('InvalidSecurityGroupRuleId.NotFound');
  });

  it('stay as they are in a dry run, which says that it would have worked', async () => {
    const { client, rulesOf } = play();
    const before = await rulesOf(management);
    const command = { GroupId: management, IpPermissions: [tcp(8443, '0.0.0.0/0')], DryRun: true };
    expect(await refusal(client.send(new AuthorizeSecurityGroupIngressCommand(command)))).toBe('DryRunOperation');
    expect(await rulesOf(management)).toEqual(before);
  });

  it('may only be changed and tagged with the rights to both', async () => {
    const { sandbox } = play();
    const client = new EC2Client(holding(sandbox, 'AKIACIDEPLOY00000001'));
    const command = { GroupId: management, IpPermissions: [tcp(8443, '0.0.0.0/0')], DryRun: true };
    expect(await refusal(client.send(new AuthorizeSecurityGroupIngressCommand(command)))).toBe('UnauthorizedOperation');
  });
});
