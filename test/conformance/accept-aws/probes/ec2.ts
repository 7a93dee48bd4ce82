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
import { type Asking, pageSizes, type Probe } from '../wire.ts';

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

type Command = Parameters<EC2Client['send']>[0];
const ec2 = (name: string, command: (aws: Asking) => Command): Probe => ({
  name: `ec2 ${name}`,
  ask: (aws) => aws.client(EC2Client).send(command(aws)),
});

const networks: readonly Probe[] = [
  ec2('DescribeVpcs', ({ id }) => new DescribeVpcsCommand({ VpcIds: [id(vpc)] })),
  ec2('DescribeVpcs of an unknown id', () => new DescribeVpcsCommand({ VpcIds: [`vpc-0${none}`] })),
  ec2('DescribeSubnets', ({ id }) => new DescribeSubnetsCommand({ SubnetIds: [id('subnet-0aa11bb22cc330001')] })),
  ec2('DescribeSubnets of an unknown id', () => new DescribeSubnetsCommand({ SubnetIds: [`subnet-0${none}`] })),
  ec2('DescribeNetworkInterfaces', ({ id }) => new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id(nic)] })),
  ec2('DescribeNetworkInterfaces of an unknown id', () => {
    return new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [`eni-0${none}`] });
  }),
  ec2('DescribeNetworkInterfaces by instance', ({ id }) => {
    return new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id(web)] }] });
  }),
  ec2('ModifyNetworkInterfaceAttribute of an unknown interface', ({ id }) => {
    return new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: `eni-0${none}`, Groups: [id(group)] });
  }),
  ec2('ModifyNetworkInterfaceAttribute to an unknown group', ({ id }) => {
    return new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id(nic), Groups: [`sg-0${none}`] });
  }),
  ec2('ModifyNetworkInterfaceAttribute to a group of another VPC', ({ id }) => {
    return new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id(nic), Groups: [id(foreignGroup)] });
  }),
  ec2('ModifyNetworkInterfaceAttribute', ({ id }) => {
    return new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id(nic), Groups: [id(group)] });
  }),
];

const groups: readonly Probe[] = [
  ec2('DescribeSecurityGroups', ({ id }) => new DescribeSecurityGroupsCommand({ GroupIds: [id(group)] })),
  ec2('DescribeSecurityGroups of an unknown id', () => {
    return new DescribeSecurityGroupsCommand({ GroupIds: [`sg-0${none}`] });
  }),
  ec2('DescribeSecurityGroups of no id', () => new DescribeSecurityGroupsCommand({ GroupIds: ['group'] })),
  ec2('DescribeSecurityGroups by an unknown filter', () => {
    return new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] });
  }),
  ec2('DescribeSecurityGroupRules', ({ id }) => {
    return new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [id(group)] }] });
  }),
  ec2('DescribeSecurityGroupRules of an unknown id', () => {
    return new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [`sgr-0${none}`] });
  }),
  {
    name: 'ec2 DescribeSecurityGroupRules in pages',
    values: true,
    ask: ({ client, id }) => {
      const Filters = [{ Name: 'group-id', Values: ['1', '2', '3'].map((at) => id(`sg-0aa11bb22cc33001${at}`)) }];
      const pages = paginateDescribeSecurityGroupRules({ client: client(EC2Client), pageSize: 5 }, { Filters });
      return pageSizes(pages, 'SecurityGroupRules');
    },
  },
  ec2('AuthorizeSecurityGroupIngress', ({ id }) => {
    return new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') });
  }),
  ec2('AuthorizeSecurityGroupIngress twice', ({ id }) => {
    return new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') });
  }),
  ec2('AuthorizeSecurityGroupIngress of no network', ({ id }) => {
    return new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2/24') });
  }),
  ec2('AuthorizeSecurityGroupIngress of an unknown peer', ({ id }) => {
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: `sg-0${none}` }] }];
    return new AuthorizeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions });
  }),
  ec2('AuthorizeSecurityGroupIngress in an unknown group', () => {
    return new AuthorizeSecurityGroupIngressCommand({
      GroupId: `sg-0${none}`,
      IpPermissions: tcp(8443, '192.0.2.0/24'),
    });
  }),
  ec2('AuthorizeSecurityGroupEgress', ({ id }) => {
    return new AuthorizeSecurityGroupEgressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') });
  }),
  ec2('RevokeSecurityGroupIngress', ({ id }) => {
    return new RevokeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') });
  }),
  ec2('RevokeSecurityGroupIngress of an unknown rule', ({ id }) => {
    return new RevokeSecurityGroupIngressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') });
  }),
  ec2('RevokeSecurityGroupIngress of an unknown rule id', ({ id }) => {
    return new RevokeSecurityGroupIngressCommand({ GroupId: id(group), SecurityGroupRuleIds: [`sgr-0${none}`] });
  }),
  ec2('RevokeSecurityGroupIngress in an unknown group', () => {
    return new RevokeSecurityGroupIngressCommand({
      GroupId: `sg-0${none}`,
      IpPermissions: tcp(8443, '192.0.2.0/24'),
    });
  }),
  ec2('RevokeSecurityGroupEgress', ({ id }) => {
    return new RevokeSecurityGroupEgressCommand({ GroupId: id(group), IpPermissions: tcp(8443, '192.0.2.0/24') });
  }),
  ec2('CreateSecurityGroup', ({ id }) => {
    const Tags = [{ Key: 'cordon:probe', Value: 'yes' }];
    return new CreateSecurityGroupCommand({
      GroupName: 'probe',
      Description: 'probe',
      VpcId: id(vpc),
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    });
  }),
  ec2('CreateSecurityGroup twice', ({ id }) => {
    return new CreateSecurityGroupCommand({ GroupName: 'probe', Description: 'probe', VpcId: id(vpc) });
  }),
  ec2('CreateSecurityGroup named like an id', ({ id }) => {
    return new CreateSecurityGroupCommand({ GroupName: 'sg-probe', Description: 'probe', VpcId: id(vpc) });
  }),
  ec2('CreateSecurityGroup in an unknown VPC', () => {
    return new CreateSecurityGroupCommand({ GroupName: 'other', Description: 'probe', VpcId: `vpc-0${none}` });
  }),
  ec2('DeleteSecurityGroup in use', ({ id }) => new DeleteSecurityGroupCommand({ GroupId: id(group) })),
  ec2('DeleteSecurityGroup of an unknown id', () => new DeleteSecurityGroupCommand({ GroupId: `sg-0${none}` })),
];

