import {
  GetUserIdCommand,
  IdentitystoreClient,
  ListGroupMembershipsForMemberCommand,
} from '@aws-sdk/client-identitystore';
import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListAccountAssignmentsForPrincipalCommand,
  ListInstancesCommand,
  ListPermissionSetsCommand,
  PutInlinePolicyToPermissionSetCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import type { Asking, Probe } from '../wire.ts';

const instance = 'arn:aws:sso:::instance/ssoins-72230aa11bb22cc3';
const set = 'arn:aws:sso:::permissionSet/ssoins-72230aa11bb22cc3';
const maria = '94482478-a0b1-70c2-d3e4-000000000001';
const store = 'd-9067aa11bb';

type Command = Parameters<SSOAdminClient['send']>[0];
const sso = (name: string, command: (aws: Asking) => Command): Probe => ({
  name: `sso ${name}`,
  ask: (aws) => aws.client(SSOAdminClient).send(command(aws)),
});
const identity = (
  name: string,
  command: (aws: Asking) => GetUserIdCommand | ListGroupMembershipsForMemberCommand,
): Probe => ({
  name: `identitystore ${name}`,
  ask: async (aws): Promise<object> => {
    const client = aws.client(IdentitystoreClient);
    const asked = command(aws);
    return asked instanceof GetUserIdCommand ? client.send(asked) : client.send(asked);
  },
});

const named = ({ id }: Asking, ps = 'ps-0123456789abcdef') => ({
  InstanceArn: id(instance),
  PermissionSetArn: id(`${set}/${ps}`),
});
const called = (aws: Asking, name: string) =>
  new GetUserIdCommand({
    IdentityStoreId: aws.id(store),
    AlternateIdentifier: { UniqueAttribute: { AttributePath: 'userName', AttributeValue: name } },
  });

/** Identity Center, in its home. */
export const ssoProbes: readonly Probe[] = [
  sso('ListInstances', () => new ListInstancesCommand({})),
  sso('ListPermissionSets', ({ id }) => new ListPermissionSetsCommand({ InstanceArn: id(instance) })),
  sso('DescribePermissionSet', (aws) => new DescribePermissionSetCommand(named(aws))),
  sso('DescribePermissionSet of an unknown one', (aws) => {
    return new DescribePermissionSetCommand(named(aws, 'ps-ffffffffffffffff'));
  }),
  sso('GetInlinePolicyForPermissionSet', (aws) => new GetInlinePolicyForPermissionSetCommand(named(aws))),
  sso('GetInlinePolicyForPermissionSet of none', (aws) => {
    return new GetInlinePolicyForPermissionSetCommand(named(aws, 'ps-1123456789abcdef'));
  }),
  sso('PutInlinePolicyToPermissionSet', (aws) => {
    const InlinePolicy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
    return new PutInlinePolicyToPermissionSetCommand({ ...named(aws, 'ps-1123456789abcdef'), InlinePolicy });
  }),
  sso('DeleteInlinePolicyFromPermissionSet', (aws) => {
    return new DeleteInlinePolicyFromPermissionSetCommand(named(aws, 'ps-1123456789abcdef'));
  }),
  sso('ListAccountAssignmentsForPrincipal', ({ id }) => {
    const principal = { PrincipalId: id(maria), PrincipalType: 'USER' as const };
    return new ListAccountAssignmentsForPrincipalCommand({ InstanceArn: id(instance), ...principal });
  }),
  identity('GetUserId', (aws) => called(aws, 'maria.lind@northwind.example')),
  identity('GetUserId of an unknown user', (aws) => called(aws, 'nobody@northwind.example')),
  identity('ListGroupMembershipsForMember', ({ id }) => {
    return new ListGroupMembershipsForMemberCommand({ IdentityStoreId: id(store), MemberId: { UserId: id(maria) } });
  }),
];
