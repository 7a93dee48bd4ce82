import type * as iam from '@aws-sdk/client-iam';
import * as z from 'zod';
import { type Rows, table } from '../rows.ts';
import { users } from './iam-rows.ts';
import { userOf } from './iam-users.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** The console password of a user. */
type LoginRow = {
  readonly account: string;
  readonly userName: string;
  readonly password: string;
  readonly resetRequired: boolean;
  readonly createdAt: string;
};

/** Keyed by `account/user`. */
export const loginProfiles = table<LoginRow>('aws.iam.login-profiles');

/** Whether the sign-in page of an account lets somebody in with a user's password. */
export const signsIn = (
  rows: Pick<Rows, 'get'>,
  { account, userName, password }: Pick<LoginRow, 'account' | 'userName' | 'password'>,
): boolean => rows.get(loginProfiles, `${account}/${userName}`)?.password === password;

type Named = { readonly UserName?: string | undefined };

const userArn = ({ UserName = '' }: Named, { account, partition, view }: Call): string =>
  view.get(users, `${account}/${UserName}`)?.arn ?? `arn:${partition}:iam::${account}:user/${UserName}`;

function profileOf({ UserName }: Named, call: Call): LoginRow {
  const { name, account } = userOf(call, UserName ?? call.caller.userName);
  const found = call.view.get(loginProfiles, `${account}/${name}`);
  if (found) return found;
  throw new AwsFault('NoSuchEntity', `Login Profile for User ${name} cannot be found.`, { status: 404 });
}

const described = ({ userName, createdAt, resetRequired }: LoginRow): iam.LoginProfile => ({
  UserName: userName,
  CreateDate: new Date(createdAt),
  PasswordResetRequired: resetRequired,
});

const operations = operationsOf<typeof iam>()({
  GetLoginProfile: {
    on: userArn,
    does: (input, call) => ({ LoginProfile: described(profileOf(input, call)) }),
  },
  CreateLoginProfile: {
    on: userArn,
    does({ UserName, Password = '', PasswordResetRequired: resetRequired = false }, call) {
      const { name: userName, account } = userOf(call, UserName ?? call.caller.userName);
      const key = `${account}/${userName}`;
      if (call.view.get(loginProfiles, key))
        throw new AwsFault('EntityAlreadyExists', `Login Profile for user ${userName} already exists.`, {
          status: 409,
        });
      const made = { account, userName, password: Password, resetRequired, createdAt: call.world.clock.now() };
      call.world.rows.put(loginProfiles, key, made);
      return { LoginProfile: described(made) };
    },
  },
  DeleteLoginProfile: {
    on: userArn,
    does(input, call) {
      const { account, userName } = profileOf(input, call);
      call.world.rows.delete(loginProfiles, `${account}/${userName}`);
      return {};
    },
  },
});

/** Console passwords of IAM users, by user. */
export const iamLoginProfiles = awsNoun({
  name: 'loginProfiles',
  scope: 'account',
  estate: z.record(z.string(), z.strictObject({ password: z.string() })).default({}),
  seed(rows, profiles, { account }) {
    for (const [userName, { password }] of Object.entries(profiles))
      rows.put(loginProfiles, `${account}/${userName}`, {
        account,
        userName,
        password,
        resetRequired: false,
        createdAt: '2025-06-01T00:00:00.000Z',
      });
  },
  operations: { iam: operations },
});
