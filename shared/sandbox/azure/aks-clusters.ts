import * as z from 'zod';
import { own } from '../../model/json.ts';
import { ClusterContents, seedCluster } from '../kubernetes/estate.ts';
import { armResource, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';
import { idIn } from './plain-resources.ts';

const type = 'Microsoft.ContainerService/managedClusters';

/** Not a certificate: nobody in the sandbox speaks TLS. */
const authority = Buffer.from('-----BEGIN CERTIFICATE-----\nsandbox\n-----END CERTIFICATE-----\n').toString('base64');

/** As AKS writes it for a cluster under Entra ID: kubelogin gets the token. */
const kubeconfig = (name: string, host: string): string => `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    certificate-authority-data: ${authority}
    server: https://${host}:443
contexts:
- name: ${name}
  context: { cluster: ${name}, user: clusterUser }
current-context: ${name}
users:
- name: clusterUser
  user:
    exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: kubelogin, args: [get-token] }
`;

const userCredential: AzureOperation = {
  host: 'arm',
  method: 'POST',
  path: `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{name}/listClusterUserCredential`,
  operation: `${type}/listClusterUserCredential/action`,
  reads: true,
  needs: (call) => [
    { action: `${type}/listClusterUserCredential/action`, scope: resourceIdOf(call).replace(/\/[^/]+$/, '') },
  ],
  does(call) {
    const { name, properties } = resourceOf(call, resourceIdOf(call).replace(/\/[^/]+$/, ''));
    const value = Buffer.from(kubeconfig(name, String(own(properties, 'fqdn')))).toString('base64');
    return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } };
  },
};

/** AKS clusters under Entra ID and Azure RBAC, with what is in them. */
export const aksClusters = azureNoun({
  name: 'aksClusters',
  scope: 'subscription',
  estate: z
    .array(
      ClusterContents.omit({ accessEntries: true, groups: true }).extend({
        resourceGroup: z.string(),
        location: z.string(),
      }),
    )
    .default([]),
  seed(rows, list, { subscription }) {
    for (const { resourceGroup, location, ...contents } of list) {
      const { name, host, tags, enforcesPolicies } = contents;
      const id = idIn(subscription, resourceGroup, type, name);
      const properties = {
        fqdn: host,
        aadProfile: { managed: true, enableAzureRBAC: true },
        networkProfile: { networkPlugin: 'azure', networkPolicy: enforcesPolicies ? 'cilium' : 'none' },
      };
      seedResource(rows, { id, type, location, tags, properties });
      const inside = { ...contents, accessEntries: {}, groups: {} };
      seedCluster(rows, inside, { cloud: 'azure', id, account: subscription, region: '' });
    }
  },
  operations: [...armResource(type).filter(({ method }) => method === 'GET'), userCredential],
});
