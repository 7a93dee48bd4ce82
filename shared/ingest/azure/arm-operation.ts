/**
 * Words that ARM operations are made of, as Azure documents them
 * (learn.microsoft.com/azure/role-based-access-control/resource-provider-operations).
 */
const words = `
Microsoft.Advisor Microsoft.AlertsManagement Microsoft.ApiManagement Microsoft.App Microsoft.Authorization Microsoft.Automation
Microsoft.Batch Microsoft.Cache Microsoft.Cdn Microsoft.CognitiveServices Microsoft.Compute Microsoft.ContainerInstance
Microsoft.ContainerRegistry Microsoft.ContainerService Microsoft.DataFactory Microsoft.DataProtection Microsoft.Databricks
Microsoft.DBforMySQL Microsoft.DBforPostgreSQL Microsoft.DocumentDB Microsoft.EventGrid Microsoft.EventHub Microsoft.HybridCompute
Microsoft.Insights Microsoft.KeyVault Microsoft.Kubernetes Microsoft.Logic Microsoft.MachineLearningServices
Microsoft.ManagedIdentity Microsoft.Management Microsoft.Network Microsoft.OperationalInsights Microsoft.PolicyInsights
Microsoft.RecoveryServices Microsoft.Resources Microsoft.Search Microsoft.Security Microsoft.SecurityInsights
Microsoft.ServiceBus Microsoft.SignalRService Microsoft.Sql Microsoft.Storage Microsoft.Subscription Microsoft.Support Microsoft.Web

accessPolicies account accounts actionGroups activate activityLogAlerts administrators agentPools alertRules alerts
alertsSuppressionRules appSettings applicationGateways applicationSecurityGroups assessments assignments 
auditingSettings automationAccounts automations autoProvisioningSettings autoscaleSettings azureADOnlyAuthentications
azureFirewalls backendAddressPools backup backups backupVaults bastionHosts beginGetAccess blobServices capture certificates
classicAdministrators clusterRoleBindings clusters connectedClusters config connections containerGroups containers copy create
credentials dataCollectionRuleAssociations dataCollectionRules databases ddosProtectionPlans deallocate defaultSecurityRules
deleteResources deletedVaults denyAssignments deployIfNotExists deploymentScripts deployments diagnosticSettings disks disable
elevateAccess encryptionProtector enable endGetAccess eventSubscriptions exemptions export expressRouteCircuits
extendedAuditingSettings extensions failover federatedIdentityCredentials fileServices firewallPolicies firewallRules
firewallRuleGroups flexibleServers flowLogs functions galleries generalize generateKey generateRecommendations
getInstance getKeys getSecret groupQuotas host hostruntime hostNameBindings hybridConnections images immutabilityPolicies
importPipelines impersonate inboundNatRules instances ipGroups join joinLoadBalancer joinPerimeter jitNetworkAccessPolicies
keys legalHold linkedServices listAccountSas listAdminCredential listAdminKeys listBuildSourceUploadUrl
listCallbackUrl listClusterAdminCredential listClusterUserCredential listConnectionStrings listCredentials listKeys
listServiceSas listUserKeys listSyncFunctionTriggerStatus loadBalancers localNetworkGateways localUsers locations locks
logProfiles machines managedClusters managementGroups master metricAlerts migrate moveResources namespaces natGateways
networkInterfaces networkProfiles networkSecurityGroups networkSecurityPerimeters networkWatchers outboundFirewallRules
packetCaptures performMaintenance policies policyAssignments policyDefinitions policyExemptions policySetDefinitions
powerOff pricings privateDnsZones privateEndpointConnections privateEndpoints privateLinkServices protectedItems
protectionPolicies providers publicIPAddresses publicIPPrefixes publishingCredentials publish publishxml purge query queueServices
rbac.authorization.k8s.io recommendations redeploy redis regenerateAccessKey regenerateKey regenerateKeys register
registries reimage remediations reset resetSSHConnection resourceGroups resourceGuards restart restore restorePoints
restorePointCollections retrieveBootDiagnosticsData roleAssignmentScheduleRequests roleAssignments roleDefinitions
roleEligibilityScheduleRequests rotate routeTables routes runbooks runCommand runCommands run savedSearches scan scopeAssignments
secrets securityAlertPolicies securityContacts securityRules securitySolutions sendMessage servers serviceEndpointPolicies
serverfarms settings shares simulateEviction sites slots snapshots softDelete sourceControls sqlManagedInstances
managedInstances sqlPools sqlVirtualMachines sshPublicKeys start stop storageAccounts subnets subscriptions swap
syncFunctionTriggers tables tableServices tags tokens transparentDataEncryption triggers unregister
upload userAssignedIdentities vaults virtualHubs virtualMachineScaleSets virtualMachines virtualNetworkGateways virtualNetworkPeerings
virtualNetworkRules virtualNetworks virtualNetworkTaps virtualWans vpnGateways vulnerabilityAssessments webhooks webTests
workbooks workflows workspaces available schedules jobs read write delete action hybridRunbookWorkerGroups variables modules disableLogging
`;

const spelling: ReadonlyMap<string, string> = new Map(
  words
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [word.toLowerCase(), word]),
);

const verbs = ['read', 'write', 'delete', 'action'];
const form = /^[a-z0-9]+(\.[a-z0-9]+)*(\/[\w.$:-]+)+$/i;

/** What an operation does: its last word, in lower case. */
export const verbOf = (operation: string): string => operation.slice(operation.lastIndexOf('/') + 1).toLowerCase();

/**
 * An operation of Azure Resource Manager in its documented spelling, whichever channel it came by: Event Hubs has it in
 * upper or lower case. A word that is not known here stays as it came. Undefined for text that is no operation.
 */
export function armOperation(text: string): string | undefined {
  if (text.length > 300 || !form.test(text) || !verbs.includes(verbOf(text))) return undefined;
  const all = text.split('/');
  return all
    .map((word, at) => (at === all.length - 1 ? word.toLowerCase() : (spelling.get(word.toLowerCase()) ?? word)))
    .join('/');
}

/** A resource type, or the namespace of a provider, in its documented spelling. */
export const armType = (text: string): string =>
  text
    .split('/')
    .map((word) => spelling.get(word.toLowerCase()) ?? word)
    .join('/');
