metadata description = 'The event subscriptions of the topics of Cordon\'s own, deployed after the code: Event Grid asks the function before it sends.'

targetScope = 'resourceGroup'

@description('The custom topic that storage accounts name for the results of their malware scans.')
param malwareTopicName string
@description('The topic that a deployment in AWS hands events on to; empty where there is none.')
param forwardedTopicName string = ''
@description('Resource id of the function app.')
param functionAppId string
@description('The account that holds dead letters; it lies in this resource group.')
param deadLetterAccountId string

var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var retries = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
var deadLetters = {
  identity: { type: 'SystemAssigned' }
  deadLetterDestination: {
    endpointType: 'StorageBlob'
    properties: { resourceId: deadLetterAccountId, blobContainerName: 'cordon-dead-letters' }
  }
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: last(split(deadLetterAccountId, '/'))
}

resource malware 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: malwareTopicName
}

resource forwarded 'Microsoft.EventGrid/topics@2025-02-15' existing = if (!empty(forwardedTopicName)) {
  name: forwardedTopicName
}

resource malwareDead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, malware.id, blobContributor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
    principalId: malware.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource forwardedDead 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(forwardedTopicName)) {
  name: guid(account.id, forwarded.id, blobContributor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
    principalId: forwarded!.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource scanned 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: malware
  name: 'cordon'
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: { resourceId: '${functionAppId}/functions/on-event-grid', maxEventsPerBatch: 1 }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Security.MalwareScanningResult']
      // Malicious and Not Scanned come; what is clean would be counted and left.
      advancedFilters: [{ operatorType: 'StringNotIn', key: 'data.scanResultType', values: ['No threats found'] }]
    }
    retryPolicy: retries
    deadLetterWithResourceIdentity: deadLetters
  }
  dependsOn: [malwareDead]
}

resource handedOn 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = if (!empty(forwardedTopicName)) {
  parent: forwarded
  name: 'cordon'
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: { resourceId: '${functionAppId}/functions/on-forwarded', maxEventsPerBatch: 1 }
    }
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: { includedEventTypes: ['cordon.forwarded.v1'] }
    retryPolicy: retries
    deadLetterWithResourceIdentity: deadLetters
  }
  dependsOn: [forwardedDead]
}
