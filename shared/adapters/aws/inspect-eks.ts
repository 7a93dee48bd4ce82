import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { eksCluster } from '../../actions/aws/eks-cluster.ts';
import { workloadFacts } from '../../actions/kubernetes/workload-facts.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

/** What guards ask about a pod: what owns it, and whether it is in the network of its node. */
export async function inspectWorkload(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.eks.workload') return {};
  const signal = AbortSignal.timeout(30_000);
  const cluster = await eksCluster(session, target.clusterName, signal);
  return cluster && workloadFacts(cluster, target, signal);
}
