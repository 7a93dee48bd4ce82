import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Instance,
  paginateDescribeNetworkInterfaces,
  type Tag,
} from '@aws-sdk/client-ec2';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** Who owns an interface that the instance's owner may not change; only DescribeNetworkInterfaces tells. */
async function managerOf(session: AwsSession, instanceId: string): Promise<string | undefined> {
  const Filters = [
    { Name: 'attachment.instance-id', Values: [instanceId] },
    { Name: 'requester-managed', Values: ['true'] },
  ];
  const pages = await Array.fromAsync(
    paginateDescribeNetworkInterfaces({ client: session.client(EC2Client) }, { Filters }),
  );
  const [managed] = pages.flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces);
  return managed && (managed.RequesterId ?? 'AWS');
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
  const [found, manager] = await Promise.all([
    unlessAbsent(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'], () =>
      session.client(EC2Client).send(command),
    ),
    managerOf(session, instanceId),
  ]);
  const [instance] = (found?.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  if (!instance || instance.State?.Name === 'terminated') return undefined;
  const tags = tagsOf(instance.Tags);
  const managedBy = instance.Operator?.Managed ? (instance.Operator.Principal ?? 'AWS') : manager;
  const autoScalingGroup = tags['aws:autoscaling:groupName'];
  return {
    tags,
    state: instance.State?.Name ?? '',
    vpcId: instance.VpcId ?? '',
    sourceDestCheck: checksOf(instance).every((check) => check !== false),
    ...(autoScalingGroup !== undefined && { autoScalingGroup }),
    ...(instance.IamInstanceProfile?.Arn !== undefined && { instanceProfileArn: instance.IamInstanceProfile.Arn }),
    ...(managedBy !== undefined && { managedBy }),
  };
}

/** Name, VPC and tags of a security group. */
export async function inspectSecurityGroup(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.ec2.security-group') return {};
  const command = new DescribeSecurityGroupsCommand({ GroupIds: [target.groupId] });
  const found = await unlessAbsent(['InvalidGroup.NotFound', 'InvalidGroupId.Malformed'], () =>
    session.client(EC2Client).send(command),
  );
  const [group] = found?.SecurityGroups ?? [];
  return group && { groupName: group.GroupName ?? '', vpcId: group.VpcId ?? '', tags: tagsOf(group.Tags) };
}
