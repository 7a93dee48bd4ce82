import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { CordonError } from '../../model/error.ts';
import { type Cluster, stillThere } from '../kubernetes/cluster.ts';
import type { AwsSession } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

/** What it takes to ask an EKS cluster; an access entry of the cluster must let the role in. */
export const describeCluster = {
  allow: 'eks:DescribeCluster',
  on: 'arn:{partition}:eks:{region}:{account}:cluster/{clusterName}',
} as const;

/** The API server of an EKS cluster; undefined where there is no such cluster (docs.aws.amazon.com/eks, DescribeCluster). */
export async function eksCluster(
  aws: AwsSession,
  name: string,
  abortSignal: AbortSignal,
): Promise<Cluster | undefined> {
  const client = aws.client(EKSClient);
  const answer = await unlessAbsent(['ResourceNotFound'], () =>
    client.send(new DescribeClusterCommand({ name }), { abortSignal }),
  );
  if (!answer) return undefined;
  const { endpoint, certificateAuthority, status } = answer.cluster ?? {};
  if (!endpoint || !certificateAuthority?.data)
    throw new CordonError({
      code: 'cluster-not-reachable',
      message: `the cluster ${name} has no API server to ask: it is ${status ?? 'unknown'}`,
      remedy: 'Wait until it is active.',
    });
  const authority = Buffer.from(certificateAuthority.data, 'base64').toString();
  return aws.kubernetes(name, { server: endpoint, certificateAuthority: authority });
}

/** The same where it must be there, as for a change. */
export const theEksCluster = async (aws: AwsSession, name: string, signal: AbortSignal): Promise<Cluster> =>
  stillThere(await eksCluster(aws, name, signal), name);
