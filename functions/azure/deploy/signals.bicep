metadata description = 'A hub for what is sent with a key: diagnostic settings of Entra and of the Activity Log, and the streaming API of Defender XDR.'

@description('Name of the stage.')
param stage string
@description('Region.')
param location string
@description('Object id of the home identity: it reads the hub.')
param homePrincipalId string
@description('Where the logs go.')
param workspaceId string

var hubReceiver = 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'

// Of its own: keys stay on here, because diagnostic settings know no identity, and no key opens the hub of continuous export.
resource hubs 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: 'cordon-${stage}-signals-${uniqueString(resourceGroup().id, stage)}'
  location: location
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: {
    disableLocalAuth: false
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: true
    maximumThroughputUnits: 4
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: hubs
  name: 'signals'
  properties: {
    partitionCount: 4
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 168 }
  }
}

resource group 'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01' = {
  parent: hub
  name: 'cordon'
}

// Sending is enough where a setting names the hub; without a name it would make one, and want to manage the namespace.
resource sending 'Microsoft.EventHub/namespaces/authorizationRules@2024-01-01' = {
  parent: hubs
  name: 'send'
  properties: { rights: ['Send'] }
}

resource receiving 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, homePrincipalId, hubReceiver)
  scope: hub
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', hubReceiver)
    principalId: homePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource namespaceLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: hubs
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'OperationalLogs', enabled: true }]
  }
}

@description('What the function app needs to know of the hub.')
output hub { namespace: string, name: string, consumerGroup: string } = {
  namespace: '${hubs.name}.servicebus.windows.net'
  name: hub.name
  consumerGroup: group.name
}
output namespaceId string = hubs.id
@description('The rule whose key senders use, as eventHubAuthorizationRuleId of a diagnostic setting.')
output ruleId string = sending.id
