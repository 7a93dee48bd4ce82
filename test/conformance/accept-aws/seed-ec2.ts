import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  type InstanceRow,
  type InterfaceRow,
  instances,
  networkInterfaces,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
  subnets,
  volumes,
  vpcs,
} from '../../../shared/sandbox/aws/ec2-rows.ts';
import { asPermission } from '../../../shared/sandbox/aws/ec2-rules.ts';
import { tagsOf } from '../../../shared/sandbox/aws/ec2.ts';
import { idOn, rowsOf, type Seeding, tagList } from './seeding.ts';
import { seedProfile } from './seed-iam.ts';

async function seedNetworks(to: Seeding): Promise<void> {
  const ec2 = to.client(EC2Client);
  for (const { vpcId, cidr, ipv6Cidr } of rowsOf(to, vpcs)) {
    const made = { CidrBlock: cidr, AmazonProvidedIpv6CidrBlock: ipv6Cidr !== undefined };
    const { Vpc } = await ec2.send(new CreateVpcCommand(made));
    to.ids.set(vpcId, Vpc?.VpcId ?? '');
  }
  for (const { subnetId, vpcId, cidr, zone } of rowsOf(to, subnets)) {
    const made = { VpcId: idOn(to, vpcId), CidrBlock: cidr, AvailabilityZone: zone };
    const { Subnet } = await ec2.send(new CreateSubnetCommand(made));
    to.ids.set(subnetId, Subnet?.SubnetId ?? '');
  }
}

const anywhere = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];

async function authorise(to: Seeding, { groupId, egress, ...rule }: SecurityGroupRuleRow): Promise<void> {
  const ec2 = to.client(EC2Client);
  const source = { ...rule.source, value: idOn(to, rule.source.value) };
  const input = { GroupId: idOn(to, groupId), IpPermissions: [asPermission(to.account, { ...rule, source })] };
  if (egress) await ec2.send(new AuthorizeSecurityGroupEgressCommand(input));
  else await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));
}

/** All groups first, because their rules name each other; each loses the rule that it is born with. */
async function seedGroups(to: Seeding): Promise<void> {
  const ec2 = to.client(EC2Client);
  for (const { groupId, name, description, vpcId } of rowsOf(to, securityGroups)) {
    const made = { GroupName: name, Description: description || name, VpcId: idOn(to, vpcId) };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(made));
    to.ids.set(groupId, GroupId ?? '');
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: anywhere }));
  }
  for (const rule of rowsOf(to, securityGroupRules)) await authorise(to, rule);
}

async function seedInterface(to: Seeding, row: InterfaceRow): Promise<void> {
  const made = {
    SubnetId: idOn(to, row.subnetId),
    Groups: row.groups.map((id) => idOn(to, id)),
    PrivateIpAddress: row.privateIp,
    Ipv6Addresses: row.ipv6.map((Ipv6Address) => ({ Ipv6Address })),
    Description: row.description,
  };
  const { NetworkInterface } = await to.client(EC2Client).send(new CreateNetworkInterfaceCommand(made));
  to.ids.set(row.networkInterfaceId, NetworkInterface?.NetworkInterfaceId ?? '');
}

/** Gives an interface a public address of moto's own. */
async function seedAddress(to: Seeding, { networkInterfaceId, publicIp }: InterfaceRow): Promise<void> {
  if (publicIp === undefined) return;
  const ec2 = to.client(EC2Client);
  const { AllocationId, PublicIp = '' } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const NetworkInterfaceId = idOn(to, networkInterfaceId);
  await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId }));
  to.ids.set(publicIp, PublicIp);
}

const devicesOf = ({ rows }: Seeding, { blockDevices }: InstanceRow) =>
  blockDevices.map(({ deviceName: DeviceName, volumeId, deleteOnTermination: DeleteOnTermination }) => {
    const { sizeGib: VolumeSize = 8, encrypted: Encrypted = true } = rows.get(volumes, volumeId) ?? {};
    return { DeviceName, Ebs: { VolumeSize, Encrypted, VolumeType: 'gp3' as const, DeleteOnTermination } };
  });

/** The volumes that moto made with an instance, known by their devices. */
async function learnVolumes(to: Seeding, { instanceId, blockDevices }: InstanceRow): Promise<void> {
  const Filters = [{ Name: 'attachment.instance-id', Values: [idOn(to, instanceId)] }];
  const { Volumes = [] } = await to.client(EC2Client).send(new DescribeVolumesCommand({ Filters }));
  for (const { VolumeId = '', Attachments: [attachment] = [] } of Volumes) {
    const device = blockDevices.find(({ deviceName }) => deviceName === attachment?.Device);
    if (device) to.ids.set(device.volumeId, VolumeId);
  }
}

async function seedInstance(to: Seeding, row: InstanceRow): Promise<void> {
  const ec2 = to.client(EC2Client);
  const { instanceProfile: profile, instanceId } = row;
  if (profile && !to.ids.has(profile.id)) to.ids.set(profile.id, await seedProfile(to, profile.arn));
  const attached = rowsOf(to, networkInterfaces).filter(({ attachment }) => attachment?.instanceId === instanceId);
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: row.imageId,
      InstanceType: row.instanceType as 'm7g.large', // any type of EC2: the estate spells them as it does
      MinCount: 1,
      MaxCount: 1,
      DisableApiTermination: row.disableApiTermination,
      DisableApiStop: row.disableApiStop,
      InstanceInitiatedShutdownBehavior: row.shutdownBehavior,
      ...(profile && { IamInstanceProfile: { Arn: profile.arn } }),
      BlockDeviceMappings: devicesOf(to, row),
      NetworkInterfaces: attached.map(({ networkInterfaceId, attachment }) => ({
        NetworkInterfaceId: idOn(to, networkInterfaceId),
        DeviceIndex: attachment?.deviceIndex ?? 0,
      })),
    }),
  );
  const InstanceId = Instances?.[0]?.InstanceId ?? '';
  to.ids.set(instanceId, InstanceId);
  await learnVolumes(to, row);
  if (!row.sourceDestCheck)
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, SourceDestCheck: { Value: false } }));
  if (row.state === 'stopped') await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
  if (row.state === 'terminated') await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
}

/** Tags of everything that was made. */
async function seedTags(to: Seeding): Promise<void> {
  for (const [ours, theirs] of [...to.ids]) {
    const Tags = tagList(tagsOf(to.rows, ours));
    if (Tags.length > 0) await to.client(EC2Client).send(new CreateTagsCommand({ Resources: [theirs], Tags }));
  }
}

/** Networks, groups, interfaces and instances with their volumes. */
export async function seedEc2(to: Seeding): Promise<void> {
  await seedNetworks(to);
  await seedGroups(to);
  for (const row of rowsOf(to, networkInterfaces)) await seedInterface(to, row);
  for (const row of rowsOf(to, instances)) await seedInstance(to, row);
  for (const row of rowsOf(to, networkInterfaces)) await seedAddress(to, row);
  await seedTags(to);
}
