import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';

const Name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,198}[a-z0-9])?$/, 'a name of Kubernetes: a-z, 0-9, - and .');

/** Pods, and what makes pods, with the word that their pods have for the owner. */
const owners = {
  pods: '',
  deployments: 'ReplicaSet',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'Job',
  replicationcontrollers: 'ReplicationController',
} as const;

/** A workload in a cluster, as inputs of an action. */
export const workloadInput = {
  namespace: Name.describe('The namespace.'),
  kind: z
    .enum(Object.keys(owners) as [keyof typeof owners, ...(keyof typeof owners)[]]) // it has members
    .default('pods')
    .describe('What it is, as Kubernetes calls it: pods, deployments.'),
  workload: Name.describe('Its name.'),
};
export type Workload = {
  readonly namespace: string;
  readonly kind: keyof typeof owners;
  readonly workload: string;
};

/** What a pod of a deployment or of a cron job says its owner is called: their own name, and what tells it apart. */
function ownerName({ metadata }: V1Pod, { kind, workload }: Workload, name: string): boolean {
  if (kind === 'deployments') return name === `${workload}-${metadata?.labels?.['pod-template-hash']}`;
  if (kind === 'cronjobs') return name.startsWith(`${workload}-`) && /^\d+$/.test(name.slice(workload.length + 1));
  return name === workload;
}

/** Whether a pod is the one that is meant, or one that the workload has made. */
export function belongsTo(pod: V1Pod, of: Workload): boolean {
  if (of.kind === 'pods') return pod.metadata?.name === of.workload;
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner?.kind === owners[of.kind] && ownerName(pod, of, owner.name);
}

/** No network policy applies to a pod in the network of its node. */
export function refuseHostNetwork(pods: readonly V1Pod[]): void {
  const one = pods.find(({ spec }) => spec?.hostNetwork);
  if (!one) return;
  throw new InvalidInput({
    code: 'host-network',
    message: `the pod ${one.metadata?.namespace}/${one.metadata?.name} is in the network of its node, where no policy applies to it`,
    remedy: 'Cordon the node and isolate the machine.',
  });
}
