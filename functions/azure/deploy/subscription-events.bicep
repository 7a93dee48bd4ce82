metadata description = 'The event subscriptions of one subscription, deployed after the code: Event Grid asks the function before it sends.'

targetScope = 'subscription'

@description('Name of the stage.')
param stage string
@description('The system topics, as subscription.bicep puts them out.')
param topics { changes: { name: string, group: string }, policies: { name: string, group: string } }
@description('Resource id of the function app.')
param functionAppId string
@description('The account that holds dead letters.')
param deadLetterAccountId string

var named = loadJsonContent('events.generated.json')

// Only what a playbook names: a subscription writes thousands of events an hour.
module changed 'system-topic-events.bicep' = {
  name: 'cordon-${stage}-changes'
  scope: resourceGroup(topics.changes.group)
  params: {
    stage: stage
    topicName: topics.changes.name
    functionAppId: functionAppId
    deadLetterAccountId: deadLetterAccountId
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      advancedFilters: [{ operatorType: 'StringIn', key: 'data.operationName', values: named.operations }]
    }
  }
}

module violated 'system-topic-events.bicep' = {
  name: 'cordon-${stage}-policies'
  scope: resourceGroup(topics.policies.group)
  params: {
    stage: stage
    topicName: topics.policies.name
    functionAppId: functionAppId
    deadLetterAccountId: deadLetterAccountId
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
  }
}
