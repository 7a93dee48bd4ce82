import * as z from 'zod';
import { apply, capture, cautions, clusterOf, IsolationValue, isCut, plan } from '../kubernetes/isolate-pods.ts';
import { workloadInput } from '../kubernetes/workload.ts';
import { awsAction } from './aws-action.ts';
import { describeCluster, eksCluster, theEksCluster } from './eks-cluster.ts';

/**
 * Cuts the pods of an EKS workload off the network (kubernetes.io/docs/concepts/services-networking/network-policies). A
 * policy that allows nothing selects them by a label of ours. Policies add up, so that the labels by which services and
 * other policies select them are taken away; each is a change of its own and comes back with a release.
 */
export const eksIsolatePod = awsAction({
  id: 'aws.eks.isolate-pod',
  title: 'Cut a pod of an EKS cluster off the network',
  target: 'aws.eks.workload',
  d3fend: 'D3-NI',
  input: z.strictObject({
    clusterName: z
      .string()
      .regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'a name of an EKS cluster')
      .describe('The cluster, by its name.'),
    ...workloadInput,
  }),
  value: IsolationValue,
  permissions: { read: [describeCluster], write: [describeCluster] },
  settles: { seconds: 5 },
  cautions: [
    ...cautions,
    'The cluster must let Cordon’s roles in: an access entry for each, and the access manifest of the deployment.',
  ],
  portable: {
    verb: 'isolate-workload',
    with: {
      clusterName: '${target.clusterName}',
      namespace: '${target.namespace}',
      kind: '${target.kind}',
      workload: '${target.workload}',
    },
  },
  examples: [{ clusterName: 'shop', namespace: 'shop', workload: 'checkout-7d9f8c6b5-x2x4z' }],
}).does({
  async capture(aws, input, step) {
    const cluster = await eksCluster(aws, input.clusterName, step.signal);
    return cluster ? capture(cluster, input, step) : {};
  },
  plan,
  apply: async (aws, change, step) =>
    apply(await theEksCluster(aws, clusterOf(change.resource), step.signal), change, step),
  probe: async (aws, input, step) => isCut(await theEksCluster(aws, input.clusterName, step.signal), input, step),
});
