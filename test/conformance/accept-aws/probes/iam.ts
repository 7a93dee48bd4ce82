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
import { type Asking, pageSizes, type Probe } from '../wire.ts';

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

type Command = Parameters<IAMClient['send']>[0];
const iam = (name: string, command: (aws: Asking) => Command): Probe => ({
  name: `iam ${name}`,
  ask: (aws) => aws.client(IAMClient).send(command(aws)),
});
const role = 'arn:aws:iam::111122223333:role';
const sts = (name: string, command: Parameters<STSClient['send']>[0]): Probe => ({
  name: `sts ${name}`,
  ask: ({ client }) => client(STSClient).send(command),
});

/** IAM and STS. Some change what later ones see. */
export const iamProbes: readonly Probe[] = [
  iam('GetUser', () => new GetUserCommand({ UserName })),
  iam('GetUser of an unknown user', () => new GetUserCommand({ UserName: 'nobody' })),
  iam('ListAccessKeys', () => new ListAccessKeysCommand({ UserName })),
  iam('ListAccessKeys of an unknown user', () => new ListAccessKeysCommand({ UserName: 'nobody' })),
  iam('UpdateAccessKey of an unknown key', () => {
    return new UpdateAccessKeyCommand({ UserName, AccessKeyId: 'AKIAUNKNOWN000000001', Status: 'Inactive' });
  }),
  iam('UpdateAccessKey of an unknown user', ({ id }) => {
    return new UpdateAccessKeyCommand({
      UserName: 'nobody',
      AccessKeyId: id('AKIACIDEPLOY00000001'),
      Status: 'Inactive',
    });
  }),
  iam('CreateAccessKey', () => new CreateAccessKeyCommand({ UserName })),
  iam('CreateAccessKey beyond the quota', () => new CreateAccessKeyCommand({ UserName })),
  {
    name: 'iam ListAccessKeys in pages',
    values: true,
    ask: ({ client }) =>
      pageSizes(
        paginateListAccessKeys({ client: client(IAMClient), pageSize: 1 }, { UserName }),
        'AccessKeyMetadata',
      ),
  },
  iam('ListAttachedUserPolicies of none', () => new ListAttachedUserPoliciesCommand({ UserName })),
  iam('DetachUserPolicy of one not attached', () => new DetachUserPolicyCommand({ UserName, PolicyArn })),
  iam('AttachUserPolicy of an unknown policy', () => {
    return new AttachUserPolicyCommand({ UserName, PolicyArn: `${PolicyArn}Unknown` });
  }),
  iam('AttachUserPolicy to an unknown user', () => new AttachUserPolicyCommand({ UserName: 'nobody', PolicyArn })),
  iam('AttachUserPolicy', () => new AttachUserPolicyCommand({ UserName, PolicyArn })),
  iam('ListAttachedUserPolicies', () => new ListAttachedUserPoliciesCommand({ UserName })),
  iam('DetachUserPolicy', () => new DetachUserPolicyCommand({ UserName, PolicyArn })),
  iam('ListUserPolicies', () => new ListUserPoliciesCommand({ UserName })),
  iam('GetUserPolicy', () => new GetUserPolicyCommand({ UserName, PolicyName: 'deploy' })),
  iam('GetUserPolicy of an unknown policy', () => new GetUserPolicyCommand({ UserName, PolicyName: 'unknown' })),
  iam('PutUserPolicy', () => new PutUserPolicyCommand({ UserName, PolicyName: 'deny', PolicyDocument: deny })),
  iam('PutUserPolicy of no policy', () => {
    return new PutUserPolicyCommand({ UserName, PolicyName: 'deny', PolicyDocument: '{"Statement":' });
  }),
  iam('PutUserPolicy that is too long', () => {
    return new PutUserPolicyCommand({ UserName, PolicyName: 'deny', PolicyDocument: long });
  }),
  iam('DeleteUserPolicy', () => new DeleteUserPolicyCommand({ UserName, PolicyName: 'deny' })),
  iam('DeleteUserPolicy of an unknown policy', () => new DeleteUserPolicyCommand({ UserName, PolicyName: 'unknown' })),
  iam('GetRole', () => new GetRoleCommand({ RoleName })),
  iam('GetRole of an unknown role', () => new GetRoleCommand({ RoleName: 'nobody' })),
  iam('ListRolePolicies', () => new ListRolePoliciesCommand({ RoleName })),
  iam('ListRolePolicies of an unknown role', () => new ListRolePoliciesCommand({ RoleName: 'nobody' })),
  iam('GetRolePolicy', () => new GetRolePolicyCommand({ RoleName, PolicyName: 'serve' })),
  iam('GetRolePolicy of an unknown policy', () => new GetRolePolicyCommand({ RoleName, PolicyName: 'unknown' })),
  iam('PutRolePolicy', () => new PutRolePolicyCommand({ RoleName, PolicyName: 'deny', PolicyDocument: deny })),
  iam('PutRolePolicy on a reserved role', () => {
    return new PutRolePolicyCommand({ RoleName: reserved, PolicyName: 'deny', PolicyDocument: deny });
  }),
  iam('DeleteRolePolicy', () => new DeleteRolePolicyCommand({ RoleName, PolicyName: 'deny' })),
  iam('DeleteRolePolicy of an unknown policy', () => new DeleteRolePolicyCommand({ RoleName, PolicyName: 'unknown' })),
  iam('GetPolicy', () => new GetPolicyCommand({ PolicyArn })),
  iam('GetPolicy of an unknown policy', () => new GetPolicyCommand({ PolicyArn: `${PolicyArn}Unknown` })),
  iam('GetAccountSummary', () => new GetAccountSummaryCommand({})),
  sts('GetCallerIdentity', new GetCallerIdentityCommand({})),
  sts(
    'AssumeRole with a wrong external id',
    new AssumeRoleCommand({ RoleArn: `${role}/CordonReader`, RoleSessionName: 'probe', ExternalId: 'guessed' }),
  ),
  sts(
    'AssumeRole of an unknown role',
    new AssumeRoleCommand({ RoleArn: `${role}/unknown`, RoleSessionName: 'probe' }),
  ),
];
