metadata description = 'Alarms about Cordon itself.'

@description('Name of the stage.')
param stage string
@description('Region.')
param location string
@description('Addresses of those who are told.')
param alertEmails string[]
@description('The workspace whose logs are asked.')
param workspaceId string
@description('The namespace of the hub.')
param namespaceId string
@description('The topics whose dead letters raise an alarm.')
param topics { name: string, id: string }[]

// Each asks the logs; one line of an answer is one too many.
var rules = [
  {
    name: 'poison'
    severity: 1
    description: 'Something could not be done in all tries. Runs are started again by the sweep; events of the inbox are set aside with a notice.'
    query: 'StorageQueueLogs | where OperationName == "PutMessage" and Uri contains "-poison"'
  }
  {
    name: 'function-failed'
    severity: 2
    description: 'A function threw. What it had comes again; look why.'
    query: 'AppRequests | where Success == false and Name != "on-request" and Name != "on-webhook"'
  }
  {
    name: 'hub-lag'
    severity: 1
    description: 'A message has waited in the hub for more than five minutes.'
    query: 'AppTraces | where Message has "a batch of the hub" | where toint(parse_json(Message).lagSeconds) > 300'
  }
  {
    name: 'not-contained'
    severity: 1
    description: 'A run ended without the target being seen contained, or failed.'
    query: 'AppTraces | where Message has "a run stands" | extend outcome = tostring(parse_json(Message).outcome) | where outcome in ("not-contained", "unverified", "partly-contained", "failed")'
  }
  {
    name: 'records-failed'
    severity: 1
    description: 'The store of records or evidence refused a write or could not be reached: without a record nothing is changed.'
    query: 'AppTraces | where Message has "a turn failed" or Message has "a message goes to the inbox" or Message has "an event goes to the inbox" or Message has "events could not be taken"'
  }
  {
    name: 'nobody-told'
    severity: 1
    description: 'A message to people was given up.'
    query: 'AppTraces | where Message has "a message did not go out" and Message has "given-up"'
  }
  {
    name: 'state-deleted'
    severity: 0
    description: 'Somebody deleted evidence, anchors or the table of records, or tried to.'
    query: 'union StorageBlobLogs, StorageTableLogs | where OperationName in ("DeleteBlob", "DeleteContainer", "DeleteTable")'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'cordon-${stage}'
  location: 'global'
  properties: {
    groupShortName: take('cordon${stage}', 12)
    enabled: true
    emailReceivers: [
      for (address, at) in alertEmails: {
        name: 'person-${at}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource queries 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for rule in rules: {
    name: 'cordon-${stage}-${rule.name}'
    location: location
    properties: {
      displayName: 'Cordon ${stage}: ${rule.name}'
      description: rule.description
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      autoMitigate: false
      // Tables appear with their first line: until then a query that names one is no mistake.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

resource standstill 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'cordon-${stage}-hub-standstill'
  location: 'global'
  properties: {
    description: 'Messages come into the hub and none goes out: nobody reads it.'
    severity: 0
    enabled: true
    scopes: [namespaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'in'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.EventHub/namespaces'
          metricName: 'IncomingMessages'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
        {
          name: 'out'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.EventHub/namespaces'
          metricName: 'OutgoingMessages'
          operator: 'LessThan'
          threshold: 1
          timeAggregation: 'Total'
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for topic in topics: {
    name: 'cordon-${stage}-${topic.name}-dead-letters'
    location: 'global'
    properties: {
      description: 'Events could not be delivered and lie in cordon-dead-letters.'
      severity: 0
      enabled: true
      scopes: [topic.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      autoMitigate: false
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: 'dead'
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.EventGrid/topics'
            metricName: 'DeadLetteredCount'
            operator: 'GreaterThan'
            threshold: 0
            timeAggregation: 'Total'
          }
        ]
      }
      actions: [{ actionGroupId: people.id }]
    }
  }
]

output actionGroupId string = people.id
