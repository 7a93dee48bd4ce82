import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeSecurityGroupRules,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { pageSizes, type Probe, probesOf } from '../probe.ts';

const web = 'i-0aa11bb22cc33dd44';
const vpc = 'vpc-0aa11bb22cc33dd00';
const group = 'sg-0aa11bb22cc330013';
const foreignGroup = 'sg-0bb22cc33dd440011';
const nic = 'eni-0aa11bb22cc33d001';
const volume = 'vol-0aa11bb22cc33d001';
const none = 'ffffffffffffffff';
const tcp = (port: number, CidrIp: string) => [
  { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] },
];

const ec2 = probesOf('ec2', EC2Client);

const networks: readonly Probe[] = [
  ec2('DescribeVpcs', (client, id) => client.send(new DescribeVpcsCommand({ VpcIds: [id(vpc)] }))),
  ec2('DescribeVpcs of an unknown id', (client) => client.send(new DescribeVpcsCommand({ VpcIds: [`vpc-0${none}`] }))),
  ec2('DescribeSubnets', (client, id) =>
    client.send(new DescribeSubnetsCommand({ SubnetIds: [id('subnet-0aa11bb22cc330001')] })),
  ),
  ec2('DescribeSubnets of an unknown id', (client) =>
    client.send(new DescribeSubnetsCommand({ SubnetIds: [`subnet-0${none}`] })),
  ),
  ec2('DescribeNetworkInterfaces', (client, id) =>
    client.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id(nic)] })),
  ),
  ec2('DescribeNetworkInterfaces of an unknown id', (client) =>
    client.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [`eni-0${none}`] })),
  ),
  ec2('DescribeNetworkInterfaces by instance', (client, id) =>
    client.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id(web)] }] }),
    ),
  ),
  ec2('ModifyNetworkInterfaceAttribute of an unknown interface', (client, id) =>
    client.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: `eni-0${none}`, Groups: [id(group)] }),
    ),
  ),
  ec2('ModifyNetworkInterfaceAttribute to an unknown group', (client, id) =>
    client.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id(nic), Groups: [`sg-0${none}`] })),
  ),
  ec2('ModifyNetworkInterfaceAttribute to a group of another VPC', (client, id) =>
    client.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id(nic), Groups: [id(foreignGroup)] }),
    ),
  ),
  ec2('ModifyNetworkInterfaceAttribute', (client, id) =>
    client.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id(nic), Groups: [id(group)] })),
  ),
];

const groups: readonly Probe[] = [
  ec2('DescribeSecurityGroups', (client, id) =>
    client.send(new DescribeSecurityGroupsCommand({ GroupIds: [id(group)] })),
  ),
  ec2('DescribeSecurityGroups of an unknown id', (client) =>
    client.send(new DescribeSecurityGroupsCommand({ GroupIds: [`sg-0${none}`] })),
  ),
  ec2('DescribeSecurityGroups of no id', (client) =>
    client.send(new DescribeSecurityGroupsCommand({ GroupIds: ['group'] })),
  ),
  ec2('DescribeSecurityGroups by an unknown filter', (client) =>
    client.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
  ),
  ec2('DescribeSecurityGroupRules', (client, id) =>
    client.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [id(group)] }] })),
  ),
  ec2('DescribeSecurityGroupRules of an unknown id', (client) =>
    client.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [`sgr-0${none}`] })),
  ),
  ec2(
    'DescribeSecurityGroupRules in pages',
    (client, id) => {
      const Filters = [{ Name: 'group-id', Values: ['1', '2', '3'].map((at) => id(`sg-0aa11bb22cc33001${at}`)) }];
      return pageSizes(paginateDescribeSecurityGroupRules({ client, pageSize: 5 }, { Filters }), 'SecurityGroupRules');
    },
    true,
  ),
  ec2('AuthorizeSecurityGroupIngress', (client, id) =>
    client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') }),
    ),
  ),
  ec2('AuthorizeSecurityGroupIngress twice', (client, id) =>
    client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') }),
    ),
  ),
  ec2('AuthorizeSecurityGroupIngress of no network', (client, id) =>
    client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2/24') }),
    ),
  ),
  ec2('AuthorizeSecurityGroupIngress of an unknown peer', (client, id) => {
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: `sg-0${none}` }] }];
    return client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions }));
  }),
  ec2('AuthorizeSecurityGroupIngress in an unknown group', (client) => {
    return client.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: `sg-0${none}`,
        IpPermissions: tcp(8443, '192.0.2.0/24'),
      }),
    );
  }),
  ec2('AuthorizeSecurityGroupEgress', (client, id) =>
    client.send(
      new AuthorizeSecurityGroupEgressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') }),
    ),
  ),
  ec2('RevokeSecurityGroupIngress', (client, id) =>
    client.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') }),
    ),
  ),
  ec2('RevokeSecurityGroupIngress of an unknown rule', (client, id) =>
    client.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') }),
    ),
  ),
  ec2('RevokeSecurityGroupIngress of an unknown rule id', (client, id) =>
    client.send(new RevokeSecurityGroupIngressCommand({ GroupId: id(group), SecurityGroupRuleIds: [`sgr-0${none}`] })),
  ),
  ec2('RevokeSecurityGroupIngress in an unknown group', (client) => {
    return client.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: `sg-0${none}`,
        IpPermissions: tcp(8443, '192.0.2.0/24'),
      }),
    );
  }),
  ec2('RevokeSecurityGroupEgress', (client, id) =>
    client.send(new RevokeSecurityGroupEgressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') })),
  ),
  ec2('CreateSecurityGroup', (client, id) => {
    const Tags = [{ Key: 'cordon:probe', Value: 'yes' }];
    return client.send(
      new CreateSecurityGroupCommand({
        GroupName: 'probe',
        Description: 'probe',
        VpcId: id(vpc),
        TagSpecifications: [{ ResourceType: 'security-group', Tags }],
      }),
    );
  }),
  ec2('CreateSecurityGroup twice', (client, id) =>
    client.send(new CreateSecurityGroupCommand({ GroupName: 'probe', Description: 'probe', VpcId: id(vpc) })),
  ),
  ec2('CreateSecurityGroup named like an id', (client, id) =>
    client.send(new CreateSecurityGroupCommand({ GroupName: 'sg-probe', Description: 'probe', VpcId: id(vpc) })),
  ),
  ec2('CreateSecurityGroup in an unknown VPC', (client) =>
    client.send(new CreateSecurityGroupCommand({ GroupName: 'other', Description: 'probe', VpcId: `vpc-0${none}` })),
  ),
  ec2('DeleteSecurityGroup in use', (client, id) =>
    client.send(new DeleteSecurityGroupCommand({ GroupId: id(group) })),
  ),
  ec2('DeleteSecurityGroup of an unknown id', (client) =>
    client.send(new DeleteSecurityGroupCommand({ GroupId: `sg-0${none}` })),
  ),
];

