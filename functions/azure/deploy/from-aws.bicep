metadata description = 'Lets roles of AWS be an identity of Cordon\'s: Entra takes a token of STS for it, in place of a secret.'

@description('Name of the identity.')
param identityName string
@description('The issuer of the AWS account, as `aws iam get-outbound-web-identity-federation-info` tells it, with no slash behind it.')
param issuer string
@description('ARNs of the roles, each the subject of its tokens.')
param roles string[]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

// One after the other: two at once under one identity are a conflict
// (learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations).
@batchSize(1)
resource trusted 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = [
  for role in roles: {
    parent: identity
    name: last(split(role, '/'))
    properties: { issuer: issuer, subject: role, audiences: ['api://AzureADTokenExchange'] }
  }
]
