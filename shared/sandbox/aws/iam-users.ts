import type * as iam from '@aws-sdk/client-iam';
import * as z from 'zod';
import { accessKeys, type KeyRow, managedPolicies, policiesPerUser, type UserRow, users } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { checkIdentityPolicy, PolicySource, policySize, policyText } from './policy-source.ts';
import { AwsFault } from './protocol/fault.ts';

const Key = z.strictObject({
  id: z.string(),
  secret: z.string(),
  status: z.enum(['Active', 'Inactive']).default('Active'),
});
const User = z.strictObject({
  name: z.string(),
  path: z.string().default('/'),
  userId: z.string().optional(),
  keys: z.array(Key).default([]),
  attached: z.array(z.string()).default([]),
  inline: z.record(z.string(), PolicySource).default({}),
  groups: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.string()).default({}),
  boundary: z.string().optional(),
});

const noSuch = (kind: string, name: string) =>
  new AwsFault('NoSuchEntity', `The ${kind} with name ${name} cannot be found.`, { status: 404 });

/** A user as the call may see it. */
export function userOf({ view, account }: Call, name: string | undefined): UserRow {
  const user = view.get(users, `${account}/${name}`);
  if (user) return user;
  throw noSuch('user', name ?? '');
}

const userArn = (
  { UserName }: { readonly UserName?: string | undefined },
  { account, partition, caller, view }: Call,
): string =>
  view.get(users, `${account}/${UserName ?? caller.userName}`)?.arn ??
  `arn:${partition}:iam::${account}:user/${UserName ?? ''}`;

const keysOf = ({ view, account }: Call, userName: string): readonly KeyRow[] =>
  view.all(accessKeys).flatMap(([, key]) => (key.account === account && key.userName === userName ? [key] : []));

/** A policy of this account, or one of AWS's own: those are not in an estate. */
export const attachable = ({ view }: Call, arn: string): boolean =>
  view.get(managedPolicies, arn) !== undefined || arn.split(':')[4] === 'aws';

const put = ({ world }: Call, user: UserRow): void => world.rows.put(users, `${user.account}/${user.name}`, user);

