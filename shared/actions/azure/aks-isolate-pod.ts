import * as z from 'zod';
import { armIdOf } from '../../model/identifiers.ts';
import { apply, capture, cautions, clusterOf, IsolationValue, isCut, plan } from '../kubernetes/isolate-pods.ts';
import { workloadInput } from '../kubernetes/workload.ts';
import { aksCluster, enforcesPolicies, inNamespace, reachCluster, readCluster, theAksCluster } from './aks-cluster.ts';
import { azureAction } from './azure-action.ts';

/**
 * Cuts the pods of an AKS workload off the network (kubernetes.io/docs/concepts/services-networking/network-policies). A
 * policy that allows nothing selects them by a label of ours. Policies add up, so that the labels by which services and
 * other policies select them are taken away; each is a change of its own and comes back with a release.
 */
export const aksIsolatePod = azureAction({
  id: 'azure.aks.isolate-pod',
  title: 'Cut a pod of an AKS cluster off the network',
  target: 'azure.aks.workload',
  d3fend: 'D3-NI',
  input: z.strictObject({
    clusterId: armIdOf('Microsoft.ContainerService/managedClusters').describe('The cluster, by its ARM id.'),
    ...workloadInput,
  }),
  value: IsolationValue,
  permissions: {
    read: [
      ...reachCluster,
      readCluster,
      ...inNamespace('pods/read', 'services/read', 'networking.k8s.io/networkpolicies/read'),
    ],
    write: [
      ...reachCluster,
      ...inNamespace(
        ...['pods/read', 'pods/write', 'networking.k8s.io/networkpolicies/read'],
        ...['networking.k8s.io/networkpolicies/write', 'networking.k8s.io/networkpolicies/delete'],
      ),
    ],
  },
  settles: { seconds: 5 },
  cautions: [...cautions, 'The cluster must be under Entra ID with Azure RBAC for Kubernetes.'],
  portable: {
    verb: 'isolate-workload',
    with: {
      clusterId: '${target.clusterId}',
      namespace: '${target.namespace}',
      kind: '${target.kind}',
      workload: '${target.workload}',
    },
  },
  examples: [
    {
      clusterId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.ContainerService/managedClusters/aks-web',
      namespace: 'shop',
      workload: 'cart-7d9f8b6c5-x2k4q',
    },
  ],
}).does({
  async capture(azure, input, step) {
    const cluster = await aksCluster(azure, input.clusterId, step.signal);
    return cluster ? capture(cluster, input, step) : {};
  },
  plan,
  apply: async (azure, change, step) =>
    apply(await theAksCluster(azure, clusterOf(change.resource), step.signal), change, step),
  async probe(azure, input, step) {
    const [cut, enforced] = await Promise.all([
      theAksCluster(azure, input.clusterId, step.signal).then((cluster) => isCut(cluster, input, step)),
      enforcesPolicies(azure, input.clusterId, step.signal),
    ]);
    return cut && enforced;
  },
});
