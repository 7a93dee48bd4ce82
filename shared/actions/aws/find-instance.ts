import { EC2Client, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { AwsSession } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

/** An instance by its id; undefined where there is none, or where it is being terminated. */
export async function findInstance(
  aws: AwsSession,
  instanceId: string,
  abortSignal: AbortSignal,
): Promise<Instance | undefined> {
  const client = aws.client(EC2Client);
  const pages = paginateDescribeInstances({ client }, { InstanceIds: [instanceId] }, { abortSignal });
  const found = await unlessAbsent(['InvalidInstanceID.NotFound'], () => Array.fromAsync(pages));
  const all = (found ?? []).flatMap(({ Reservations = [] }) => Reservations.flatMap((one) => one.Instances ?? []));
  return all.find(({ State }) => State?.Name !== 'terminated' && State?.Name !== 'shutting-down');
}
