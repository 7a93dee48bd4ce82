import {
  AttachRolePolicyCommand,
  DeleteLoginProfileCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { type Probe, probesOf } from '../probe.ts';

const UserName = 'svc-backup';
const RoleName = 'backup-agent';
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const unknown = 'arn:aws:iam::111122223333:policy/Unknown';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

const iam = probesOf('iam', IAMClient);

/** What somebody has been given and may lose: policies, a password, a way into a role. Some change what later ones see. */
export const iamGivenProbes: readonly Probe[] = [
  iam('GetLoginProfile', (client) => client.send(new GetLoginProfileCommand({ UserName }))),
  iam('GetLoginProfile of none', (client) => client.send(new GetLoginProfileCommand({ UserName: 'ci-deploy' }))),
  iam('GetLoginProfile of an unknown user', (client) =>
    client.send(new GetLoginProfileCommand({ UserName: 'nobody' })),
  ),
  iam('DeleteLoginProfile', (client) => client.send(new DeleteLoginProfileCommand({ UserName }))),
  iam('DeleteLoginProfile of none', (client) => client.send(new DeleteLoginProfileCommand({ UserName }))),
  iam('DetachUserPolicy of AWS', (client, id) =>
    client.send(new DetachUserPolicyCommand({ UserName, PolicyArn: id(administrator) })),
  ),
  iam('DetachUserPolicy of what is not attached', (client, id) =>
    client.send(new DetachUserPolicyCommand({ UserName, PolicyArn: id(administrator) })),
  ),
  iam('ListAttachedRolePolicies', (client) => client.send(new ListAttachedRolePoliciesCommand({ RoleName }))),
  iam('ListAttachedRolePolicies of an unknown role', (client) =>
    client.send(new ListAttachedRolePoliciesCommand({ RoleName: 'unknown' })),
  ),
  iam('AttachRolePolicy of an unknown policy', (client) =>
    client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: unknown })),
  ),
  iam('AttachRolePolicy twice', (client, id) =>
    client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: id(administrator) })),
  ),
  iam('DetachRolePolicy', (client, id) =>
    client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: id(administrator) })),
  ),
  iam('DetachRolePolicy of what is not attached', (client, id) =>
    client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: id(administrator) })),
  ),
  iam('UpdateAssumeRolePolicy', (client) =>
    client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust })),
  ),
  iam('UpdateAssumeRolePolicy of an unknown role', (client) =>
    client.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'unknown', PolicyDocument: trust })),
  ),
  iam('UpdateAssumeRolePolicy of no policy', (client) =>
    client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: '{"Statement":' })),
  ),
];
