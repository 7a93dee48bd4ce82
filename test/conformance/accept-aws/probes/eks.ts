import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { type Probe, probesOf } from '../probe.ts';

const eks = probesOf('eks', EKSClient);

/** EKS, as far as it takes to find a cluster's API server. */
export const eksProbes: readonly Probe[] = [
  eks('DescribeCluster', (client) => client.send(new DescribeClusterCommand({ name: 'shop' }))),
  eks('DescribeCluster of an unknown one', (client) => client.send(new DescribeClusterCommand({ name: 'unknown' }))),
];
