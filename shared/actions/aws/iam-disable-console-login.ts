import { DeleteLoginProfileCommand, GetLoginProfileCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { IamName } from '../../model/identifiers.ts';
import { awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { onUser } from './iam-grants.ts';

const absent = ['NoSuchEntity'];

/**
 * Takes the console password of an IAM user away (docs.aws.amazon.com/IAM, DeleteLoginProfile). Nobody can give the same
 * password back: the user gets a new one from an administrator.
 */
export const iamDisableConsoleLogin = awsAction({
  id: 'aws.iam.disable-console-login',
  title: 'Take the console password of an IAM user away',
  target: 'aws.iam.user',
  d3fend: 'D3-CR',
  input: z.strictObject({ userName: IamName.describe('The IAM user, by name.') }),
  value: z.strictObject({ createdAt: z.string(), resetRequired: z.boolean() }),
  permissions: { read: onUser('GetUser', 'GetLoginProfile'), write: onUser('DeleteLoginProfile') },
  settles: { seconds: 15 },
  irreversible: 'The password is gone; the user needs a new one.',
  cautions: [
    'Whoever is signed in to the console stays so for up to 12 hours, unless the user is quarantined.',
    'Access keys of the user keep working.',
  ],
  examples: [{ userName: 'ci-bot' }],
}).does({
  async capture(aws, { userName: UserName }, { signal: abortSignal }) {
    // no password says NoSuchEntity just like no user
    const client = aws.client(IAMClient);
    const [user, found] = await Promise.all([
      unlessAbsent(absent, () => client.send(new GetUserCommand({ UserName }), { abortSignal })),
      unlessAbsent(absent, () => client.send(new GetLoginProfileCommand({ UserName }), { abortSignal })),
    ]);
    if (!user) return {};
    const { CreateDate, PasswordResetRequired: resetRequired = false } = found?.LoginProfile ?? {};
    return { [UserName]: CreateDate ? { createdAt: CreateDate.toISOString(), resetRequired } : null };
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((userName) => [userName, null])),
  async apply(aws, { resource: UserName, to }, { signal: abortSignal }) {
    if (to !== null) return; // what it was nobody knows any more
    const command = new DeleteLoginProfileCommand({ UserName });
    await unlessAbsent(absent, () => aws.client(IAMClient).send(command, { abortSignal }));
  },
});