const describe = ({ name, path, userId, arn, tags, boundary }: UserRow): iam.User => ({
  UserName: name,
  Path: path,
  UserId: userId,
  Arn: arn,
  CreateDate: new Date('2025-01-01T00:00:00Z'),
  // IAM leaves the list out where there are none.
  ...(Object.keys(tags).length > 0 && { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  ...(boundary !== undefined && {
    PermissionsBoundary: { PermissionsBoundaryArn: boundary, PermissionsBoundaryType: 'PermissionsBoundaryPolicy' },
  }),
});

const operations = operationsOf<typeof iam>()({
  GetUser: {
    on: userArn,
    does: ({ UserName }, call) => ({ User: describe(userOf(call, UserName ?? call.caller.userName)) }),
  },
  CreateUser: {
    on: ({ UserName = '', Path = '/' }, { account, partition }) =>
      `arn:${partition}:iam::${account}:user${Path}${UserName}`,
    does({ UserName: name = '', Path = '/', Tags = [] }, call) {
      const { account, partition, world, view } = call;
      if (view.get(users, `${account}/${name}`))
        throw new AwsFault('EntityAlreadyExists', `User with name ${name} already exists.`, { status: 409 });
      const user: UserRow = {
        account,
        name,
        path: Path,
        userId: `AIDANEW${String(world.next('iam.user')).padStart(13, '0')}`,
        arn: `arn:${partition}:iam::${account}:user${Path}${name}`,
        attached: [],
        inline: {},
        groups: [],
        tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      };
      put(call, user);
      return { User: describe(user) };
    },
  },
  ListAccessKeys: {
    on: userArn,
    does({ UserName, Marker, MaxItems }, call) {
      const { name } = userOf(call, UserName ?? call.caller.userName);
      const { items, next } = page(keysOf(call, name), Marker, MaxItems);
      return {
        AccessKeyMetadata: items.map(({ accessKeyId, status, createdAt }) => ({
          UserName: name,
          AccessKeyId: accessKeyId,
          Status: status,
          CreateDate: new Date(createdAt),
        })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  },
  GetAccessKeyLastUsed: {
    on: ({ AccessKeyId = '' }, call) => userArn({ UserName: call.view.get(accessKeys, AccessKeyId)?.userName }, call),
    does({ AccessKeyId = '' }, { view, account }) {
      const key = view.get(accessKeys, AccessKeyId);
      if (key?.account !== account)
        throw new AwsFault('NoSuchEntity', `The Access Key with id ${AccessKeyId} cannot be found.`, { status: 404 });
      return { UserName: key.userName, AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } };
    },
  },
  UpdateAccessKey: {
    on: userArn,
    does({ UserName, AccessKeyId, Status }, call) {
      const { name } = userOf(call, UserName ?? call.caller.userName);
      const key = keysOf(call, name).find(({ accessKeyId }) => accessKeyId === AccessKeyId);
      if (!key)
        throw new AwsFault('NoSuchEntity', `The Access Key with id ${AccessKeyId} cannot be found.`, { status: 404 });
      call.world.rows.put(accessKeys, key.accessKeyId, { ...key, status: Status === 'Active' ? 'Active' : 'Inactive' });
      return {};
    },
  },
  CreateAccessKey: {
    on: userArn,
    does({ UserName }, call) {
      const { name, account } = userOf(call, UserName ?? call.caller.userName);
      if (keysOf(call, name).length >= 2)
        throw new AwsFault('LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2', { status: 409 });
      const accessKeyId = `AKIANEW${String(call.world.next('iam.key')).padStart(13, '0')}`;
      const key: KeyRow = {
        account,
        userName: name,
        accessKeyId,
        secret: `secret-of-${accessKeyId}`,
        status: 'Active',
        createdAt: call.world.clock.now(),
      };
      call.world.rows.put(accessKeys, accessKeyId, key);
      return {
        AccessKey: {
          UserName: name,
          AccessKeyId: accessKeyId,
          SecretAccessKey: key.secret,
          Status: 'Active',
          CreateDate: new Date(key.createdAt),
        },
      };
    },
  },
  ListAttachedUserPolicies: {
    on: userArn,
    does({ UserName, Marker, MaxItems }, call) {
      const { items, next } = page(userOf(call, UserName).attached, Marker, MaxItems);
      return {
        AttachedPolicies: items.map((arn) => ({ PolicyArn: arn, PolicyName: arn.slice(arn.lastIndexOf('/') + 1) })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  },
  AttachUserPolicy: {
    on: userArn,
    context: ({ PolicyArn }) => ({ 'iam:PolicyARN': PolicyArn ?? '' }),
    does({ UserName, PolicyArn = '' }, call) {
      const user = userOf(call, UserName);
      if (!attachable(call, PolicyArn))
        throw new AwsFault('NoSuchEntity', `Policy ${PolicyArn} does not exist or is not attachable.`, { status: 404 });
      if (user.attached.length >= policiesPerUser && !user.attached.includes(PolicyArn))
        throw new AwsFault('LimitExceeded', `Cannot exceed quota for PoliciesPerUser: ${policiesPerUser}`, {
          status: 409,
        });
      put(call, { ...user, attached: [...new Set([...user.attached, PolicyArn])] });
      return {};
    },
  },
  DetachUserPolicy: {
    on: userArn,
    context: ({ PolicyArn }) => ({ 'iam:PolicyARN': PolicyArn ?? '' }),
    does({ UserName, PolicyArn = '' }, call) {
      const user = userOf(call, UserName);
      if (!user.attached.includes(PolicyArn))
        throw new AwsFault('NoSuchEntity', `Policy ${PolicyArn} was not found.`, { status: 404 });
      put(call, { ...user, attached: user.attached.filter((arn) => arn !== PolicyArn) });
      return {};
    },
  },
  ListUserPolicies: {
    on: userArn,
    does: ({ UserName }, call) => ({ PolicyNames: Object.keys(userOf(call, UserName).inline), IsTruncated: false }),
  },
  GetUserPolicy: {
    on: userArn,
    does({ UserName, PolicyName = '' }, call) {
      const text = userOf(call, UserName).inline[PolicyName];
      if (text === undefined) throw noSuch('user policy', PolicyName);
      return { UserName, PolicyName, PolicyDocument: encodeURIComponent(text) };
    },
  },
  PutUserPolicy: {
    on: userArn,
    does({ UserName, PolicyName = '', PolicyDocument = '' }, call) {
      const user = userOf(call, UserName);
      checkIdentityPolicy(PolicyDocument);
      const inline = { ...user.inline, [PolicyName]: PolicyDocument };
      if (policySize(Object.values(inline).join('')) > 2_048)
        throw new AwsFault('LimitExceeded', `Maximum policy size of 2048 bytes exceeded for user ${user.name}`, {
          status: 409,
        });
      put(call, { ...user, inline });
      return {};
    },
  },
  DeleteUserPolicy: {
    on: userArn,
    does({ UserName, PolicyName = '' }, call) {
      const user = userOf(call, UserName);
      if (user.inline[PolicyName] === undefined) throw noSuch('user policy', PolicyName);
      const { [PolicyName]: _, ...inline } = user.inline;
      put(call, { ...user, inline });
      return {};
    },
  },
});

/** IAM users with their keys and policies. */
export const iamUsers = awsNoun({
  name: 'users',
  scope: 'account',
  estate: z.array(User).default([]),
  seed(rows, list, { partition, account }) {
    for (const [at, { keys, inline, userId, boundary, ...user }] of list.entries()) {
      rows.put(users, `${account}/${user.name}`, {
        ...user,
        account,
        userId: userId ?? `AIDA${account}${String(at).padStart(5, '0')}`,
        arn: `arn:${partition}:iam::${account}:user${user.path}${user.name}`,
        inline: Object.fromEntries(Object.entries(inline).map(([name, source]) => [name, policyText(source)])),
        ...(boundary !== undefined && { boundary }),
      });
      for (const { id, secret, status } of keys)
        rows.put(accessKeys, id, {
          account,
          userName: user.name,
          accessKeyId: id,
          secret,
          status,
          createdAt: '2025-06-01T00:00:00.000Z',
        });
    }
  },
  operations: { iam: operations },
});
