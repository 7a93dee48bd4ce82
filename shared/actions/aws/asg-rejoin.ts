import {
  AttachInstancesCommand,
  type AutoScalingGroup,
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  paginateDescribeAutoScalingGroups,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import type { StepContext } from '../../action/action.ts';
import { CordonError } from '../../model/error.ts';
import { type Place, setProtection } from './asg-place.ts';
import type { AwsSession } from './aws-action.ts';

/** The tag on a group that tells by which run an instance was detached and, during a release, the capacity to go back to. */
export const noteKey = (instanceId: string): string => `cordon:detached:${instanceId}`;
/** The run that wrote such a tag. */
export const runOf = (note: string): string => note.split(' ')[0] ?? '';

const polls = 24;
const pollSeconds = 5;

async function groupNamed(aws: AwsSession, group: string, { signal }: StepContext): Promise<AutoScalingGroup> {
  const client = aws.client(AutoScalingClient);
  const input = { AutoScalingGroupNames: [group] };
  for await (const page of paginateDescribeAutoScalingGroups({ client }, input, { abortSignal: signal }))
    for (const found of page.AutoScalingGroups ?? []) return found;
  throw new CordonError({
    code: 'group-gone',
    message: `there is no Auto Scaling group ${group} any more`,
    remedy: 'Decide by hand where the instance belongs.',
  });
}

/** Looks until it is so, for two minutes. */
async function until(step: StepContext, what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let poll = 0; poll < polls; poll += 1) {
    if (await isSo()) return;
    await step.wait(pollSeconds);
  }
  throw new CordonError({ code: 'group-unsettled', message: `still waiting until ${what}`, retryable: true });
}

const memberIn = ({ Instances = [] }: AutoScalingGroup, instanceId: string) =>
  Instances.find(({ InstanceId }) => InstanceId === instanceId);
const noteIn = ({ Tags = [] }: AutoScalingGroup, instanceId: string): string | undefined =>
  Tags.find(({ Key }) => Key === noteKey(instanceId))?.Value;

const tagOf = ({ group, instanceId }: Place) => ({
  ResourceId: group,
  ResourceType: 'auto-scaling-group',
  Key: noteKey(instanceId),
  PropagateAtLaunch: false,
});

/** Writes the tag. */
export async function writeNote(aws: AwsSession, place: Place, Value: string, { signal }: StepContext): Promise<void> {
  const command = new CreateOrUpdateTagsCommand({ Tags: [{ ...tagOf(place), Value }] });
  await aws.client(AutoScalingClient).send(command, { abortSignal: signal });
}

/**
 * Attaches an instance again and keeps the group from choosing it for the place that this adds. Desired capacity
 * stands in the note before AttachInstances raises it, so that a release that was cut off can still go back to it.
 */
export async function rejoin(aws: AwsSession, place: Place, step: StepContext): Promise<void> {
  const { group, instanceId } = place;
  const before = await groupNamed(aws, group, step);
  const note = noteIn(before, instanceId);
  if (!memberIn(before, instanceId)) {
    const wanted = `${runOf(note ?? step.runId)} ${before.DesiredCapacity}`;
    if (note !== wanted) await writeNote(aws, place, wanted, step);
    await until(step, `the note on ${group} shows`, async () => {
      return note === wanted || noteIn(await groupNamed(aws, group, step), instanceId) === wanted;
    });
    const command = new AttachInstancesCommand({ AutoScalingGroupName: group, InstanceIds: [instanceId] });
    await aws.client(AutoScalingClient).send(command, { abortSignal: step.signal });
  }
  await until(step, `${instanceId} is in service`, async () => {
    const member = memberIn(await groupNamed(aws, group, step), instanceId);
    return member?.LifecycleState === 'InService';
  });
  await setProtection(aws, place, true, step);
  if (note === undefined) await closeNote(aws, place, step);
}

const size = ({ Instances = [] }: AutoScalingGroup): number =>
  Instances.filter(({ LifecycleState = '' }) => !LifecycleState.startsWith('Terminat')).length;

/**
 * Takes back the one that AttachInstances added to desired capacity, unless somebody has set another one since, waits
 * until the group has let an instance go, and removes the note.
 */
export async function closeNote(aws: AwsSession, place: Place, step: StepContext): Promise<void> {
  const { group, instanceId } = place;
  const client = aws.client(AutoScalingClient);
  const options = { abortSignal: step.signal };
  const found = await groupNamed(aws, group, step);
  const goal = Number(noteIn(found, instanceId)?.split(' ')[1]);
  const surplus = (found.DesiredCapacity ?? 0) - goal; // not a number where nothing was attached
  if (surplus === 1) {
    const input = { AutoScalingGroupName: group, DesiredCapacity: goal };
    await client.send(new SetDesiredCapacityCommand(input), options);
  }
  if (surplus === 0 || surplus === 1)
    await until(step, `${group} has no more than ${goal} instances`, async () => {
      return size(await groupNamed(aws, group, step)) <= goal;
    });
  await client.send(new DeleteTagsCommand({ Tags: [tagOf(place)] }), options);
}
