import { blobOperations } from './blobs.ts';
import { callerPermissions } from './caller-permissions.ts';
import { defenderAlerts } from './defender-alerts.ts';
import { defenderAssessments } from './defender-assessments.ts';
import { defenderPlans } from './defender-plans.ts';
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
  loadBalancers,
  publicIpAddresses,
  virtualNetworks,
} from './plain-resources.ts';
import { servicePrincipals } from './principals.ts';
import { resourceTags } from './resource-tags.ts';
import { sentinelIncidents } from './sentinel-incidents.ts';
import { snapshots } from './snapshots.ts';
import { storageAccounts } from './storage-accounts.ts';
import { virtualMachines } from './virtual-machines.ts';

/** Everything the simulated Azure is made of. */
export const azureNouns: readonly AzureNoun[] = [
  servicePrincipals,
  entraUsers,
  entraRoles,
  networkSecurityGroups,
  virtualNetworks,
  publicIpAddresses,
  loadBalancers,
  applicationSecurityGroups,
  networkInterfaces,
  virtualMachines,
  disks,
  snapshots,
  storageAccounts,
  blobOperations,
  resourceTags,
  defenderAlerts,
  graphSecurity,
  sentinelIncidents,
  defenderAssessments,
  callerPermissions,
  defenderPlans,
  longRunningOperations,
];
