import { assigning } from './role-assigning.ts';

/** A way to more rights than one has, by the name under which it is published. */
export type EscalationPath = {
  readonly name: string;
  /** Rights that it takes, all of them: IAM actions, ARM operations, permissions of Graph and Entra with `graph:` and `entra:` before them. */
  readonly needs: readonly string[];
  /** A condition key that takes the way away where it bounds the first of the rights; on Azure see `boundsAssigning`. */
  readonly boundBy?: string;
};

/**
 * On AWS, as Rhino Security Labs name them (rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation), and
 * those of services they do not list under the call they are about (cloud.hacktricks.wiki, "AWS - Privilege Escalation").
 */
const aws: readonly EscalationPath[] = [
  { name: 'CreateNewPolicyVersion', needs: ['iam:CreatePolicyVersion'] },
  { name: 'SetExistingDefaultPolicyVersion', needs: ['iam:SetDefaultPolicyVersion'] },
  { name: 'CreateEC2WithExistingIP', needs: ['iam:PassRole', 'ec2:RunInstances'], boundBy: 'iam:PassedToService' },
  { name: 'AssociateInstanceProfile', needs: ['iam:PassRole', 'ec2:AssociateIamInstanceProfile'] },
  { name: 'ReplaceInstanceProfile', needs: ['iam:PassRole', 'ec2:ReplaceIamInstanceProfileAssociation'] },
  { name: 'CreateAccessKey', needs: ['iam:CreateAccessKey'] },
  { name: 'CreateLoginProfile', needs: ['iam:CreateLoginProfile'] },
  { name: 'UpdateLoginProfile', needs: ['iam:UpdateLoginProfile'] },
  { name: 'AttachUserPolicy', needs: ['iam:AttachUserPolicy'], boundBy: 'iam:PolicyARN' },
  { name: 'AttachGroupPolicy', needs: ['iam:AttachGroupPolicy'], boundBy: 'iam:PolicyARN' },
  { name: 'AttachRolePolicy', needs: ['iam:AttachRolePolicy'], boundBy: 'iam:PolicyARN' },
  { name: 'PutUserPolicy', needs: ['iam:PutUserPolicy'] },
  { name: 'PutGroupPolicy', needs: ['iam:PutGroupPolicy'] },
  { name: 'PutRolePolicy', needs: ['iam:PutRolePolicy'] },
  { name: 'DeleteRolePermissionsBoundary', needs: ['iam:DeleteRolePermissionsBoundary'] },
  { name: 'DeleteUserPermissionsBoundary', needs: ['iam:DeleteUserPermissionsBoundary'] },
  { name: 'AddUserToGroup', needs: ['iam:AddUserToGroup'] },
  { name: 'UpdateRolePolicyToAssumeIt', needs: ['iam:UpdateAssumeRolePolicy'] },
  { name: 'AssumeRoleChain', needs: ['sts:AssumeRole'] },
  { name: 'AssumeRoot', needs: ['sts:AssumeRoot'], boundBy: 'sts:TaskPolicyArn' },
  { name: 'ResyncMFADevice', needs: ['iam:DeactivateMFADevice'] },
  { name: 'CreateServiceSpecificCredential', needs: ['iam:CreateServiceSpecificCredential'] },
  { name: 'UpdateSAMLProvider', needs: ['iam:UpdateSAMLProvider'] },
  { name: 'UpdateOpenIDConnectProviderThumbprint', needs: ['iam:UpdateOpenIDConnectProviderThumbprint'] },
  { name: 'PassExistingRoleToNewLambdaThenInvoke', needs: ['iam:PassRole', 'lambda:CreateFunction'] },
  { name: 'EditExistingLambdaFunctionWithRole', needs: ['lambda:UpdateFunctionCode'] },
  { name: 'UpdateFunctionConfiguration', needs: ['lambda:UpdateFunctionConfiguration'] },
  { name: 'LambdaAddPermission', needs: ['lambda:AddPermission'] },
  { name: 'PassExistingRoleToNewGlueDevEndpoint', needs: ['iam:PassRole', 'glue:CreateDevEndpoint'] },
  { name: 'UpdateExistingGlueDevEndpoint', needs: ['glue:UpdateDevEndpoint'] },
  { name: 'PassExistingRoleToCloudFormation', needs: ['iam:PassRole', 'cloudformation:CreateStack'] },
  { name: 'PassExistingRoleToNewDataPipeline', needs: ['iam:PassRole', 'datapipeline:CreatePipeline'] },
  { name: 'PassRoleToEcsTask', needs: ['iam:PassRole', 'ecs:RegisterTaskDefinition', 'ecs:RunTask'] },
  { name: 'PassRoleToSageMakerNotebook', needs: ['iam:PassRole', 'sagemaker:CreateNotebookInstance'] },
  { name: 'SageMakerPresignedNotebookUrl', needs: ['sagemaker:CreatePresignedNotebookInstanceUrl'] },
  { name: 'CodeBuildStartBuild', needs: ['codebuild:StartBuild'] },
  { name: 'SsmSendCommand', needs: ['ssm:SendCommand'] },
  { name: 'SsmStartSession', needs: ['ssm:StartSession'] },
  { name: 'ModifyUserData', needs: ['ec2:ModifyInstanceAttribute', 'ec2:StopInstances', 'ec2:StartInstances'] },
  { name: 'InstanceConnect', needs: ['ec2-instance-connect:SendSSHPublicKey'] },
  { name: 'PutPermissionSetInlinePolicy', needs: ['sso:PutInlinePolicyToPermissionSet', 'sso:ProvisionPermissionSet'] },
  { name: 'AttachPolicyToPermissionSet', needs: ['sso:AttachManagedPolicyToPermissionSet'] },
  { name: 'CreateAccountAssignment', needs: ['sso:CreateAccountAssignment'] },
  { name: 'IdentityStoreGroupMembership', needs: ['identitystore:CreateGroupMembership'] },
  { name: 'S3PutObject', needs: ['s3:PutObject'] },
  { name: 'S3PutBucketPolicy', needs: ['s3:PutBucketPolicy'] },
  { name: 'KmsCreateGrant', needs: ['kms:CreateGrant'], boundBy: 'kms:GrantIsForAWSResource' },
  { name: 'KmsPutKeyPolicy', needs: ['kms:PutKeyPolicy'] },
  { name: 'GetSecretValue', needs: ['secretsmanager:GetSecretValue'] },
];

