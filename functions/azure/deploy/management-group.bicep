metadata description = 'The rights of Cordon\'s identities on the control plane of every subscription below a management group.'

targetScope = 'managementGroup'

@description('Name of the stage.')
param stage string

@description('Object id of the identity that reads.')
param readerPrincipalId string

@description('Object id of the identity that changes things; without it there is no role that could.')
param writerPrincipalId string = ''

@description('Object ids of all of Cordon\'s identities: nobody gives them a role by the right to put role assignments back.')
@minLength(1)
param identities string[]

var rights = loadJsonContent('rights.generated.json')
var roles = filter(rights.roles, role => role.scope == 'management-group' && (role.holder == 'reader' || !empty(writerPrincipalId)))

// A role that gives roles, and these, are not among those that the writer puts back: it would give itself more than it has.
var ownRoles = map(roles, role => guid(managementGroup().id, stage, role.name))
var conditions = map(roles, role => replace(replace(role.condition, '{ownRoles}', join(ownRoles, ', ')), '{ownIdentities}', join(identities, ', ')))

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for (role, at) in roles: {
    name: ownRoles[at]
    properties: {
      roleName: '${role.name} (${stage}, ${managementGroup().name})'
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
      assignableScopes: [managementGroup().id]
    }
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (role, at) in roles: {
    name: guid(managementGroup().id, stage, role.name, role.holder)
    properties: {
      roleDefinitionId: definitions[at].id
      principalId: role.holder == 'writer' ? writerPrincipalId : readerPrincipalId
      principalType: 'ServicePrincipal'
      condition: empty(conditions[at]) ? null : conditions[at]
      conditionVersion: empty(conditions[at]) ? null : '2.0'
    }
  }
]

output roleNames string[] = [for (role, at) in roles: definitions[at].properties.roleName]