const hosts: readonly Probe[] = [
  ec2('DescribeInstances', (client, id) => client.send(new DescribeInstancesCommand({ InstanceIds: [id(web)] }))),
  ec2('DescribeInstances of an unknown id', (client) =>
    client.send(new DescribeInstancesCommand({ InstanceIds: [`i-0${none}`] })),
  ),
  ec2('DescribeInstances of no id', (client) => client.send(new DescribeInstancesCommand({ InstanceIds: ['web-1'] }))),
  ec2('DescribeInstances of ids in pages', (client, id) =>
    client.send(new DescribeInstancesCommand({ InstanceIds: [id(web)], MaxResults: 5 })),
  ),
  ec2('DescribeInstances in too small pages', (client) => client.send(new DescribeInstancesCommand({ MaxResults: 1 }))),
  ec2('DescribeInstances by tag', (client) =>
    client.send(new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: ['web-*'] }] })),
  ),
  ec2('DescribeInstances tried only', (client, id) =>
    client.send(new DescribeInstancesCommand({ InstanceIds: [id(web)], DryRun: true })),
  ),
  ec2('DescribeInstanceAttribute', (client, id) =>
    client.send(new DescribeInstanceAttributeCommand({ InstanceId: id(web), Attribute: 'disableApiTermination' })),
  ),
  ec2('DescribeInstanceAttribute of an unknown id', (client) =>
    client.send(new DescribeInstanceAttributeCommand({ InstanceId: `i-0${none}`, Attribute: 'disableApiTermination' })),
  ),
  ec2('ModifyInstanceAttribute', (client, id) =>
    client.send(new ModifyInstanceAttributeCommand({ InstanceId: id(web), DisableApiTermination: { Value: true } })),
  ),
  ec2('TerminateInstances of a protected one', (client, id) =>
    client.send(new TerminateInstancesCommand({ InstanceIds: [id(web)] })),
  ),
  ec2('StopInstances', (client, id) => client.send(new StopInstancesCommand({ InstanceIds: [id(web)] }))),
  ec2('StopInstances of an unknown id', (client) =>
    client.send(new StopInstancesCommand({ InstanceIds: [`i-0${none}`] })),
  ),
  ec2('DescribeVolumes', (client, id) => client.send(new DescribeVolumesCommand({ VolumeIds: [id(volume)] }))),
  ec2('DescribeVolumes of an unknown id', (client) =>
    client.send(new DescribeVolumesCommand({ VolumeIds: [`vol-0${none}`] })),
  ),
  ec2('CreateSnapshot', (client, id) =>
    client.send(new CreateSnapshotCommand({ VolumeId: id(volume), Description: 'probe' })),
  ),
  ec2('CreateSnapshot of an unknown volume', (client) =>
    client.send(new CreateSnapshotCommand({ VolumeId: `vol-0${none}` })),
  ),
  ec2('DescribeSnapshots', (client) =>
    client.send(
      new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'description', Values: ['probe'] }] }),
    ),
  ),
  ec2('DescribeSnapshots of an unknown id', (client) =>
    client.send(new DescribeSnapshotsCommand({ SnapshotIds: [`snap-0${none}`] })),
  ),
  ec2('CreateTags', (client, id) =>
    client.send(new CreateTagsCommand({ Resources: [id(web)], Tags: [{ Key: 'cordon:probe', Value: 'yes' }] })),
  ),
  ec2('CreateTags on an unknown instance', (client) =>
    client.send(new CreateTagsCommand({ Resources: [`i-0${none}`], Tags: [{ Key: 'cordon:probe', Value: 'yes' }] })),
  ),
  ec2('CreateTags with a reserved key', (client, id) =>
    client.send(new CreateTagsCommand({ Resources: [id(web)], Tags: [{ Key: 'aws:probe', Value: 'yes' }] })),
  ),
  ec2('DescribeTags', (client, id) =>
    client.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id(web)] }] })),
  ),
  ec2('DeleteTags', (client, id) =>
    client.send(new DeleteTagsCommand({ Resources: [id(web)], Tags: [{ Key: 'cordon:probe' }] })),
  ),
];

/** EC2. Some change what later ones see. */
export const ec2Probes: readonly Probe[] = [...networks, ...groups, ...hosts];
