metadata description = 'Cordon in one resource group: what holds its state, takes its events, runs it and watches it.'

targetScope = 'resourceGroup'

@description('Name of the stage, as the settings list it. A stage called staging can change nothing.')
@minLength(2)
@maxLength(16)
param stage string

@description('Whether this stage may change anything. Without it there is no writer identity at all; staging never has one.')
param enforce bool = false

@description('Region of everything that has one.')
param location string = resourceGroup().location

@description('Addresses of those who hear when something is wrong with Cordon itself.')
param alertEmails string[]

@description('Object id of the service principal Windows Azure Security Resource Provider (application 8edd93e1-2103-40b4-bd70-6e34e586362d) in this tenant: it exports alerts to the hub.')
param defenderPrincipalId string

@description('Client id of the application whose tokens people and senders of events bring. Its manifest says requestedAccessTokenVersion 2: such tokens name it by this id.')
param apiAudience string

@description('Object id of whoever puts secrets into the vault; nobody gets that right when empty.')
param secretsOfficerId string = ''

@description('Whether exported alerts are also published on a topic of Cordon\'s own. Defender itself publishes none.')
param relay bool = false

@description('The home that events are handed on to, as event-bus:<ARN> or event-topic:<endpoint>; this deployment is the home itself when empty.')
param forwardTo string = ''

@description('Whether there is a hub for what Entra, the Activity Log and Defender XDR send with a key.')
param signals bool = false

@description('Whether there is a topic on which programs hear how runs end.')
param outcomes bool = false

@description('A deployment in AWS: the issuer of its account (`aws iam get-outbound-web-identity-federation-info`), and what the ARNs of its roles begin with, as arn:aws:iam::<account>:role/cordon-<stage>. Where the home is there, they read and change things here; where it is here, they hand events on. Nobody comes from AWS when empty.')
param fromAws { issuer: string, roles: string } = { issuer: '', roles: '' }

@description('Instances that are always ready for events and for runs; 0 saves money and costs a cold start.')
@minValue(0)
@maxValue(10)
param alwaysReady int = 0

@description('Days for which nobody can change or delete evidence and anchors.')
@minValue(1)
@maxValue(3650)
param evidenceDays int = 365

@description('Whether their retention is locked already: a locked policy can be extended, and nothing else (`az storage container immutability-policy extend`).')
param evidenceLocked bool = false

@description('Where AWS is reached from here: ARN of Cordon\'s home role, the audience that it trusts, the region whose STS is asked, the source identity that member roles ask for. AWS is left alone when empty.')
param aws { role: string, audience: string, region: string, sourceIdentity: string } = { role: '', audience: '', region: '', sourceIdentity: '' }

@description('Arguments for the Node process of the worker. The bundle is proven under --disallow-code-generation-from-strings and --disable-proto=delete; Microsoft\'s own worker makes code out of text and does not start under the first.')
param workerArguments string = ''

var writes = enforce && stage != 'staging'
// What hands events on changes nothing and looks nothing up: reader and writer are then for AWS alone, or have no rights.
var isHome = empty(forwardTo)
var actsFromAws = !empty(fromAws.issuer) && !isHome
var forwardsFromAws = !empty(fromAws.issuer) && isHome
// What AWS publishes here: its events for a home here, or the outcomes of a home there.
var publishesFromAws = forwardsFromAws || (actsFromAws && outcomes)
var suffix = uniqueString(resourceGroup().id, stage)
var vaultName = 'cordon${suffix}'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
var groupReader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource home 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'cordon-${stage}-home'
  location: location
}

resource reader 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'cordon-${stage}-reader'
  location: location
}

resource writer 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = if (writes) {
  name: 'cordon-${stage}-writer'
  location: location
}

resource publisher 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = if (publishesFromAws) {
  name: 'cordon-${stage}-publisher'
  location: location
}

// The roles of serverless.yml that may ask for a token for Entra, each as what its function is.
module readerFromAws 'from-aws.bicep' = if (actsFromAws) {
  name: 'cordon-reader-from-aws'
  params: {
    identityName: reader.name
    issuer: fromAws.issuer
    roles: ['${fromAws.roles}-run', '${fromAws.roles}-schedule', '${fromAws.roles}-request']
  }
}

module writerFromAws 'from-aws.bicep' = if (actsFromAws && writes) {
  name: 'cordon-writer-from-aws'
  params: {
    identityName: writer!.name
    issuer: fromAws.issuer
    roles: ['${fromAws.roles}-run', '${fromAws.roles}-schedule']
  }
}

module publisherFromAws 'from-aws.bicep' = if (publishesFromAws) {
  name: 'cordon-publisher-from-aws'
  params: {
    identityName: publisher!.name
    issuer: fromAws.issuer
    roles: forwardsFromAws ? ['${fromAws.roles}-event'] : ['${fromAws.roles}-run', '${fromAws.roles}-schedule']
  }
}

