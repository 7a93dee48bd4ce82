metadata description = 'What events come in by: the hub of continuous export and the topic of malware results; and the topics of the relay and of outcomes.'

@description('Name of the stage.')
param stage string
@description('Region.')
param location string
@description('Object id of the home identity: it reads the hub.')
param homePrincipalId string
@description('Object id of the service principal that exports to the hub.')
param defenderPrincipalId string
@description('Where the logs go.')
param workspaceId string
@description('Whether there is a topic for the relay.')
param relay bool
@description('Object id of the identity that hands events on to this home; there is no topic for it when empty.')
param forwarderPrincipalId string
@description('Whether there is a topic on which programs hear how runs end.')
param outcomes bool
@description('Object id of the identity that publishes there.')
param outcomesPrincipalId string

var suffix = uniqueString(resourceGroup().id, stage)
var hubReceiver = 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
var hubSender = '2b629674-e913-4c01-ae53-ef4638d8f975'
var gridSender = 'd5a91429-5739-47e2-a06b-3470a27159e7'

resource hubs 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: 'cordon-${stage}-${suffix}'
  location: location
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: true
    maximumThroughputUnits: 4
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: hubs
  name: 'defender'
  properties: {
    partitionCount: 4
    // as long as this tier keeps them: what cannot be taken today is there tomorrow
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 168 }
  }
}

resource group 'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01' = {
  parent: hub
  name: 'cordon'
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

resource exporting 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, defenderPrincipalId, hubSender)
  scope: hub
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', hubSender)
    principalId: defenderPrincipalId
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

// Keys stay on: it is not documented with which identity Defender for Storage publishes. A forged result changes
// nothing by itself, because the blob is read again first.
resource malware 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: 'cordon-${stage}-malware-${suffix}'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    inputSchema: 'EventGridSchema'
    minimumTlsVersionAllowed: '1.2'
  }
}

// Nobody but the forwarder may publish here: what comes by this topic is believed to be what the other cloud sent.
resource forwarded 'Microsoft.EventGrid/topics@2025-02-15' = if (!empty(forwarderPrincipalId)) {
  name: 'cordon-${stage}-forwarded-${suffix}'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
  }
}

resource forwarding 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(forwarderPrincipalId)) {
  name: guid(forwarded.id, forwarderPrincipalId, gridSender)
  scope: forwarded
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', gridSender)
    principalId: forwarderPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource malwareLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: malware
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'DeliveryFailures', enabled: true }, { category: 'PublishFailures', enabled: true }]
  }
}

resource alerts 'Microsoft.EventGrid/topics@2025-02-15' = if (relay) {
  name: 'cordon-${stage}-alerts-${suffix}'
  location: location
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
  }
}

resource relaying 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(alerts.id, homePrincipalId, gridSender)
  scope: alerts
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', gridSender)
    principalId: homePrincipalId
    principalType: 'ServicePrincipal'
  }
}

// How runs end, for programs. Nothing of Cordon listens to it.
resource ended 'Microsoft.EventGrid/topics@2025-02-15' = if (outcomes) {
  name: 'cordon-${stage}-outcomes-${suffix}'
  location: location
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
  }
}

resource telling 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (outcomes) {
  name: guid(ended.id, outcomesPrincipalId, gridSender)
  scope: ended
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', gridSender)
    principalId: outcomesPrincipalId
    principalType: 'ServicePrincipal'
  }
}

@description('What the function app needs to know of the hub.')
output hub { namespace: string, name: string, consumerGroup: string } = {
  namespace: '${hubs.name}.servicebus.windows.net'
  name: hub.name
  consumerGroup: group.name
}
output namespaceId string = hubs.id
output hubId string = hub.id
output malwareTopicName string = malware.name
@description('The endpoint of the relay\'s topic; empty where it is off.')
output relayEndpoint string = relay ? alerts!.properties.endpoint : ''
@description('The endpoint of the topic of outcomes; empty where there is none.')
output outcomesEndpoint string = outcomes ? ended!.properties.endpoint : ''
output forwardedTopicName string = empty(forwarderPrincipalId) ? '' : forwarded!.name
output forwardedEndpoint string = empty(forwarderPrincipalId) ? '' : forwarded!.properties.endpoint
@description('The topics whose dead letters raise an alarm.')
output topics { name: string, id: string }[] = concat(
  [{ name: 'malware', id: malware.id }],
  empty(forwarderPrincipalId) ? [] : [{ name: 'forwarded', id: forwarded!.id }]
)
