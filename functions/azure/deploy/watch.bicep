metadata description = 'Alarms about Cordon itself.'

@description('Name of the stage.')
param stage string
@description('Region.')
param location string
@description('Addresses of those who are told.')
param alertEmails string[]
@description('The workspace whose logs are asked.')
param workspaceId string
@description('The namespaces whose hubs are read.')
param namespaces { name: string, id: string }[]
@description('The topics whose dead letters raise an alarm.')
param topics { name: string, id: string }[]
@description('Whether this is the home: where events are handed on nothing is done every minute.')
param isHome bool

// Each asks the logs; one line of an answer is one too many.
var rules = concat(isHome ? [rounds] : [], [
  {
    name: 'poison'
    severity: 1
    description: 'The host gave a message up: the process died of it, or nothing took it back. Runs are started again by the sweep; events are set aside with a notice, or go on waiting; an alert is lost to the relay.'
    query: 'StorageQueueLogs | where OperationName == "PutMessage" and Uri contains "-poison"'
  }
  {
    name: 'inbox-waits'
    severity: 1
    description: 'A message has waited for more than half an hour and could be neither taken nor set aside: the store of records, the vault or the home in the other cloud does not answer. It waits until it is taken; nothing is lost.'
    query: 'AppTraces | where Message has "a message waits" | where toint(parse_json(Message).waitedSeconds) > 1800'
  }
  {
    name: 'never-taken'
    severity: 1
    description: 'The home in the other cloud will never take an event: it is kept as evidence under the digest in the log, take it there by hand. Or the relay gave an alert up, which Cordon itself has taken.'
    query: 'AppTraces | where Message has "an event is kept and not handed on" or Message has "an alert is not relayed" or Message has "an alert is too large to be relayed"'
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
    name: 'out-of-order'
    severity: 1
    description: 'Runs that nothing has carried on, an open breaker, a change that does not show, findings that never arrived, runs missing in the records, findings of accounts that the settings do not name, or journals not anchored for two hours: the metric says which, and cordon status more.'
    query: 'AppMetrics | where (Name in ("RunsNeverStarted", "BreakersOpen", "VerifyFailed", "FindingsMissed", "RunsUnaccounted") and Sum > 0) or (Name in ("Skipped") and tostring(Properties.reason) == "account-out-of-scope" and Sum > 0) or (Name in ("AuditLagSeconds") and Sum > 7200) | extend Metric = trim(" ", strcat(Name, " ", tostring(Properties.cloud)))'
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
])
// What has not happened is a line too: the sum over nothing.
var rounds = {
  name: 'rounds-missing'
  severity: 0
  description: 'on-schedule has not run for a quarter of an hour. Nothing is swept, reminded or anchored.'
  query: 'AppRequests | where Name == "on-schedule" and Success == true | summarize Rounds = count() | where Rounds == 0'
}

// Without these nothing comes in, or nobody hears of it. A deployment writes event subscriptions too, and is told.
var watched = [
  'Microsoft.EventGrid/topics/delete'
  'Microsoft.EventGrid/topics/eventSubscriptions/write'
  'Microsoft.EventGrid/topics/eventSubscriptions/delete'
  'Microsoft.EventGrid/eventSubscriptions/write'
  'Microsoft.EventGrid/eventSubscriptions/delete'
  'Microsoft.EventHub/namespaces/delete'
  'Microsoft.EventHub/namespaces/eventhubs/delete'
  'Microsoft.EventHub/namespaces/authorizationRules/delete'
  'Microsoft.EventHub/namespaces/eventhubs/consumergroups/delete'
  'Microsoft.Web/sites/delete'
  'Microsoft.Web/sites/stop/action'
  'Microsoft.Storage/storageAccounts/delete'
  'Microsoft.Insights/scheduledQueryRules/delete'
  'Microsoft.Insights/metricAlerts/delete'
  'Microsoft.Insights/activityLogAlerts/delete'
  'Microsoft.Insights/actionGroups/delete'
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
      // Lines come in minutes late: what did not happen is not asked of the last ones alone.
      windowSize: rule.name == 'rounds-missing' ? 'PT15M' : 'PT5M'
      // What lasts is told once, until it is over, and each metric by itself.
      autoMitigate: rule.name == 'out-of-order' || rule.name == 'rounds-missing'
      // Tables appear with their first line: until then a query that names one is no mistake.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            dimensions: rule.name == 'out-of-order' ? [{ name: 'Metric', operator: 'Include', values: ['*'] }] : []
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

resource standstill 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for namespace in namespaces: {
    name: 'cordon-${stage}-${namespace.name}-standstill'
    location: 'global'
    properties: {
      description: 'Messages come into the hub and none goes out: nobody reads it.'
      severity: 0
      enabled: true
      scopes: [namespace.id]
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
]

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

resource cutOff 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'cordon-${stage}-home-cut-off'
  location: 'global'
  properties: {
    description: 'Somebody changed or deleted what events come in by, or what would tell of it.'
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'Administrative' }
        { anyOf: map(watched, operation => { field: 'operationName', equals: operation }) }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: people.id }] }
  }
}

output actionGroupId string = people.id
