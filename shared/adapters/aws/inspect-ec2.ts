import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Instance,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
  type Tag,
} from '@aws-sdk/client-ec2';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** Interfaces by a filter: who owns them, and what carries traffic of others; only DescribeNetworkInterfaces tells. */
async function interfacesBy(session: AwsSession, Name: string, value: string): Promise<readonly NetworkInterface[]> {
  const Filters = [{ Name, Values: [value] }];
  const pages = paginateDescribeNetworkInterfaces({ client: session.client(EC2Client) }, { Filters });
  return (await Array.fromAsync(pages)).flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces);
}

/** What interfaces are, by EC2's words (`interface`, `vpc_endpoint`, `nat_gateway`, …). */
const typesOf = (interfaces: readonly NetworkInterface[]): string[] =>
  [...new Set(interfaces.map(({ InterfaceType = 'interface' }) => String(InterfaceType)))].sort();

/** The Auto Scaling group of an instance and how many instances it has. */
async function fleetOf(session: AwsSession, group: string): Promise<{ id: string; size: number }> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
  const found = await session.client(AutoScalingClient).send(command);
  const [one] = found.AutoScalingGroups ?? [];
  const { account, region } = session;
  return {
    id: `${account}/${region}/${group}`,
    size: Math.max(one?.DesiredCapacity ?? 0, one?.Instances?.length ?? 0),
  };
}

/** Off on any interface makes it a router. */
const checksOf = ({ SourceDestCheck, NetworkInterfaces = [] }: Instance) => [
  SourceDestCheck,
  ...NetworkInterfaces.map((one) => one.SourceDestCheck),
];

/** State, network and tags of an instance (docs.aws.amazon.com/AWSEC2, DescribeInstances); a terminated one is gone. */
export async function inspectInstance(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.ec2.instance') return {};
  const { instanceId } = target;
  const command = new DescribeInstancesCommand({ InstanceIds: [instanceId] });
  const [found, interfaces] = await Promise.all([
    unlessAbsent(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'], () =>
      session.client(EC2Client).send(command),
    ),
    interfacesBy(session, 'attachment.instance-id', instanceId),
  ]);
  const [instance] = (found?.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  if (!instance || instance.State?.Name === 'terminated') return undefined;
  const tags = tagsOf(instance.Tags);
  const managed = interfaces.find(({ RequesterManaged }) => RequesterManaged);
  const manager = managed && (managed.RequesterId ?? 'AWS');
  const managedBy = instance.Operator?.Managed ? (instance.Operator.Principal ?? 'AWS') : manager;
  const autoScalingGroup = tags['aws:autoscaling:groupName'];
  return {
    tags,
    state: instance.State?.Name ?? '',
    vpcId: instance.VpcId ?? '',
    sourceDestCheck: checksOf(instance).every((check) => check !== false),
    interfaceTypes: typesOf(interfaces),
    filters: [instanceId],
    ...(autoScalingGroup !== undefined && { autoScalingGroup, fleet: await fleetOf(session, autoScalingGroup) }),
    ...(instance.IamInstanceProfile?.Arn !== undefined && { instanceProfileArn: instance.IamInstanceProfile.Arn }),
    ...(managedBy !== undefined && { managedBy }),
  };
}

/** Name, VPC and tags of a security group, and the interfaces it stands on. */
export async function inspectSecurityGroup(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.ec2.security-group') return {};
  const command = new DescribeSecurityGroupsCommand({ GroupIds: [target.groupId] });
  const [found, interfaces] = await Promise.all([
    unlessAbsent(['InvalidGroup.NotFound', 'InvalidGroupId.Malformed'], () => session.client(EC2Client).send(command)),
    interfacesBy(session, 'group-id', target.groupId),
  ]);
  const [group] = found?.SecurityGroups ?? [];
  if (!group) return undefined;
  const { GroupName: groupName = '', VpcId: vpcId = '', Tags } = group;
  return { groupName, vpcId, tags: tagsOf(Tags), interfaceTypes: typesOf(interfaces) };
}
