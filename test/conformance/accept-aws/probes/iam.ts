import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  paginateListAccessKeys,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { pageSizes, type Probe, probesOf } from '../probe.ts';

const UserName = 'ci-deploy';
const RoleName = 'web-server';
const PolicyArn = 'arn:aws:iam::111122223333:policy/CordonQuarantine';
const reserved = 'AWSReservedSSO_PowerUser_0123456789abcdef';
const deny = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] });
const long = JSON.stringify({
  Version: '2012-10-17',
  Statement: Array.from({ length: 40 }, (_, at) => ({
    Effect: 'Deny',
    Action: 's3:*',
    Resource: `arn:aws:s3:::northwind-bucket-of-a-rather-long-name-${at}/*`,
  })),
});

const iam = probesOf('iam', IAMClient);
const sts = probesOf('sts', STSClient);
const role = 'arn:aws:iam::111122223333:role';

/** IAM and STS. Some change what later ones see. */
export const iamProbes: readonly Probe[] = [
  iam('GetUser', (client) => client.send(new GetUserCommand({ UserName }))),
  iam('GetUser of an unknown user', (client) => client.send(new GetUserCommand({ UserName: 'nobody' }))),
  iam('ListAccessKeys', (client) => client.send(new ListAccessKeysCommand({ UserName }))),
  iam('ListAccessKeys of an unknown user', (client) => client.send(new ListAccessKeysCommand({ UserName: 'nobody' }))),
  iam('UpdateAccessKey of an unknown key', (client) =>
    client.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: 'AKIAUNKNOWN000000001', Status: 'Inactive' })),
  ),
  iam('UpdateAccessKey of an unknown user', (client, id) => {
    return client.send(
      new UpdateAccessKeyCommand({
        UserName: 'nobody',
        AccessKeyId: id('AKIACIDEPLOY00000001'),
        Status: 'Inactive',
      }),
    );
  }),
  iam('CreateAccessKey', (client) => client.send(new CreateAccessKeyCommand({ UserName }))),
  iam('CreateAccessKey beyond the quota', (client) => client.send(new CreateAccessKeyCommand({ UserName }))),
  iam(
    'ListAccessKeys in pages',
    (client) => pageSizes(paginateListAccessKeys({ client, pageSize: 1 }, { UserName }), 'AccessKeyMetadata'),
    true,
  ),
  iam('ListAttachedUserPolicies of none', (client) => client.send(new ListAttachedUserPoliciesCommand({ UserName }))),
  iam('DetachUserPolicy of one not attached', (client) =>
    client.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
  ),
  iam('AttachUserPolicy of an unknown policy', (client) =>
    client.send(new AttachUserPolicyCommand({ UserName, PolicyArn: `${PolicyArn}Unknown` })),
  ),
  iam('AttachUserPolicy to an unknown user', (client) =>
    client.send(new AttachUserPolicyCommand({ UserName: 'nobody', PolicyArn })),
  ),
  iam('AttachUserPolicy', (client) => client.send(new AttachUserPolicyCommand({ UserName, PolicyArn }))),
  iam('ListAttachedUserPolicies', (client) => client.send(new ListAttachedUserPoliciesCommand({ UserName }))),
  iam('DetachUserPolicy', (client) => client.send(new DetachUserPolicyCommand({ UserName, PolicyArn }))),
  iam('ListUserPolicies', (client) => client.send(new ListUserPoliciesCommand({ UserName }))),
  iam('GetUserPolicy', (client) => client.send(new GetUserPolicyCommand({ UserName, PolicyName: 'deploy' }))),
  iam('GetUserPolicy of an unknown policy', (client) =>
    client.send(new GetUserPolicyCommand({ UserName, PolicyName: 'unknown' })),
  ),
  iam('PutUserPolicy', (client) =>
    client.send(new PutUserPolicyCommand({ UserName, PolicyName: 'deny', PolicyDocument: deny })),
  ),
  iam('PutUserPolicy of no policy', (client) =>
    client.send(new PutUserPolicyCommand({ UserName, PolicyName: 'deny', PolicyDocument: '{"Statement":' })),
  ),
  iam('PutUserPolicy that is too long', (client) =>
    client.send(new PutUserPolicyCommand({ UserName, PolicyName: 'deny', PolicyDocument: long })),
  ),
  iam('DeleteUserPolicy', (client) => client.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'deny' }))),
  iam('DeleteUserPolicy of an unknown policy', (client) =>
    client.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'unknown' })),
  ),
  iam('GetRole', (client) => client.send(new GetRoleCommand({ RoleName }))),
  iam('GetRole of an unknown role', (client) => client.send(new GetRoleCommand({ RoleName: 'nobody' }))),
  iam('ListRolePolicies', (client) => client.send(new ListRolePoliciesCommand({ RoleName }))),
  iam('ListRolePolicies of an unknown role', (client) =>
    client.send(new ListRolePoliciesCommand({ RoleName: 'nobody' })),
  ),
  iam('GetRolePolicy', (client) => client.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'serve' }))),
  iam('GetRolePolicy of an unknown policy', (client) =>
    client.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'unknown' })),
  ),
  iam('PutRolePolicy', (client) =>
    client.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'deny', PolicyDocument: deny })),
  ),
  iam('PutRolePolicy on a reserved role', (client) =>
    client.send(new PutRolePolicyCommand({ RoleName: reserved, PolicyName: 'deny', PolicyDocument: deny })),
  ),
  iam('DeleteRolePolicy', (client) => client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'deny' }))),
  iam('DeleteRolePolicy of an unknown policy', (client) =>
    client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'unknown' })),
  ),
  iam('GetPolicy', (client) => client.send(new GetPolicyCommand({ PolicyArn }))),
  iam('GetPolicy of an unknown policy', (client) =>
    client.send(new GetPolicyCommand({ PolicyArn: `${PolicyArn}Unknown` })),
  ),
  iam('GetAccountSummary', (client) => client.send(new GetAccountSummaryCommand({}))),
  sts('GetCallerIdentity', (client) => client.send(new GetCallerIdentityCommand({}))),
  sts('AssumeRole with a wrong external id', (client) =>
    client.send(
      new AssumeRoleCommand({ RoleArn: `${role}/CordonReader`, RoleSessionName: 'probe', ExternalId: 'guessed' }),
    ),
  ),
  sts('AssumeRole of an unknown role', (client) =>
    client.send(new AssumeRoleCommand({ RoleArn: `${role}/unknown`, RoleSessionName: 'probe' })),
  ),
];
