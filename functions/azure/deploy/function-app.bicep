metadata description = 'The function app, on Flex Consumption, with its identities and settings.'

@description('Name of the stage.')
param stage string
@description('Region.')
param location string
@description('Resource id of the home identity.')
param homeId string
@description('Client id of the home identity.')
param homeClientId string
@description('Resource id of the reader identity; empty where events are handed on.')
param readerId string
@description('Client id of the reader identity; empty likewise.')
param readerClientId string
@description('Resource id of the writer identity; empty there too, and where the stage may change nothing.')
param writerId string
@description('Client id of the writer identity; empty likewise.')
param writerClientId string
@description('The storage accounts and what lies in them.')
param state { host: string, package: string, records: string, evidence: string, anchor: string }
@description('The hub of continuous export.')
param hub { namespace: string, name: string, consumerGroup: string }
@description('The hub for what is sent with a key; there is none when its name is empty.')
param signals { namespace: string, name: string, consumerGroup: string }
@description('Endpoint of the relay\'s topic; the relay is off when empty.')
param relayEndpoint string
@description('The topic that a deployment in AWS hands events on to; empty where there is none.')
param forwardedTopic string
@description('The home that events are handed on to; empty where this is the home.')
param forwardTo string
@description('Connection string of Application Insights; it holds no secret, local authentication is off.')
param insights string
@description('Where the logs go.')
param workspaceId string
@description('Signing keys by reference.')
param signingKeys string
@description('Audience of the callers\' tokens.')
param apiAudience string
@description('Instances that are always ready.')
param alwaysReady int
@description('Where AWS is reached; left alone when empty.')
param aws { role: string, audience: string, region: string, sourceIdentity: string }
@description('Arguments for the Node process of the worker.')
param workerArguments string

var authority = '${environment().authentication.loginEndpoint}${tenant().tenantId}'
var identities = union(
  { '${homeId}': {} },
  empty(readerId) ? {} : { '${readerId}': {} },
  empty(writerId) ? {} : { '${writerId}': {} }
)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'cordon-${stage}'
  location: location
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'cordon-${stage}-${uniqueString(resourceGroup().id, stage)}'
  location: location
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: identities }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: homeId
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }
    functionAppConfig: {
      runtime: { name: 'node', version: '24' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: state.package
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: homeId }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
        alwaysReady: alwaysReady == 0
          ? []
          : concat(
              [{ name: 'function:on-event-hub', instanceCount: alwaysReady }],
              empty(forwardTo) ? [{ name: 'function:on-run', instanceCount: alwaysReady }] : []
            )
      }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      AzureWebJobsStorage__accountName: state.host
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: homeClientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${homeClientId};Authorization=AAD'
      CORDON_STAGE: stage
      CORDON_AZURE_APP: app.id
      CORDON_SETTINGS: 'settings.json'
      CORDON_PLAYBOOKS: 'playbooks.json'
      CORDON_RECORDS: state.records
      CORDON_EVIDENCE: state.evidence
      CORDON_ANCHOR: state.anchor
      CORDON_SIGNING_KEYS: signingKeys
      CORDON_AZURE_HOME_CLIENT_ID: homeClientId
      CORDON_EVENT_HUB__fullyQualifiedNamespace: hub.namespace
      CORDON_EVENT_HUB__credential: 'managedidentity'
      CORDON_EVENT_HUB__clientId: homeClientId
      CORDON_EVENT_HUB_NAME: hub.name
      CORDON_EVENT_HUB_CONSUMER_GROUP: hub.consumerGroup
      CORDON_IDENTITY: 'jwt'
      CORDON_JWT_ISSUER: '${authority}/v2.0'
      CORDON_JWT_KEYS: '${authority}/discovery/v2.0/keys'
      CORDON_JWT_AUDIENCE: apiAudience
    },
    empty(readerClientId) ? {} : { CORDON_AZURE_READER_CLIENT_ID: readerClientId },
    empty(writerClientId) ? {} : { CORDON_AZURE_WRITER_CLIENT_ID: writerClientId },
    empty(forwardTo) ? {} : { CORDON_FORWARD_TO: forwardTo },
    empty(signals.name)
      ? {}
      : {
          CORDON_SIGNALS__fullyQualifiedNamespace: signals.namespace
          CORDON_SIGNALS__credential: 'managedidentity'
          CORDON_SIGNALS__clientId: homeClientId
          CORDON_SIGNALS_NAME: signals.name
          CORDON_SIGNALS_CONSUMER_GROUP: signals.consumerGroup
        },
    empty(relayEndpoint) ? {} : { CORDON_RELAY_TOPIC: relayEndpoint },
    empty(forwardedTopic) ? {} : { CORDON_FORWARDED_TOPIC: forwardedTopic },
    empty(aws.role) ? {} : { CORDON_AWS_ROLE: aws.role, CORDON_AWS_AUDIENCE: aws.audience, CORDON_AWS_REGION: aws.region },
    empty(aws.sourceIdentity) ? {} : { CORDON_AWS_SOURCE_IDENTITY: aws.sourceIdentity },
    empty(workerArguments) ? {} : { languageWorkers__node__arguments: workerArguments }
  )
}

// Code comes in under an identity alone, never with a password.
resource passwords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for way in ['ftp', 'scm']: {
    parent: app
    name: way
    properties: { allow: false }
  }
]

resource appLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'cordon'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
  }
}

output name string = app.name
