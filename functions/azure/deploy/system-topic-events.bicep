metadata description = 'One event subscription on a system topic, in the resource group of that topic.'

targetScope = 'resourceGroup'

@description('Name of the stage: stages that share a topic have a subscription each.')
param stage string
@description('Name of the system topic.')
param topicName string
@description('What comes through.')
param filter object
@description('Resource id of the function app.')
param functionAppId string
@description('The account that holds dead letters.')
param deadLetterAccountId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource subscribed 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'cordon-${stage}'
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: { resourceId: '${functionAppId}/functions/on-event-grid', maxEventsPerBatch: 1 }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: filter
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterDestination: {
      endpointType: 'StorageBlob'
      properties: { resourceId: deadLetterAccountId, blobContainerName: 'cordon-dead-letters' }
    }
  }
}
