import { evaluateAzure } from '../../policy/azure.ts';
import type { ClusterCaller } from './authenticate.ts';
import { KubernetesFault } from './fault.ts';
import type { ClusterRow } from './rows.ts';

/** What a request asks for. */
export type Wish = {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete';
  readonly group: string;
  readonly noun: string;
  readonly namespace: string;
};

const azureVerb = (verb: Wish['verb']): string => {
  if (verb === 'get' || verb === 'list') return 'read';
  return verb === 'delete' ? 'delete' : 'write';
};

/** The data action of Azure RBAC for Kubernetes (learn.microsoft.com/azure/aks/manage-azure-rbac). */
export const dataAction = ({ verb, group, noun }: Wish): string =>
  `Microsoft.ContainerService/managedClusters/${group === '' ? '' : `${group}/`}${noun}/${azureVerb(verb)}`;

const inRules = ({ groups }: ClusterRow, caller: ClusterCaller, { verb, group, noun }: Wish): boolean =>
  caller.groups
    .flatMap((name) => groups[name] ?? [])
    .some(
      ({ apiGroups, resources, verbs }) =>
        apiGroups.includes(group) && resources.includes(noun) && verbs.includes(verb),
    );

/** Refuses what the caller may not do. */
export function authorise(cluster: ClusterRow, caller: ClusterCaller, wish: Wish): void {
  const scope = `${cluster.id}/namespaces/${wish.namespace}`;
  const may = caller.principal
    ? evaluateAzure(caller.principal.assignments, dataAction(wish), scope, true)
    : inRules(cluster, caller, wish);
  if (may) return;
  const what = `cannot ${wish.verb} resource "${wish.noun}" in API group "${wish.group}"`;
  throw new KubernetesFault(
    403,
    'Forbidden',
    `${wish.noun} is forbidden: User "${caller.id}" ${what} in the namespace "${wish.namespace}"`,
  );
}
