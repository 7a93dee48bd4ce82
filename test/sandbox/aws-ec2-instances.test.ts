import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { instances } from '../../shared/sandbox/aws/ec2-rows.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';
import { northwind } from '../support/company.ts';

const web = 'i-0aa11bb22cc33dd44';
const checkout = 'i-0bb22cc33dd44ee55';
const first = 'eni-0aa11bb22cc33d001';
const [publicGroup, common] = ['sg-0aa11bb22cc330011', 'sg-0aa11bb22cc330012'];
const workers = 'sg-0bb22cc33dd440011';

function play() {
  const sandbox = createSandbox(northwind());
  const client = new EC2Client(holding(sandbox, 'AKIABREAKGLASS000001'));
  const found = async (Name: string, ...Values: string[]) => {
    const pages = await Array.fromAsync(paginateDescribeInstances({ client }, { Filters: [{ Name, Values }] }));
    const all = pages.flatMap(({ Reservations = [] }) => Reservations.flatMap(({ Instances = [] }) => Instances));
    return all.map(({ InstanceId }) => InstanceId);
  };
  const byIds = async (...InstanceIds: string[]) =>
    (await client.send(new DescribeInstancesCommand({ InstanceIds }))).Reservations ?? [];
  const interfaces = async (Name: string, value: string) => {
    const command = new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: [value] }] });
    return (await client.send(command)).NetworkInterfaces ?? [];
  };
  const setGroups = (NetworkInterfaceId: string, ...Groups: string[]) =>
    client.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));
  return { sandbox, client, found, byIds, interfaces, setGroups };
}

describe('instances', () => {
  it('are shown with state, profile, interfaces, volumes and tags', async () => {
    const { byIds } = play();
    const [reservation] = await byIds(web);
    expect(reservation?.Instances).toMatchObject([
      {
        InstanceId: web,
        State: { Name: 'running', Code: 16 },
        IamInstanceProfile: { Arn: 'arn:aws:iam::111122223333:instance-profile/web-server' },
        PrivateIpAddress: '10.20.1.44',
        PublicIpAddress: '198.51.100.44',
        SourceDestCheck: true,
        NetworkInterfaces: [
          { NetworkInterfaceId: first, Attachment: { DeviceIndex: 0 }, Groups: [{ GroupName: 'web-public' }, {}] },
          { NetworkInterfaceId: 'eni-0aa11bb22cc33d002', Attachment: { DeviceIndex: 1 } },
        ],
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-0aa11bb22cc33d001', DeleteOnTermination: true } },
          { DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false } },
        ],
        Tags: [
          { Key: 'Name', Value: 'web-1' },
          { Key: 'environment', Value: 'production' },
        ],
      },
    ]);
  });

  it('are found by what they are, are in and are tagged with', async () => {
    const { found } = play();
    expect(await found('tag:aws:autoscaling:groupName', 'checkout')).toEqual([checkout, 'i-0cc33dd44ee55ff66']);
    expect(await found('private-ip-address', '10.20.2.44')).toEqual([web]);
    expect(await found('instance.group-id', 'sg-0aa11bb22cc330013')).toEqual([web]);
    expect(await found('tag:Name', 'web-?', 'nat-*')).toEqual([web, 'i-0dd44ee55ff667788']);
    expect(await found('instance-state-name', 'stopped')).toEqual([]);
    expect(await refusal(found('mood', 'good'))).toBe('InvalidParameterValue');
  });

  it('stay visible when terminated, and are refused by ids that are none', async () => {
    const { byIds, sandbox } = play();
    const row = sandbox.rows.get(instances, web);
    if (row) sandbox.rows.put(instances, web, { ...row, state: 'terminated' });
    expect((await byIds(web))[0]?.Instances?.[0]?.State).toEqual({ Name: 'terminated', Code: 48 });
    expect(await refusal(byIds('i-0123456789abcdef0'))).toBe('InvalidInstanceID.NotFound');
    expect(await refusal(byIds(web, 'web-1'))).toBe('InvalidInstanceID.Malformed');
  });

  it('of another account or region do not exist', async () => {
    const { sandbox } = play();
    const elsewhere = new EC2Client(holding(sandbox, 'AKIABREAKGLASS000001', 'us-east-1'));
    const command = new DescribeInstancesCommand({ InstanceIds: [web] });
    expect(await refusal(elsewhere.send(command))).toBe('InvalidInstanceID.NotFound');
  });

  it('are listed in pages that ids exclude', async () => {
    const { client } = play();
    const pages = await Array.fromAsync(paginateDescribeInstances({ client, pageSize: 5 }, {}));
    expect(pages.flatMap(({ Reservations = [] }) => Reservations).length).toBeGreaterThan(3);
    const both = new DescribeInstancesCommand({ InstanceIds: [web], MaxResults: 5 });
    expect(await refusal(client.send(both))).toBe('InvalidParameterCombination');
  });
});

