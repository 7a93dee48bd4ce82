import type { JsonObject } from '../../model/json.ts';
import type { Cluster } from './cluster.ts';
import { readPod } from './kubernetes-api.ts';
import type { Workload } from './workload.ts';

/** What guards ask about a pod; nothing for what makes pods. Undefined where the pod does not exist. */
export async function workloadFacts(
  cluster: Cluster,
  { namespace, workload, kind }: Pick<Workload, 'namespace' | 'workload'> & { readonly kind: string },
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  if (kind !== 'pods') return {};
  const pod = await readPod(cluster, { namespace, name: workload }, signal);
  if (!pod) return undefined;
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  return {
    hostNetwork: pod.spec?.hostNetwork ?? false,
    ...(owner && { ownerKind: owner.kind, ownerName: owner.name }),
    ...(pod.spec?.serviceAccountName !== undefined && { serviceAccount: pod.spec.serviceAccountName }),
    ...(pod.spec?.nodeName !== undefined && { node: pod.spec.nodeName }),
  };
}