const hosts: readonly Probe[] = [
  ec2('DescribeInstances', ({ id }) => new DescribeInstancesCommand({ InstanceIds: [id(web)] })),
  ec2('DescribeInstances of an unknown id', () => new DescribeInstancesCommand({ InstanceIds: [`i-0${none}`] })),
  ec2('DescribeInstances of no id', () => new DescribeInstancesCommand({ InstanceIds: ['web-1'] })),
  ec2('DescribeInstances of ids in pages', ({ id }) => {
    return new DescribeInstancesCommand({ InstanceIds: [id(web)], MaxResults: 5 });
  }),
  ec2('DescribeInstances in too small pages', () => new DescribeInstancesCommand({ MaxResults: 1 })),
  ec2('DescribeInstances by tag', () => {
    return new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: ['web-*'] }] });
  }),
  ec2('DescribeInstances tried only', ({ id }) => new DescribeInstancesCommand({ InstanceIds: [id(web)], DryRun: true })),
  ec2('DescribeInstanceAttribute', ({ id }) => {
    return new DescribeInstanceAttributeCommand({ InstanceId: id(web), Attribute: 'disableApiTermination' });
  }),
  ec2('DescribeInstanceAttribute of an unknown id', () => {
    return new DescribeInstanceAttributeCommand({ InstanceId: `i-0${none}`, Attribute: 'disableApiTermination' });
  }),
  ec2('ModifyInstanceAttribute', ({ id }) => {
    return new ModifyInstanceAttributeCommand({ InstanceId: id(web), DisableApiTermination: { Value: true } });
  }),
  ec2('TerminateInstances of a protected one', ({ id }) => new TerminateInstancesCommand({ InstanceIds: [id(web)] })),
  ec2('StopInstances', ({ id }) => new StopInstancesCommand({ InstanceIds: [id(web)] })),
  ec2('StopInstances of an unknown id', () => new StopInstancesCommand({ InstanceIds: [`i-0${none}`] })),
  ec2('DescribeVolumes', ({ id }) => new DescribeVolumesCommand({ VolumeIds: [id(volume)] })),
  ec2('DescribeVolumes of an unknown id', () => new DescribeVolumesCommand({ VolumeIds: [`vol-0${none}`] })),
  ec2('CreateSnapshot', ({ id }) => new CreateSnapshotCommand({ VolumeId: id(volume), Description: 'probe' })),
  ec2('CreateSnapshot of an unknown volume', () => new CreateSnapshotCommand({ VolumeId: `vol-0${none}` })),
  ec2('DescribeSnapshots', () => {
    return new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'description', Values: ['probe'] }] });
  }),
  ec2('DescribeSnapshots of an unknown id', () => new DescribeSnapshotsCommand({ SnapshotIds: [`snap-0${none}`] })),
  ec2('CreateTags', ({ id }) => {
    return new CreateTagsCommand({ Resources: [id(web)], Tags: [{ Key: 'cordon:probe', Value: 'yes' }] });
  }),
  ec2('CreateTags on an unknown instance', () => {
    return new CreateTagsCommand({ Resources: [`i-0${none}`], Tags: [{ Key: 'cordon:probe', Value: 'yes' }] });
  }),
  ec2('CreateTags with a reserved key', ({ id }) => {
    return new CreateTagsCommand({ Resources: [id(web)], Tags: [{ Key: 'aws:probe', Value: 'yes' }] });
  }),
  ec2('DescribeTags', ({ id }) => {
    return new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id(web)] }] });
  }),
  ec2('DeleteTags', ({ id }) => new DeleteTagsCommand({ Resources: [id(web)], Tags: [{ Key: 'cordon:probe' }] })),
];

/** EC2. Some change what later ones see. */
export const ec2Probes: readonly Probe[] = [...networks, ...groups, ...hosts];