describe('network interfaces', () => {
  it('are found by their instance, group and manager', async () => {
    const { interfaces } = play();
    expect(
      (await interfaces('attachment.instance-id', web)).map(({ VpcId, RequesterManaged }) => [VpcId, RequesterManaged]),
    ).toEqual([
      ['vpc-0aa11bb22cc33dd00', false],
      ['vpc-0aa11bb22cc33dd00', false],
    ]);
    expect(await interfaces('group-id', publicGroup)).toHaveLength(2);
    expect(await interfaces('requester-managed', 'true')).toMatchObject([
      { RequesterId: 'amazon-elb', Status: 'available' },
    ]);
  });

  it('take other groups, which DescribeInstances shows too', async () => {
    const { setGroups, byIds } = play();
    await setGroups(first, common);
    const [reservation] = await byIds(web);
    expect(reservation?.Instances?.[0]?.NetworkInterfaces?.[0]?.Groups).toEqual([
      { GroupId: common, GroupName: 'web-common' },
    ]);
    expect(reservation?.Instances?.[0]?.SecurityGroups).toEqual([{ GroupId: common, GroupName: 'web-common' }]);
  });

  it('refuse groups that are too many, of another VPC or unknown, and those who do not own them', async () => {
    const { setGroups, client } = play();
    expect(await refusal(setGroups(first, ...Array<string>(6).fill(common)))).toBe(
      'SecurityGroupsPerInterfaceLimitExceeded',
    );
    expect(await refusal(setGroups(first, workers))).toBe('InvalidParameterValue');
    expect(await refusal(setGroups(first, 'sg-0123456789abcdef0'))).toBe('InvalidGroup.NotFound');
    expect(await refusal(setGroups(first))).toBe('InvalidParameterCombination');
    expect(await refusal(setGroups('eni-0ee55ff6677889900', common))).toBe('OperationNotPermitted');
    expect(await refusal(setGroups('eni-0123456789abcdef0', common))).toBe('InvalidNetworkInterfaceID.NotFound');
    const byId = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ['eth0'] });
    expect(await refusal(client.send(byId))).toBe('InvalidNetworkInterfaceId.Malformed');
  });
});

describe('VPCs and subnets', () => {
  it('are found by id and by what they lie in', async () => {
    const { client } = play();
    const { Vpcs } = await client.send(new DescribeVpcsCommand({ VpcIds: ['vpc-0aa11bb22cc33dd00'] }));
    expect(Vpcs).toMatchObject([{ CidrBlock: '10.20.0.0/16', IsDefault: false }]);
    const Filters = [{ Name: 'vpc-id', Values: ['vpc-0bb22cc33dd44ee00'] }];
    const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters }));
    expect(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(['eu-west-1a', 'eu-west-1b']);
    const unknown = new DescribeVpcsCommand({ VpcIds: ['vpc-0123456789abcdef0'] });
    expect(await refusal(client.send(unknown))).toBe('InvalidVpcID.NotFound');
  });
});
