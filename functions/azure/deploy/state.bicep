metadata description = 'Three storage accounts: the host\'s own, the one that holds the truth, and the one for dead letters.'

@description('Name of the stage: two stages in one resource group share nothing.')
param stage string
@description('Region.')
param location string
@description('Object id of the home identity.')
param homePrincipalId string
@description('Where the audit of reads and writes goes.')
param workspaceId string
@description('Days for which nobody can change or delete evidence and anchors.')
param evidenceDays int
@description('Whether the retention is locked already.')
param evidenceLocked bool
@description('Whether there is a queue for the relay.')
param relay bool

var suffix = uniqueString(resourceGroup().id, stage)
var blobOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
// The host puts what it gives up into a queue of the same name with -poison; such a queue has none of its own.
var queueNames = concat(
  ['cordon-runs', 'cordon-runs-poison', 'cordon-inbox', 'cordon-inbox-poison'],
  relay ? ['cordon-relay', 'cordon-relay-poison'] : []
)
var keptNames = ['cordon-evidence', 'cordon-anchors']

resource host 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'cordonhost${suffix}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: host
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [
  for name in queueNames: {
    parent: queues
    name: name
  }
]

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: host
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: hostBlobs
  name: 'cordon-packages'
}

resource hostRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [blobOwner, queueContributor, tableContributor]: {
    name: guid(host.id, homePrincipalId, role)
    scope: host
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: homePrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: queues
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageWrite', enabled: true }]
  }
}

resource truth 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'cordonstate${suffix}'
  location: location
  // deploy.sh finds the account by it, before anything is deployed, to ask whether the retention is locked
  tags: { cordonState: stage }
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: truth
  name: 'default'
}

resource records 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = {
  parent: tables
  name: 'cordonrecords'
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: truth
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 30 }
    containerDeleteRetentionPolicy: { enabled: true, days: 30 }
  }
}

resource kept 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [
  for name in keptNames: {
    parent: blobs
    name: name
    properties: {
      immutableStorageWithVersioning: { enabled: true }
    }
  }
]

// The policies can be shortened until they are locked; deploy.sh locks them where it is told to. A locked one takes no
// PUT any more (learn.microsoft.com/rest/api/storagerp/blob-containers/lock-immutability-policy).
resource immutable 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2023-05-01' = [
  for (name, at) in (evidenceLocked ? [] : keptNames): {
    parent: kept[at]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: evidenceDays
      allowProtectedAppendWrites: false
    }
  }
]

resource recordsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(records.id, homePrincipalId, tableContributor)
  scope: records
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
    principalId: homePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource keptRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, at) in keptNames: {
    name: guid(truth.id, name, homePrincipalId, blobContributor)
    scope: kept[at]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
      principalId: homePrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageRead', enabled: true }, { category: 'StorageWrite', enabled: true }, { category: 'StorageDelete', enabled: true }]
  }
}

// Event Grid has no identity on topics of a whole subscription, which are global
// (learn.microsoft.com/azure/event-grid/enable-identity-system-topics): it writes their dead letters with the account's
// key. So this account alone has keys, and holds nothing else.
resource deadLetters 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'cordondead${suffix}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource deadLetterBlobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: deadLetters
  name: 'default'
}

resource deadLetterContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: deadLetterBlobs
  name: 'cordon-dead-letters'
}

@description('What the function app needs to know of the accounts.')
output places { host: string, package: string, records: string, evidence: string, anchor: string } = {
  host: host.name
  package: '${host.properties.primaryEndpoints.blob}${packages.name}'
  records: 'tables:${truth.name}/${records.name}'
  evidence: 'blob:${truth.name}/${kept[0].name}'
  anchor: 'blob:${truth.name}/${kept[1].name}'
}
output stateAccountName string = truth.name
@description('The account that holds nothing but dead letters.')
output deadLetterAccountId string = deadLetters.id
output deadLetterContainer string = deadLetterContainer.name