/** On Azure (cloud.hacktricks.wiki, "Az - Privilege Escalation"; github.com/NetSPI/MicroBurst). */
const azure: readonly EscalationPath[] = [
  { name: 'WriteRoleAssignment', needs: [assigning], boundBy: 'a condition of the assignment' },
  { name: 'WriteRoleDefinition', needs: ['Microsoft.Authorization/roleDefinitions/write'] },
  { name: 'ElevateAccess', needs: ['Microsoft.Authorization/elevateAccess/action'] },
  { name: 'RoleEligibility', needs: ['Microsoft.Authorization/roleEligibilityScheduleRequests/write'] },
  { name: 'RoleAssignmentSchedule', needs: ['Microsoft.Authorization/roleAssignmentScheduleRequests/write'] },
  { name: 'AssignIdentity', needs: ['Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'] },
  {
    name: 'FederateIdentity',
    needs: ['Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write'],
  },
  { name: 'VmRunCommand', needs: ['Microsoft.Compute/virtualMachines/runCommand/action'] },
  { name: 'VmRunCommands', needs: ['Microsoft.Compute/virtualMachines/runCommands/write'] },
  { name: 'VmExtension', needs: ['Microsoft.Compute/virtualMachines/extensions/write'] },
  { name: 'VmWrite', needs: ['Microsoft.Compute/virtualMachines/write'] },
  { name: 'VmLogin', needs: ['Microsoft.Compute/virtualMachines/loginAsAdmin/action'] },
  { name: 'DiskExport', needs: ['Microsoft.Compute/disks/beginGetAccess/action'] },
  { name: 'SnapshotExport', needs: ['Microsoft.Compute/snapshots/beginGetAccess/action'] },
  { name: 'StorageListKeys', needs: ['Microsoft.Storage/storageAccounts/listKeys/action'] },
  { name: 'BlobWrite', needs: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'] },
  { name: 'KeyVaultAccessPolicy', needs: ['Microsoft.KeyVault/vaults/accessPolicies/write'] },
  { name: 'KeyVaultWrite', needs: ['Microsoft.KeyVault/vaults/write'] },
  { name: 'GetSecret', needs: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'] },
  { name: 'AutomationRunbook', needs: ['Microsoft.Automation/automationAccounts/runbooks/write'] },
  { name: 'WebPublishingCredentials', needs: ['Microsoft.Web/sites/config/list/action'] },
  { name: 'WebWrite', needs: ['Microsoft.Web/sites/write'] },
  { name: 'AksAdmin', needs: ['Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action'] },
  { name: 'AksRunCommand', needs: ['Microsoft.ContainerService/managedClusters/runCommand/action'] },
  { name: 'LogicAppWrite', needs: ['Microsoft.Logic/workflows/write'] },
  { name: 'Deployment', needs: ['Microsoft.Resources/deploymentScripts/write'] },
];

/** Application permissions of Microsoft Graph that lead to Global Administrator (github.com/emiliensocchi/azure-tiering, tier 0). */
const graph: readonly EscalationPath[] = [
  'AppRoleAssignment.ReadWrite.All',
  'RoleManagement.ReadWrite.Directory',
  'RoleAssignmentSchedule.ReadWrite.Directory',
  'RoleEligibilitySchedule.ReadWrite.Directory',
  'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
  'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.ReadWrite.All',
  'Group.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'RoleManagementPolicy.ReadWrite.AzureADGroup',
  'UserAuthenticationMethod.ReadWrite.All',
  'User-PasswordProfile.ReadWrite.All',
  'User.ReadWrite.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Domain.ReadWrite.All',
  'Organization.ReadWrite.All',
  'EntitlementManagement.ReadWrite.All',
  'Synchronization.ReadWrite.All',
  'Policy.ReadWrite.ConditionalAccess',
  'Policy.ReadWrite.PermissionGrant',
].map((permission) => ({ name: permission, needs: [`graph:${permission}`] }));

/** Permissions of Entra's own roles by which one becomes another application (labelled PRIVILEGED: learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions). */
const entra: readonly EscalationPath[] = [
  { name: 'AddApplicationCredential', needs: ['entra:microsoft.directory/applications/credentials/update'] },
  { name: 'AddServicePrincipalCredential', needs: ['entra:microsoft.directory/servicePrincipals/credentials/update'] },
];

/** Every way that is looked for. */
export const escalationPaths: { readonly aws: readonly EscalationPath[]; readonly azure: readonly EscalationPath[] } = {
  aws,
  azure: [...azure, ...graph, ...entra],
};

/** Why a way is left open, and what has to be so for the reason to be true; where it is not, the way is a fault. */
export type Accepted = {
  readonly because: string;
  /** Rights that an action names one resource for, so that the session of a run reaches that one. */
  readonly one?: readonly string[];
  /** The one value that a condition key of a right may have, wherever the right is granted. */
  readonly only?: { readonly right: string; readonly key: string; readonly value: string };
  /** What a right is denied on, by the end of its ARN. */
  readonly never?: { readonly right: string; readonly on: string };
};

const toEc2 = { right: 'iam:PassRole', key: 'iam:PassedToService', value: 'ec2.amazonaws.com' } as const;
const notOurs = (right: string) => ({ right, on: ':role/Cordon*' });

/** What Cordon needs all the same, for the writer alone. */
export const acceptedPaths: Readonly<Record<string, Accepted>> = {
  PutRolePolicy: {
    because:
      'sessions of a role are ended by a policy in it that denies them; no condition bounds what a policy says. The session of a run reaches the one role of its plan, and Cordon’s own roles and those of the organisation are denied to it',
    one: ['iam:PutRolePolicy'],
    never: notOurs('iam:PutRolePolicy'),
  },
  UpdateRolePolicyToAssumeIt: {
    because:
      'the trust that a role had is given back to it on release; the session of a run reaches the one role of its plan, and Cordon’s own roles and those of the organisation are denied to it',
    one: ['iam:UpdateAssumeRolePolicy'],
    never: notOurs('iam:UpdateAssumeRolePolicy'),
  },
  AssociateInstanceProfile: {
    because:
      'the role that an instance had is given back to it on release, whichever that was; the session of a run reaches the one instance of its plan, and roles are passed to EC2 alone, Cordon’s own never',
    one: ['ec2:AssociateIamInstanceProfile'],
    only: toEc2,
    never: notOurs('iam:PassRole'),
  },
  ReplaceInstanceProfile: {
    because:
      'an instance gets a profile without rights in the place of its own, and its own back on release; the session of a run reaches the one instance of its plan, and roles are passed to EC2 alone, Cordon’s own never',
    one: ['ec2:ReplaceIamInstanceProfileAssociation'],
    only: toEc2,
    never: notOurs('iam:PassRole'),
  },
  LambdaAddPermission: {
    because:
      'a statement that was taken out of the policy of a function is written again on release; no condition bounds it to that one. The session of a run reaches the one function of its plan, and Cordon’s own functions are denied to it',
    one: ['lambda:AddPermission'],
    never: { right: 'lambda:AddPermission', on: ':function:cordon-*' },
  },
  PutUserPolicy: {
    because:
      'the policy that denies a user everything stands in the user where no further managed one fits; the session of a run reaches the one user of its plan',
    one: ['iam:PutUserPolicy'],
  },
  PutPermissionSetInlinePolicy: {
    because:
      'a person of Identity Center is denied in the permission set itself; AWS bounds the call to no one set by its name',
  },
  S3PutObject: {
    because:
      'an object that was quarantined is put back on release; the session of a run reaches its one key, and what lies in quarantine',
    one: ['s3:PutObject'],
  },
  DiskExport: {
    because: 'Azure asks for it of whoever makes a snapshot of a disk; nothing is ever downloaded',
  },
  AddApplicationCredential: {
    because:
      'a secret that was added to an application is taken away; Entra has no right to take secrets away alone, and whoever holds the writer could add one. Without playbooks that use azure.entra.remove-application-credential the right is not given',
  },
  AddServicePrincipalCredential: { because: 'the same of a secret that stands on the service principal' },
  BlobWrite: {
    because: 'a blob that was quarantined is put back on release; nothing is written beside the blob that was named',
  },
};
