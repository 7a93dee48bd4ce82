import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  SetInstanceProtectionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { autoScalingGroups, type GroupRow, members } from '../../../shared/sandbox/aws/asg-rows.ts';
import { idOn, rowsOf, type Seeding } from './seeding.ts';

async function seedGroup(to: Seeding, group: GroupRow): Promise<void> {
  const client = to.client(AutoScalingClient);
  const { name: AutoScalingGroupName, min: MinSize, max: MaxSize, desired: DesiredCapacity } = group;
  const LaunchConfigurationName = `${AutoScalingGroupName}-launch`;
  const launch = { LaunchConfigurationName, ImageId: 'ami-0a1b2c3d4e5f60718', InstanceType: 'm7g.large' };
  await client.send(new CreateLaunchConfigurationCommand(launch));
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      LaunchConfigurationName,
      MinSize: 0,
      MaxSize,
      DesiredCapacity: 0,
      HealthCheckType: group.healthCheckType,
      TerminationPolicies: [group.terminationPolicy],
      NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
      VPCZoneIdentifier: group.subnets.map((id) => idOn(to, id)).join(),
      Tags: Object.entries(group.tags).map(([Key, { value, propagates }]) => ({
        Key,
        Value: value,
        PropagateAtLaunch: propagates,
      })),
    }),
  );
  const serving = rowsOf(to, members).filter((member) => member.group === group.name);
  const idsOf = (rows: typeof serving) => rows.map(({ instanceId }) => idOn(to, instanceId));
  await client.send(new AttachInstancesCommand({ AutoScalingGroupName, InstanceIds: idsOf(serving) }));
  await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity }));
  const kept = serving.filter(({ protectedFromScaleIn }) => protectedFromScaleIn);
  const protect = { AutoScalingGroupName, InstanceIds: idsOf(kept), ProtectedFromScaleIn: true };
  if (kept.length > 0) await client.send(new SetInstanceProtectionCommand(protect));
}

/** Auto Scaling groups with their instances, which must be there already. */
export async function seedAutoScaling(to: Seeding): Promise<void> {
  for (const group of rowsOf(to, autoScalingGroups)) await seedGroup(to, group);
}
