import { parse } from 'yaml';
import * as z from 'zod';
import { CordonError } from '../../model/error.ts';
import { type Cluster, stillThere } from '../kubernetes/cluster.ts';
import type { AzureSession } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

const apiVersion = '2025-05-01';
const provider = 'Microsoft.ContainerService/managedClusters';

const Credentials = z.object({ kubeconfigs: z.array(z.object({ value: z.string() })) });
/** Of a kubeconfig only where the cluster is: what else is in it is not used. */
const Kubeconfig = z.object({
  clusters: z.array(z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.string() }) })),
});
const NetworkProfile = z.object({
  properties: z.object({ networkProfile: z.object({ networkPolicy: z.string().nullish() }).nullish() }),
});

/** What it takes to find a cluster and its network plugin. */
export const reachCluster = [{ allow: `${provider}/listClusterUserCredential/action`, on: '{clusterId}' }] as const;
/** What it takes to see which plugin enforces its policies. */
export const readCluster = { allow: `${provider}/read`, on: '{clusterId}' } as const;
/** Rights inside the cluster, where Azure RBAC for Kubernetes authorises: to its namespace and no further. */
export const inNamespace = (...rights: readonly string[]) =>
  rights.map((right) => ({ allow: `data:${provider}/${right}`, on: '{clusterId}/namespaces/{namespace}' }));

/**
 * The API server of an AKS cluster under Entra ID; undefined where there is no such cluster
 * (learn.microsoft.com/rest/api/aks/managed-clusters/list-cluster-user-credentials).
 */
export async function aksCluster(azure: AzureSession, id: string, signal: AbortSignal): Promise<Cluster | undefined> {
  const path = `${id}/listClusterUserCredential?api-version=${apiVersion}`;
  const answer = await unlessAbsent(() => azure.arm('POST', path, signal));
  if (answer === undefined) return undefined;
  const [first] = Credentials.parse(answer).kubeconfigs;
  const text = Buffer.from(first?.value ?? '', 'base64').toString();
  const [found] = Kubeconfig.parse(parse(text, { maxAliasCount: 0 })).clusters;
  if (!found) throw new CordonError({ code: 'cluster-not-reachable', message: `${id} names no API server to ask` });
  const { server, 'certificate-authority-data': authority } = found.cluster;
  return azure.kubernetes(id, { server, certificateAuthority: Buffer.from(authority, 'base64').toString() });
}

/** The same where it must be there, as for a change. */
export const theAksCluster = async (azure: AzureSession, id: string, signal: AbortSignal): Promise<Cluster> =>
  stillThere(await aksCluster(azure, id, signal), id);

/** Whether the cluster has a plugin that enforces network policies: without one they are accepted and do nothing. */
export async function enforcesPolicies(azure: AzureSession, id: string, signal: AbortSignal): Promise<boolean> {
  const found = NetworkProfile.parse(await azure.arm('GET', `${id}?api-version=${apiVersion}`, signal));
  return !['none', ''].includes(found.properties.networkProfile?.networkPolicy ?? 'none');
}
