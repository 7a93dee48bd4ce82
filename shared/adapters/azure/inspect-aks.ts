import { aksCluster } from '../../actions/azure/aks-cluster.ts';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { workloadFacts } from '../../actions/kubernetes/workload-facts.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

/** What guards ask about a pod: what owns it, and whether it is in the network of its node. */
export async function inspectWorkload(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'azure.aks.workload') return {};
  const signal = AbortSignal.timeout(30_000);
  const cluster = await aksCluster(session, target.clusterId, signal);
  return cluster && workloadFacts(cluster, target, signal);
}
