metadata description = 'The event subscriptions of one subscription, deployed after the code: Event Grid asks the function before it sends.'

targetScope = 'resourceGroup'

@description('Name of the stage.')
param stage string
@description('Resource id of the function app.')
param functionAppId string
@description('The account that holds dead letters.')
param deadLetterAccountId string

var named = loadJsonContent('events.generated.json')
var retries = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
var deadLetters = {
  endpointType: 'StorageBlob'
  properties: { resourceId: deadLetterAccountId, blobContainerName: 'cordon-dead-letters' }
}
var handler = {
  endpointType: 'AzureFunction'
  properties: { resourceId: '${functionAppId}/functions/on-event-grid', maxEventsPerBatch: 1 }
}

resource changes 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: 'cordon-${stage}-changes'
}

resource policies 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: 'cordon-${stage}-policies'
}

// Only what a playbook names: a subscription writes thousands of events an hour.
resource changed 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: changes
  name: 'cordon'
  properties: {
    destination: handler
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      advancedFilters: [{ operatorType: 'StringIn', key: 'data.operationName', values: named.operations }]
    }
    retryPolicy: retries
    deadLetterDestination: deadLetters
  }
}

resource violated 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: policies
  name: 'cordon'
  properties: {
    destination: handler
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.PolicyInsights.PolicyStateCreated'
        'Microsoft.PolicyInsights.PolicyStateChanged'
      ]
      advancedFilters: [
        { operatorType: 'StringIn', key: 'data.complianceState', values: ['NonCompliant'] }
        { operatorType: 'StringEndsWith', key: 'data.policyDefinitionId', values: named.policies }
      ]
    }
    retryPolicy: retries
    deadLetterDestination: deadLetters
  }
}
