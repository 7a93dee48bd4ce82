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
import { type IdOf, type Probe, probesOf } from '../probe.ts';

const instance = 'arn:aws:sso:::instance/ssoins-72230aa11bb22cc3';
const set = 'arn:aws:sso:::permissionSet/ssoins-72230aa11bb22cc3';
const maria = '94482478-a0b1-70c2-d3e4-000000000001';
const store = 'd-9067aa11bb';

const sso = probesOf('sso', SSOAdminClient);
const identity = probesOf('identitystore', IdentitystoreClient);

const named = (id: IdOf, ps = 'ps-0123456789abcdef') => ({
  InstanceArn: id(instance),
  PermissionSetArn: id(`${set}/${ps}`),
});
const called = (id: IdOf, name: string) =>
  new GetUserIdCommand({
    IdentityStoreId: id(store),
    AlternateIdentifier: { UniqueAttribute: { AttributePath: 'userName', AttributeValue: name } },
  });

/** Identity Center, in its home. */
export const ssoProbes: readonly Probe[] = [
  sso('ListInstances', (client) => client.send(new ListInstancesCommand({}))),
  sso('ListPermissionSets', (client, id) => client.send(new ListPermissionSetsCommand({ InstanceArn: id(instance) }))),
  sso('DescribePermissionSet', (client, id) => client.send(new DescribePermissionSetCommand(named(id)))),
  sso('DescribePermissionSet of an unknown one', (client, id) =>
    client.send(new DescribePermissionSetCommand(named(id, 'ps-ffffffffffffffff'))),
  ),
  sso('GetInlinePolicyForPermissionSet', (client, id) =>
    client.send(new GetInlinePolicyForPermissionSetCommand(named(id))),
  ),
  sso('GetInlinePolicyForPermissionSet of none', (client, id) =>
    client.send(new GetInlinePolicyForPermissionSetCommand(named(id, 'ps-1123456789abcdef'))),
  ),
  sso('PutInlinePolicyToPermissionSet', (client, id) => {
    const InlinePolicy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
    return client.send(
      new PutInlinePolicyToPermissionSetCommand({ ...named(id, 'ps-1123456789abcdef'), InlinePolicy }),
    );
  }),
  sso('DeleteInlinePolicyFromPermissionSet', (client, id) =>
    client.send(new DeleteInlinePolicyFromPermissionSetCommand(named(id, 'ps-1123456789abcdef'))),
  ),
  sso('ListAccountAssignmentsForPrincipal', (client, id) => {
    const principal = { PrincipalId: id(maria), PrincipalType: 'USER' as const };
    return client.send(new ListAccountAssignmentsForPrincipalCommand({ InstanceArn: id(instance), ...principal }));
  }),
  identity('GetUserId', (client, id) => client.send(called(id, 'maria.lind@northwind.example'))),
  identity('GetUserId of an unknown user', (client, id) => client.send(called(id, 'nobody@northwind.example'))),
  identity('ListGroupMembershipsForMember', (client, id) =>
    client.send(
      new ListGroupMembershipsForMemberCommand({ IdentityStoreId: id(store), MemberId: { UserId: id(maria) } }),
    ),
  ),
];