// `cordon doctor` looks whether all of this is there; no data, secret or key can be read by it.
resource examining 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (isHome) {
  name: guid(resourceGroup().id, home.id, groupReader)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', groupReader)
    principalId: home.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

module logs 'logs.bicep' = {
  name: 'cordon-logs'
  params: { stage: stage, location: location, homePrincipalId: home.properties.principalId }
}

module state 'state.bicep' = {
  name: 'cordon-state'
  params: {
    stage: stage
    location: location
    homePrincipalId: home.properties.principalId
    workspaceId: logs.outputs.workspaceId
    evidenceDays: evidenceDays
    evidenceLocked: evidenceLocked
    relay: relay
  }
}

module events 'events.bicep' = {
  name: 'cordon-events'
  params: {
    stage: stage
    location: location
    homePrincipalId: home.properties.principalId
    defenderPrincipalId: defenderPrincipalId
    workspaceId: logs.outputs.workspaceId
    relay: relay
    forwarderPrincipalId: forwardsFromAws ? publisher!.properties.principalId : ''
    outcomes: outcomes
    outcomesPrincipalId: actsFromAws && outcomes ? publisher!.properties.principalId : home.properties.principalId
  }
}

module signalsHub 'signals.bicep' = if (signals) {
  name: 'cordon-signals'
  params: { stage: stage, location: location, homePrincipalId: home.properties.principalId, workspaceId: logs.outputs.workspaceId }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: vaultName
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
  }
}

resource vaultReading 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, home.id, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: home.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource vaultKeeping 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(secretsOfficerId)) {
  name: guid(vault.id, secretsOfficerId, secretsOfficer)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: secretsOfficerId
  }
}

resource vaultLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: vault
  properties: {
    workspaceId: logs.outputs.workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

module app 'function-app.bicep' = {
  name: 'cordon-function-app'
  params: {
    stage: stage
    location: location
    homeId: home.id
    homeClientId: home.properties.clientId
    readerId: isHome ? reader.id : ''
    readerClientId: isHome ? reader.properties.clientId : ''
    writerId: isHome && writes ? writer!.id : ''
    writerClientId: isHome && writes ? writer!.properties.clientId : ''
    state: state.outputs.places
    hub: events.outputs.hub
    signals: signals ? signalsHub!.outputs.hub : { namespace: '', name: '', consumerGroup: '' }
    relayEndpoint: events.outputs.relayEndpoint
    forwardedTopic: events.outputs.forwardedTopicName
    forwardTo: forwardTo
    insights: logs.outputs.connectionString
    workspaceId: logs.outputs.workspaceId
    signingKeys: 'k1=keyvault:${vault.name}/signing-key'
    apiAudience: apiAudience
    alwaysReady: alwaysReady
    aws: aws
    workerArguments: workerArguments
  }
}

module watch 'watch.bicep' = {
  name: 'cordon-watch'
  params: {
    stage: stage
    location: location
    alertEmails: alertEmails
    workspaceId: logs.outputs.workspaceId
    namespaces: concat(
      [{ name: 'hub', id: events.outputs.namespaceId }],
      signals ? [{ name: 'signals', id: signalsHub!.outputs.namespaceId }] : []
    )
    topics: events.outputs.topics
    isHome: isHome
  }
}

@description('The function app: code is deployed to it before the event subscriptions.')
output functionAppName string = app.outputs.name
@description('The vault; the secret signing-key is 44 letters and digits as `openssl rand -base64 32` makes them.')
output vaultName string = vault.name
@description('What hub continuous export writes to.')
output eventHubId string = events.outputs.hubId
@description('The custom topic that storage accounts name for the results of their malware scans.')
output malwareTopicName string = events.outputs.malwareTopicName
@description('The topic that a deployment in AWS hands events on to; empty where there is none.')
output forwardedTopicName string = events.outputs.forwardedTopicName
@description('Its endpoint, as --param forwardTo=event-topic:<endpoint> in AWS.')
output forwardedEndpoint string = events.outputs.forwardedEndpoint
@description('The topic on which programs hear how runs end, for outcomeEvents.eventTopic in the settings; empty where there is none.')
output outcomesEndpoint string = events.outputs.outcomesEndpoint
@description('What diagnostic settings name as eventHubAuthorizationRuleId; empty where there is no hub for them.')
output signalsRuleId string = signals ? signalsHub!.outputs.ruleId : ''
@description('The account whose containers have to be locked once.')
output stateAccountName string = state.outputs.stateAccountName
@description('Where Event Grid puts what it could not deliver.')
output deadLetterAccountId string = state.outputs.deadLetterAccountId
@description('Who is told when something is wrong.')
output actionGroupId string = watch.outputs.actionGroupId
@description('Object id of the identity that goes into AWS from here: HomeIdentity or ForwardingIdentity of from-azure.yml.')
output homePrincipalId string = home.properties.principalId
@description('What AWS is deployed with, under the names of the parameters in serverless.yml.')
output azureTenant string = tenant().tenantId
output azureReaderClientId string = actsFromAws ? reader.properties.clientId : ''
output azureWriterClientId string = actsFromAws && writes ? writer!.properties.clientId : ''
output azureHomeClientId string = publishesFromAws ? publisher!.properties.clientId : ''
@description('Object id of the identity that reads; empty where events are handed on and nobody reads from here.')
output readerPrincipalId string = isHome || actsFromAws ? reader.properties.principalId : ''
@description('Object id of the identity that changes things; empty where the stage may change nothing.')
output writerPrincipalId string = writes && (isHome || actsFromAws) ? writer!.properties.principalId : ''
@description('Object ids for azure.identities in the settings: Cordon knows its own changes by them.')
output identities string[] = concat([reader.properties.principalId, home.properties.principalId], writes ? [writer!.properties.principalId] : [], publishesFromAws ? [publisher!.properties.principalId] : [])
