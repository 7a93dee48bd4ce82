metadata description = 'What one subscription needs: its alerts go to the hub, its changes to system topics, and the identities get their rights on stored data.'

targetScope = 'subscription'

@description('Name of the stage.')
param stage string

@description('Region of what has one.')
param location string

@description('The hub that continuous export writes to; it may lie in another subscription of the tenant.')
param eventHubId string

@description('Who is told when something is wrong.')
param actionGroupId string

@description('The system topics that the subscription has already, by name and resource group; one that has no name is made.')
param topicsThere { changes: { name: string, group: string }, policies: { name: string, group: string } } = {
  changes: { name: '', group: '' }
  policies: { name: '', group: '' }
}

@description('Object id of the identity that reads; there is none when empty.')
param readerPrincipalId string

@description('Object id of the identity that changes things; the stage has none when empty.')
param writerPrincipalId string = ''

var rights = loadJsonContent('rights.generated.json')
// Roles with data actions can be assigned to no management group: each subscription has its own.
var roles = filter(rights.roles, role => role.scope == 'subscription' && !empty(role.holder == 'reader' ? readerPrincipalId : writerPrincipalId))

var groupName = 'cordon-${stage}-sources'
var topics = {
  changes: empty(topicsThere.changes.name) ? { name: 'cordon-${stage}-changes', group: groupName } : topicsThere.changes
  policies: empty(topicsThere.policies.name) ? { name: 'cordon-${stage}-policies', group: groupName } : topicsThere.policies
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: groupName
  location: location
}

module sources 'sources.bicep' = {
  name: 'cordon-sources'
  scope: group
  params: { stage: stage, location: location, eventHubId: eventHubId, actionGroupId: actionGroupId, topics: topics }
}

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in roles: {
    name: guid(subscription().id, stage, role.name)
    properties: {
      roleName: '${role.name} (${stage}, ${subscription().subscriptionId})'
      description: role.description
      type: 'CustomRole'
      permissions: [
        {
          actions: role.actions
          notActions: role.notActions
          dataActions: role.dataActions
          notDataActions: role.notDataActions
        }
      ]
      assignableScopes: [subscription().id]
    }
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (role, at) in roles: {
    name: guid(subscription().id, stage, role.name, role.holder)
    properties: {
      roleDefinitionId: definitions[at].id
      principalId: role.holder == 'writer' ? writerPrincipalId : readerPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

@description('The system topics; the event subscriptions go to them after the code.')
output topics { changes: { name: string, group: string }, policies: { name: string, group: string } } = topics
