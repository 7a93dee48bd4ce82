metadata description = 'The sources of one subscription: continuous export of Defender for Cloud, system topics, and alarms about both.'

targetScope = 'resourceGroup'

@description('Name of the stage.')
param stage string
@description('Region of what has one.')
param location string
@description('The hub that continuous export writes to.')
param eventHubId string
@description('Who is told when something is wrong.')
param actionGroupId string
@description('The system topics, by name and resource group: those that bear this stage in their name are made, others are there.')
param topics { changes: { name: string, group: string }, policies: { name: string, group: string } }

var kinds = [
  { name: 'changes', type: 'Microsoft.Resources.Subscriptions', topic: topics.changes }
  { name: 'policies', type: 'Microsoft.PolicyInsights.PolicyStates', topic: topics.policies }
]
// Without these nothing comes, and nothing else would tell; written anew, an event subscription may let less through.
var watched = [
  'Microsoft.Security/automations/delete'
  'Microsoft.Security/automations/write'
  'Microsoft.EventGrid/systemTopics/delete'
  'Microsoft.EventGrid/eventSubscriptions/write'
  'Microsoft.EventGrid/eventSubscriptions/delete'
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/write'
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete'
]

// Under Defender's own identity, with no connection string (learn.microsoft.com/azure/defender-for-cloud/continuous-export-event-hub-firewall).
resource export 'Microsoft.Security/automations@2023-12-01-preview' = {
  name: 'cordon-${stage}'
  location: location
  properties: {
    description: 'Streams alerts and recommendations to Cordon (${stage}).'
    isEnabled: true
    scopes: [{ description: 'the subscription', scopePath: subscription().id }]
    sources: [
      { eventSource: 'Alerts', ruleSets: [] }
      { eventSource: 'Assessments', ruleSets: [] }
    ]
    actions: [{ actionType: 'EventHub', eventHubResourceId: eventHubId, isTrustedServiceEnabled: true }]
  }
}

// There is only one of a kind in a subscription (learn.microsoft.com/azure/event-grid/system-topics): one that another
// stage or somebody else has made is shared, and stays theirs.
resource systemTopics 'Microsoft.EventGrid/systemTopics@2025-02-15' = [
  for kind in filter(kinds, one => one.topic.name == 'cordon-${stage}-${one.name}'): {
    name: kind.topic.name
    location: 'global'
    properties: { source: subscription().id, topicType: kind.type }
  }
]

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for kind in kinds: {
    name: 'cordon-${stage}-${kind.name}-dead-letters'
    location: 'global'
    properties: {
      description: 'Events could not be delivered and lie in cordon-dead-letters.'
      severity: 0
      enabled: true
      scopes: [resourceId(kind.topic.group, 'Microsoft.EventGrid/systemTopics', kind.topic.name)]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      autoMitigate: false
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: 'dead'
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.EventGrid/systemTopics'
            metricName: 'DeadLetteredCount'
            operator: 'GreaterThan'
            threshold: 0
            timeAggregation: 'Total'
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
    dependsOn: [systemTopics]
  }
]

resource cutOff 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'cordon-${stage}-cut-off'
  location: 'global'
  properties: {
    description: 'Somebody changed or deleted what brings findings to Cordon.'
    enabled: true
    scopes: [subscription().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'Administrative' }
        { anyOf: map(watched, operation => { field: 'operationName', equals: operation }) }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}
