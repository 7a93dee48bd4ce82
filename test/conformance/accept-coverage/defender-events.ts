import type { JsonObject } from '../../../shared/model/json.ts';
import { subscription, tenant } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';
import type { Case, Families } from './case.ts';

const whole = `/subscriptions/${subscription}`;
const inGroup = (group: string, path: string): string => `${whole}/resourceGroups/${group}/providers/Microsoft.${path}`;
const account = (name: string): string => inGroup('rg-data', `Storage/storageAccounts/${name}`);

/** What an alert names beside the resource. */
type Entity = JsonObject;

const attacker: Entity = { $id: '1', Address: '203.0.113.220', Location: { CountryCode: 'VN' }, Type: 'ip' };
const user: Entity = {
  $id: '2',
  Name: 'jonas.berg',
  UPNSuffix: 'northwind.example',
  AadTenantId: tenant,
  AadUserId: '0a1b2c3d-0000-4000-8000-00000000e001',
  Type: 'account',
};
const application: Entity = {
  $id: '2',
  ServicePrincipalName: 'deploy-pipeline',
  ServicePrincipalObjectId: '0a1b2c3d-0000-4000-8000-00000000a002',
  AppId: '0a1b2c3d-0000-4000-8000-00000000b002',
  TenantId: tenant,
  Type: 'service-principal',
};

/** The resource by its id, and what is named beside it. */
type Kind = { readonly id: string; readonly beside: readonly Entity[]; readonly fixture?: string };
const about = (id: string, ...beside: readonly Entity[]): Kind => ({ id, beside: [attacker, ...beside] });

const cluster = inGroup('rg-web', 'ContainerService/managedClusters/aks-web');
const vault = inGroup('rg-data', 'KeyVault/vaults/kv-northwind');

const kinds: Readonly<Record<string, Kind>> = {
  'virtual machine': about(inGroup('rg-web', 'Compute/virtualMachines/vm-web-01')),
  'virtual machine, by a user': about(inGroup('rg-web', 'Compute/virtualMachines/vm-web-01'), user),
  pod: { id: cluster, beside: [], fixture: 'defender/kubernetes-pod' },
  cluster: about(cluster),
  'storage account': about(account('northwindexports')),
  'SQL server': about(inGroup('rg-data', 'Sql/servers/sql-northwind')),
  'managed instance of SQL': about(inGroup('rg-data', 'Sql/managedInstances/mi-northwind')),
  'Synapse workspace': about(inGroup('rg-data', 'Synapse/workspaces/syn-northwind')),
  'PostgreSQL server': about(inGroup('rg-data', 'DBforPostgreSQL/flexibleServers/psql-northwind')),
  'MySQL server': about(inGroup('rg-data', 'DBforMySQL/flexibleServers/mysql-northwind')),
  'MariaDB server': about(inGroup('rg-data', 'DBforMariaDB/servers/maria-northwind')),
  'Cosmos DB account': about(inGroup('rg-data', 'DocumentDB/databaseAccounts/cosmos-northwind')),
  'web app': about(inGroup('rg-web', 'Web/sites/northwind-shop')),
  'key vault, by a user': about(vault, user),
  'key vault, by an application': about(vault, application),
  'subscription, by a user': about(whole, user),
  'subscription, by an application': about(whole, application),
  'public address': about(inGroup('rg-web', 'Network/publicIPAddresses/pip-web-01')),
  API: about(inGroup('rg-web', 'ApiManagement/service/apim-northwind/apis/shop')),
  'AI account': about(inGroup('rg-web', 'CognitiveServices/accounts/ai-northwind')),
};

/** What types are about (learn.microsoft.com/azure/defender-for-cloud/alerts-reference). */
export const defenderFamilies: Families = [
  [/^K8S/, ['pod', 'cluster']],
  [/^SQL\.VM_/, ['virtual machine']],
  [/^SQL\.MI_/, ['managed instance of SQL']],
  [/^Synapse/, ['Synapse workspace']],
  [/^SQL\.PostgreSQL_/, ['PostgreSQL server']],
  [/^SQL\.MySQL_/, ['MySQL server']],
  [/^SQL\.MariaDB_/, ['MariaDB server']],
  [/^SQL\.(DB|DW)_/, ['SQL server']],
  [/CosmosDB/, ['Cosmos DB account']],
  [/^Storage\./, ['storage account']],
  [/^AppServices_/, ['web app']],
  [/^KV_/, ['key vault, by a user', 'key vault, by an application']],
  [/^(ARM|Arm|RM)_/, ['subscription, by a user', 'subscription, by an application']],
  [/^NETWORK_DDOS/, ['public address']],
  [/^API_/, ['API']],
  [/^(AI\.|Azure_Agentic)/, ['AI account']],
  // Extensions are put on machines from outside, by somebody.
  [/Extension|^VM_(RunCommand|VMAccess)/, ['virtual machine, by a user', 'virtual machine']],
  [/^(VM_|AzureDNS_|Network_|Generic_|SQL_Incoming|DDOS$|RDP_|SSH_|PortScanning$)/, ['virtual machine']],
];

/** What Defender for Cloud exports; a title without an id gets one that no playbook can know. */
export function defenderEvent({ type, identified, severity, about: what }: Case): JsonObject {
  const kind = kinds[what];
  if (!kind) throw new Error(`${type}: nothing is called ${what}`);
  const said = { AlertType: identified ? type : 'Unpublished', Severity: severity, AlertDisplayName: type };
  const { id, beside, fixture } = kind;
  if (fixture !== undefined) return withMembers(readEvent(fixture), said);
  const name = id.slice(id.lastIndexOf('/') + 1);
  return withMembers(readEvent('defender/vm-brute-force-export'), {
    ...said,
    AzureResourceId: id,
    CompromisedEntity: name,
    Entities: [...beside, { $id: '9', ResourceId: id, Type: 'azure-resource' }],
    ResourceIdentifiers: [
      { $id: '10', AzureResourceId: id, Type: 'AzureResource', AzureResourceTenantId: tenant },
      { $id: '11', AadTenantId: tenant, Type: 'AAD' },
    ],
    ExtendedProperties: { 'Client IP address': '203.0.113.220' },
  });
}
