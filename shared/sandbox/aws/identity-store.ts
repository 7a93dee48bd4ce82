import type * as identitystore from '@aws-sdk/client-identitystore';
import * as z from 'zod';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { identityStores, type StoreUserRow, storeUsers } from './sso-rows.ts';

const Store = z.strictObject({
  id: z.string(),
  users: z
    .array(z.strictObject({ id: z.string(), name: z.string(), groups: z.array(z.string()).default([]) }))
    .default([]),
});

const noSuch = (kind: string) => new AwsFault('ResourceNotFoundException', `${kind} not found.`, { status: 400 });
const invalid = (message: string) => new AwsFault('ValidationException', message, { status: 400 });

/** The users of a store of this account and region. */
function usersOf({ view, account, region }: Call, id = ''): readonly StoreUserRow[] {
  const store = view.get(identityStores, id);
  if (store?.account !== account || store.region !== region) throw noSuch('IDENTITY_STORE');
  return view.all(storeUsers).flatMap(([, user]) => (user.store === id ? [user] : []));
}

const named = (users: readonly StoreUserRow[], { AlternateIdentifier }: identitystore.GetUserIdCommandInput) =>
  users.find(({ name }) => name === AlternateIdentifier?.UniqueAttribute?.AttributeValue);

const storeArn = ({ partition, account }: Call, id = ''): string =>
  `arn:${partition}:identitystore::${account}:identitystore/${id}`;
const userArn = ({ partition }: Call, id = '*'): string => `arn:${partition}:identitystore:::user/${id}`;

const operations = operationsOf<typeof identitystore>()({
  GetUserId: {
    on: (input, call) => [
      storeArn(call, input.IdentityStoreId),
      userArn(
        call,
        named(
          call.view.all(storeUsers).map(([, user]) => user),
          input,
        )?.id,
      ),
    ],
    does(input, call) {
      const path = input.AlternateIdentifier?.UniqueAttribute?.AttributePath;
      if (path !== 'userName') throw invalid(`The attribute path ${String(path)} is not supported.`);
      const user = named(usersOf(call, input.IdentityStoreId), input);
      if (!user) throw noSuch('USER');
      return { UserId: user.id, IdentityStoreId: user.store };
    },
  },
  ListGroupMembershipsForMember: {
    on: ({ IdentityStoreId, MemberId }, call) => [
      storeArn(call, IdentityStoreId),
      userArn(call, MemberId?.UserId),
      `arn:${call.partition}:identitystore:::membership/*`,
    ],
    does({ IdentityStoreId, MemberId, MaxResults, NextToken }, call) {
      const user = usersOf(call, IdentityStoreId).find(({ id }) => id === MemberId?.UserId);
      if (!user) throw noSuch('USER');
      const { items, next } = page(user.groups, NextToken, MaxResults);
      return {
        GroupMemberships: items.map((group) => ({
          IdentityStoreId: user.store,
          MembershipId: `${group}-${user.id}`,
          GroupId: group,
          MemberId: { UserId: user.id },
        })),
        NextToken: next,
      };
    },
  },
});

/** The identity store behind Identity Center: people and their groups. */
export const identityStore = awsNoun({
  name: 'identityStore',
  scope: 'region',
  estate: Store.optional(),
  seed(rows, store, { account, region }) {
    if (!store) return;
    rows.put(identityStores, store.id, { account, region });
    for (const user of store.users) rows.put(storeUsers, `${store.id}/${user.id}`, { ...user, store: store.id });
  },
  operations: { identitystore: operations },
});
