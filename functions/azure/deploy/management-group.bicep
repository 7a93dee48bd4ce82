metadata description = 'The rights of Cordon\'s identities on the control plane of every subscription below a management group.'

targetScope = 'managementGroup'

@description('Name of the stage.')
param stage string

@description('Object id of the identity that reads.')
param readerPrincipalId string

@description('Object id of the identity that changes things; without it there is no role that could.')
param writerPrincipalId string = ''

var rights = loadJsonContent('rights.generated.json')
var roles = filter(rights.roles, role => role.scope == 'management-group' && (role.holder == 'reader' || !empty(writerPrincipalId)))

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in roles: {
    name: guid(managementGroup().id, stage, role.name)
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
    }
  }
]

output roleNames string[] = [for (role, at) in roles: definitions[at].properties.roleName]
