import {
  CreateGroupCommand,
  CreateGroupMembershipCommand,
  CreateUserCommand,
  IdentitystoreClient,
} from '@aws-sdk/client-identitystore';
import {
  CreateAccountAssignmentCommand,
  CreatePermissionSetCommand,
  ListInstancesCommand,
  PutInlinePolicyToPermissionSetCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import {
  assignments,
  type InstanceRow,
  instances,
  type PermissionSetRow,
  permissionSets,
  storeUsers,
} from '../../../shared/sandbox/aws/sso-rows.ts';
import { idOn, rowsOf, type Seeding } from './seeding.ts';

const every = <T>(list: readonly (readonly [string, T])[]): readonly T[] => list.map(([, row]) => row);

async function seedPeople(to: Seeding, store: string): Promise<void> {
  const client = to.client(IdentitystoreClient);
  const IdentityStoreId = idOn(to, store);
  const people = every(to.rows.all(storeUsers)).filter((user) => user.store === store);
  for (const group of new Set(people.flatMap(({ groups }) => groups))) {
    const { GroupId } = await client.send(new CreateGroupCommand({ IdentityStoreId, DisplayName: group }));
    to.ids.set(group, GroupId ?? '');
  }
  for (const { id, name, groups } of people) {
    const named = { UserName: name, DisplayName: name, Name: { GivenName: name, FamilyName: name } };
    const { UserId = '' } = await client.send(new CreateUserCommand({ IdentityStoreId, ...named }));
    to.ids.set(id, UserId);
    for (const group of groups)
      await client.send(
        new CreateGroupMembershipCommand({ IdentityStoreId, GroupId: idOn(to, group), MemberId: { UserId } }),
      );
  }
}

async function seedSet(to: Seeding, { arn, instance, name, inline }: PermissionSetRow): Promise<void> {
  const sso = to.client(SSOAdminClient);
  const InstanceArn = idOn(to, instance);
  const { PermissionSet } = await sso.send(new CreatePermissionSetCommand({ InstanceArn, Name: name }));
  const { PermissionSetArn = '' } = PermissionSet ?? {};
  to.ids.set(arn, PermissionSetArn);
  if (inline !== '')
    await sso.send(new PutInlinePolicyToPermissionSetCommand({ InstanceArn, PermissionSetArn, InlinePolicy: inline }));
  for (const one of every(to.rows.all(assignments)).filter(({ permissionSet }) => permissionSet === arn)) {
    const principal = { PrincipalType: one.type, PrincipalId: idOn(to, one.principal) };
    const target = { TargetType: 'AWS_ACCOUNT' as const, TargetId: one.account };
    await sso.send(new CreateAccountAssignmentCommand({ InstanceArn, PermissionSetArn, ...principal, ...target }));
  }
}

/**
 * moto has one instance in every account and region: it takes the place of the estate's. Nothing is provisioned, because
 * moto then counts a set as behind in its account for ever.
 */
async function seedInstance(to: Seeding, { arn, store }: InstanceRow): Promise<void> {
  const { Instances: [instance] = [] } = await to.client(SSOAdminClient).send(new ListInstancesCommand({}));
  to.ids.set(arn, instance?.InstanceArn ?? '');
  to.ids.set(store, instance?.IdentityStoreId ?? '');
  await seedPeople(to, store);
  for (const set of every(to.rows.all(permissionSets)).filter((one) => one.instance === arn)) await seedSet(to, set);
}

/** Identity Center with its people, where the account is its home. */
export async function seedSso(to: Seeding): Promise<void> {
  for (const instance of rowsOf(to, instances)) await seedInstance(to, instance);
}
