import {
  GetUserIdCommand,
  IdentitystoreClient,
  paginateListGroupMembershipsForMember,
} from '@aws-sdk/client-identitystore';
import {
  DescribePermissionSetCommand,
  paginateListAccountAssignmentsForPrincipal,
  paginateListInstances,
  paginateListPermissionSets,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import type { AwsSession } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

/** A permission set as Identity Center's own operations name it. */
export type SetName = { readonly InstanceArn: string; readonly PermissionSetArn: string };

/** A user with all permission sets through which it may have a session. */
export type Held = { readonly userId: string; readonly sets: readonly SetName[] };

type Principal = { readonly PrincipalType: 'USER' | 'GROUP'; readonly PrincipalId: string };
type Instance = { readonly home: AwsSession; readonly InstanceArn: string; readonly IdentityStoreId: string };

async function listInstances(home: AwsSession, abortSignal: AbortSignal): Promise<readonly Instance[]> {
  const pages = paginateListInstances({ client: home.client(SSOAdminClient) }, {}, { abortSignal });
  return (await Array.fromAsync(pages))
    .flatMap(({ Instances = [] }) => Instances)
    .flatMap(({ InstanceArn, IdentityStoreId }) =>
      InstanceArn && IdentityStoreId ? { home, InstanceArn, IdentityStoreId } : [],
    );
}

/** The id behind a user name; undefined where the store has no such user. */
async function findUser({ home, IdentityStoreId }: Instance, userName: string, abortSignal: AbortSignal) {
  const UniqueAttribute = { AttributePath: 'userName', AttributeValue: userName };
  const command = new GetUserIdCommand({ IdentityStoreId, AlternateIdentifier: { UniqueAttribute } });
  const send = () => home.client(IdentitystoreClient).send(command, { abortSignal });
  return (await unlessAbsent(['ResourceNotFound'], send))?.UserId;
}

/** The user and its groups: an answer about a user is not documented to hold what its groups have. */
async function principalsOf(
  { home, IdentityStoreId }: Instance,
  UserId: string,
  abortSignal: AbortSignal,
): Promise<readonly Principal[]> {
  const client = home.client(IdentitystoreClient);
  const asked = { IdentityStoreId, MemberId: { UserId } };
  const pages = await Array.fromAsync(paginateListGroupMembershipsForMember({ client }, asked, { abortSignal }));
  const groups = pages
    .flatMap(({ GroupMemberships = [] }) => GroupMemberships)
    .flatMap(({ GroupId }): Principal | [] => (GroupId ? { PrincipalType: 'GROUP', PrincipalId: GroupId } : []));
  return [{ PrincipalType: 'USER', PrincipalId: UserId }, ...groups];
}

async function assignedTo(
  { home, InstanceArn }: Instance,
  principal: Principal,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const client = home.client(SSOAdminClient);
  const asked = { InstanceArn, ...principal };
  const pages = await Array.fromAsync(paginateListAccountAssignmentsForPrincipal({ client }, asked, { abortSignal }));
  return pages
    .flatMap(({ AccountAssignments = [] }) => AccountAssignments)
    .flatMap(({ PermissionSetArn = [] }) => PermissionSetArn);
}

/** The permission set of that name, sought among the likely ones first. */
async function findSet(
  { home, InstanceArn }: Instance,
  name: string,
  likely: readonly string[],
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const client = home.client(SSOAdminClient);
  const isIt = async (PermissionSetArn: string): Promise<boolean> => {
    const command = new DescribePermissionSetCommand({ InstanceArn, PermissionSetArn });
    return (await client.send(command, { abortSignal })).PermissionSet?.Name === name;
  };
  for (const arn of likely) if (await isIt(arn)) return arn;
  for await (const { PermissionSets = [] } of paginateListPermissionSets({ client }, { InstanceArn }, { abortSignal }))
    for (const arn of PermissionSets) if (!likely.includes(arn) && (await isIt(arn))) return arn;
  return undefined;
}

/**
 * Every permission set that a user is assigned, by itself or through its groups, and the named one even where it is
 * assigned no more: taking an assignment away ends no session. Undefined where Identity Center has no such user.
 */
export async function heldSets(
  home: AwsSession,
  { userName, permissionSet }: { readonly userName: string; readonly permissionSet?: string | undefined },
  abortSignal: AbortSignal,
): Promise<Held | undefined> {
  for (const instance of await listInstances(home, abortSignal)) {
    const userId = await findUser(instance, userName, abortSignal);
    if (userId === undefined) continue;
    const principals = await principalsOf(instance, userId, abortSignal);
    const lists = await Promise.all(principals.map((principal) => assignedTo(instance, principal, abortSignal)));
    const assigned = [...new Set(lists.flat())];
    const named =
      permissionSet === undefined ? undefined : await findSet(instance, permissionSet, assigned, abortSignal);
    const all = new Set(named === undefined ? assigned : [...assigned, named]);
    const { InstanceArn } = instance;
    return { userId, sets: [...all].sort().map((PermissionSetArn) => ({ InstanceArn, PermissionSetArn })) };
  }
  return undefined;
}
