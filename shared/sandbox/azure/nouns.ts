import { containerOperations } from './blob-containers.ts';
import { aksClusters } from './aks-clusters.ts';
import { blobOperations } from './blobs.ts';
import { callerPermissions } from './caller-permissions.ts';
import { mysqlServers, postgresServers, sqlServers } from './database-servers.ts';
import { defenderAlerts } from './defender-alerts.ts';
import { defenderAssessments } from './defender-assessments.ts';
import { defenderPlans } from './defender-plans.ts';
import { diagnostics } from './diagnostic-settings.ts';
import { entraRoles } from './entra-roles.ts';
import { entraUsers } from './entra-users.ts';
import { graphSecurity } from './graph-security.ts';
import { longRunningOperations } from './long-running.ts';
import { networkInterfaces } from './network-interfaces.ts';
import { networkSecurityGroups } from './network-security-groups.ts';
import type { AzureNoun } from './noun.ts';
import {
  applicationSecurityGroups,
  disks,
  keyVaults,
  loadBalancers,
  publicIpAddresses,
  virtualNetworks,
  workspaces,
} from './plain-resources.ts';
import { servicePrincipals } from './principals.ts';
import { readOnlyResources } from './read-only-resources.ts';
import { roleAssignmentNoun } from './role-assignments.ts';
import { resourceTags } from './resource-tags.ts';
import { sentinelIncidents } from './sentinel-incidents.ts';
import { snapshots } from './snapshots.ts';
import { storageAccounts } from './storage-accounts.ts';
import { virtualMachines } from './virtual-machines.ts';
import { webSites } from './web-sites.ts';

/** Everything the simulated Azure is made of. */
export const azureNouns: readonly AzureNoun[] = [
  servicePrincipals,
  entraUsers,
  entraRoles,
  roleAssignmentNoun,
  networkSecurityGroups,
  virtualNetworks,
  publicIpAddresses,
  loadBalancers,
  applicationSecurityGroups,
  keyVaults,
  workspaces,
  networkInterfaces,
  virtualMachines,
  aksClusters,
  disks,
  snapshots,
  storageAccounts,
  blobOperations,
  containerOperations,
  sqlServers,
  postgresServers,
  mysqlServers,
  webSites,
  resourceTags,
  defenderAlerts,
  graphSecurity,
  sentinelIncidents,
  defenderAssessments,
  callerPermissions,
  defenderPlans,
  diagnostics,
  readOnlyResources,
  longRunningOperations,
];
