import type { Target } from '../../model/target.ts';
import { armTargets } from './arm-target.ts';
import { blobAt, blobUrl } from './blob-url.ts';
import type { Alert, Entity } from './defender-alert.ts';

/** What Kubernetes calls the kinds of which alerts name one. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['pod', 'pods'],
  ['deployment', 'deployments'],
  ['daemonset', 'daemonsets'],
  ['statefulset', 'statefulsets'],
  ['replicaset', 'replicasets'],
  ['job', 'jobs'],
  ['cronjob', 'cronjobs'],
]);

const kubernetes = /^(?:k8s|kubernetes)-(\w+)$/i;
const kubernetesName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The name of the namespace that an entity stands in: written out, or that of the entity it points to. */
const namespaceOf = ({ namespace }: Entity, names: ReadonlyMap<string | undefined, string | undefined>) =>
  namespace?.name ?? (namespace?.$ref === undefined ? undefined : names.get(namespace.$ref));

/** Pods and what makes pods, in the cluster that the alert is about. */
export function workloadsIn({ entities }: Alert, clusters: readonly Target[]): readonly Target[] {
  const [cluster] = clusters.filter(({ type }) => type === 'azure.aks.cluster');
  if (!cluster) return [];
  const names = new Map((entities ?? []).map(({ $id, name }) => [$id, name]));
  return (entities ?? []).flatMap((entity): Target[] => {
    const { type = '', name = '' } = entity;
    const kind = kinds.get(kubernetes.exec(type)?.[1]?.toLowerCase() ?? '');
    const namespace = namespaceOf(entity, names);
    if (!kind || !namespace || !kubernetesName.test(name) || !kubernetesName.test(namespace)) return [];
    const id = `${cluster.id}/namespaces/${namespace}/${kind}/${name}`;
    const place = { account: cluster.account, region: '', role: 'related' as const };
    return [{ type: 'azure.aks.workload', id, name, ...place, clusterId: cluster.id, namespace, workload: name, kind }];
  });
}

/** Blobs of the storage accounts that the alert is about, by their URL, as malware scan results spell them. */
export function blobsIn({ entities }: Alert, about: readonly Target[]): readonly Target[] {
  const accounts = about.filter(({ type }) => type === 'azure.storage.account');
  return (entities ?? []).flatMap(({ type, url, etag }): Target[] => {
    const blob = type?.toLowerCase() === 'blob' && url ? blobAt(url) : undefined;
    const home = accounts.find(({ name }) => name.toLowerCase() === blob?.account);
    if (!blob || !home) return [];
    const id = blobUrl(blob);
    const place = { account: home.account, region: '', role: 'related' as const };
    const { account: storageAccount, container, blob: name } = blob;
    return [
      { type: 'azure.storage.blob', id, name, ...place, url: id, storageAccount, container, blob: name, eTag: etag },
    ];
  });
}

/** Whether an id is of a resource outside Azure: an ARN, a name of Google's, or a connector to one of them. */
export const isForeign = (id: string): boolean =>
  /^arn:/i.test(id) || id.startsWith('//') || /\/providers\/Microsoft\.Security\/securityConnectors\//i.test(id);

/** Resources by their ids; of another cloud only to be shown. */
export const things = (ids: readonly string[], role: Target['role'], owner: string): readonly Target[] =>
  ids.flatMap((id): readonly Target[] =>
    isForeign(id)
      ? [
          {
            type: 'other',
            id,
            name: id,
            account: owner,
            region: '',
            role: 'related',
            kind: 'resource of another cloud',
          },
        ]
      : armTargets(id, role, owner),
  );
