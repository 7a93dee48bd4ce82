import type { Provider } from '../../model/finding.ts';
import type { TargetType } from '../../model/target.ts';
import type { Grant, Reads } from '../../policy/grants.ts';

const on = '/subscriptions/{subscription}';
const arm = (...operations: readonly string[]): Grant[] => operations.map((allow) => ({ allow, on }));
const blobs = (...operations: readonly string[]): Grant[] =>
  operations.map((operation) => ({
    allow: `data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${operation}`,
    on,
  }));
const graph = (...permissions: readonly string[]): Grant[] =>
  permissions.map((permission) => ({ allow: `graph:${permission}`, on: '*' }));

/** The rights that inspect.ts and what it loads need, by the type of the target. */
const inspect: { readonly [T in TargetType]?: readonly Grant[] } = {
  'azure.aks.workload': [
    ...arm('Microsoft.ContainerService/managedClusters/listClusterUserCredential/action'),
    { allow: 'data:Microsoft.ContainerService/managedClusters/pods/read', on },
  ],
  'azure.compute.virtual-machine': arm(
    'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Compute/virtualMachines/instanceView/read',
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
  ),
  'azure.network.security-group': arm(
    'Microsoft.Network/networkSecurityGroups/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
  ),
  'azure.storage.account': arm('Microsoft.Storage/storageAccounts/read'),
  'azure.storage.blob': blobs('read', 'tags/read'),
  'azure.sql.server': arm('Microsoft.Sql/servers/read', 'Microsoft.Sql/servers/firewallRules/read'),
  'azure.postgres.server': arm(
    'Microsoft.DBforPostgreSQL/flexibleServers/read',
    'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/read',
  ),
  'azure.mysql.server': arm(
    'Microsoft.DBforMySQL/flexibleServers/read',
    'Microsoft.DBforMySQL/flexibleServers/firewallRules/read',
  ),
  'azure.web.site': arm('Microsoft.Web/sites/read'),
  'azure.key-vault.vault': arm('Microsoft.KeyVault/vaults/read'),
  'azure.defender.plan': arm('Microsoft.Security/pricings/read'),
  'azure.monitor.diagnostic-setting': arm('Microsoft.Insights/diagnosticSettings/read'),
  'azure.entra.user': graph('User.Read.All', 'RoleManagement.Read.Directory'),
  'azure.entra.service-principal': graph('Application.Read.All'),
  'azure.role-assignment': [...arm('Microsoft.Authorization/roleAssignments/read'), ...graph('User.Read.All')],
};

/** The rights that confirm.ts and what it loads need, by provider, beside those of the inspection. */
const confirm: { readonly [P in Provider]?: readonly Grant[] } = {
  defender: arm('Microsoft.Security/locations/alerts/read'),
  'defender-storage': blobs('read'),
  'defender-assessment': arm('Microsoft.Security/assessments/read'),
  'defender-xdr': graph('SecurityAlert.Read.All'),
  // the entities of an incident are read by a POST, which Azure calls an action
  sentinel: arm('Microsoft.SecurityInsights/incidents/read', 'Microsoft.SecurityInsights/incidents/entities/action'),
  entra: graph(
    'IdentityRiskyUser.Read.All',
    'IdentityRiskEvent.Read.All',
    'IdentityRiskyServicePrincipal.Read.All',
    'AuditLog.Read.All',
  ),
};

/** What the reader reads on Azure beside what the actions declare: the one list that roles are made from. */
export const azureReads: Reads = { inspect, confirm };
