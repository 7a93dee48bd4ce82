import {
  AutoScalingClient,
  paginateDescribeAutoScalingInstances,
  SetInstanceProtectionCommand,
} from '@aws-sdk/client-auto-scaling';
import type { StepContext } from '../../action/action.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
import type { AwsSession } from './aws-action.ts';

/** An instance and the Auto Scaling group it is or was in. */
export type Place = { readonly group: string; readonly instanceId: string };

/** Any group of the account and region: which one an instance is in is not known before it is read. */
export const anyGroup = 'arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/*';

/** The resource that a plan calls an instance's protection from scale-in. */
export const protectionOf = ({ group, instanceId }: Place): string => `${group}/scale-in-protection:${instanceId}`;

/** Group and instance of a resource such as a protection. */
export const placeOf = (resource: string): Place => ({
  group: resource.slice(0, resource.lastIndexOf('/')),
  instanceId: resource.slice(resource.lastIndexOf(':') + 1),
});

/** The group an instance is in and whether it is protected there; undefined where it is in none, or on its way out. */
export async function memberOf(aws: AwsSession, instanceId: string, { signal }: Pick<StepContext, 'signal'>) {
  const client = aws.client(AutoScalingClient);
  const pages = paginateDescribeAutoScalingInstances(
    { client },
    { InstanceIds: [instanceId] },
    { abortSignal: signal },
  );
  const [member] = (await Array.fromAsync(pages)).flatMap(({ AutoScalingInstances = [] }) => AutoScalingInstances);
  return member?.AutoScalingGroupName && !member.LifecycleState?.startsWith('Detach')
    ? { group: member.AutoScalingGroupName, isProtected: member.ProtectedFromScaleIn ?? false }
    : undefined;
}

/** Sets whether the group may choose the instance when it shrinks. */
export async function setProtection(
  aws: AwsSession,
  { group, instanceId }: Place,
  ProtectedFromScaleIn: boolean,
  { signal }: StepContext,
): Promise<void> {
  const input = { AutoScalingGroupName: group, InstanceIds: [instanceId], ProtectedFromScaleIn };
  await aws.client(AutoScalingClient).send(new SetInstanceProtectionCommand(input), { abortSignal: signal });
}

/** The same, unless the instance has left the group meanwhile: then its protection there is nobody's any more. */
export async function adjustProtection(aws: AwsSession, place: Place, to: boolean, step: StepContext): Promise<void> {
  const member = await memberOf(aws, place.instanceId, step);
  if (member?.group !== place.group) throw new ForeignEdit(`${place.instanceId} is not in ${place.group} any more`);
  await setProtection(aws, place, to, step);
}
