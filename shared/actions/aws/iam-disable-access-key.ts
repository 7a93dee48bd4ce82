import { type AccessKeyMetadata, IAMClient, paginateListAccessKeys, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { AccessKeyId, IamName } from '../../model/identifiers.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { onUser } from './iam-grants.ts';

async function listAccessKeys(
  aws: AwsSession,
  UserName: string,
  abortSignal: AbortSignal,
): Promise<AccessKeyMetadata[]> {
  const pages = paginateListAccessKeys({ client: aws.client(IAMClient) }, { UserName }, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ AccessKeyMetadata = [] }) => AccessKeyMetadata);
}

/** Turns a leaked IAM user key off (docs.aws.amazon.com/IAM, UpdateAccessKey). Sessions issued from it stay valid. */
export const iamDisableAccessKey = awsAction({
  id: 'aws.iam.disable-access-key',
  title: 'Disable an IAM access key',
  target: 'aws.iam.access-key',
  d3fend: 'D3-CR',
  input: z.strictObject({
    userName: IamName.describe('The user whose key it is.'),
    accessKeyId: AccessKeyId.describe('The long-term key, AKIA….'),
  }),
  value: z.enum(['Active', 'Inactive', 'Expired']),
  permissions: { read: onUser('ListAccessKeys'), write: onUser('UpdateAccessKey') },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: ['Sessions already issued from the key stay valid until they expire.'],
  portable: {
    verb: 'revoke-identity',
    with: { userName: '${target.userName}', accessKeyId: '${target.accessKeyId}' },
  },
  examples: [{ userName: 'ci-bot', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }],
}).does({
  async capture(aws, { userName, accessKeyId }, { signal }) {
    const keys = await unlessAbsent(['NoSuchEntity'], () => listAccessKeys(aws, userName, signal));
    const key = keys?.find(({ AccessKeyId: id }) => id === accessKeyId);
    return key?.Status ? { [`${userName}/${accessKeyId}`]: key.Status } : {};
  },
  plan: (_, seen) =>
    Object.fromEntries(Object.entries(seen).map(([key, status]) => [key, status === 'Active' ? 'Inactive' : status])),
  async apply(aws, { resource, to }, { signal }) {
    const [UserName, AccessKeyId] = resource.split('/');
    await aws
      .client(IAMClient)
      .send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: to ?? 'Inactive' }), { abortSignal: signal });
  },
  async fresh(aws, { userName, accessKeyId }, since, { signal }) {
    const keys = await unlessAbsent(['NoSuchEntity'], () => listAccessKeys(aws, userName, signal));
    return (keys ?? []).flatMap(({ AccessKeyId: id, Status, CreateDate }) => {
      const at = CreateDate?.toISOString() ?? '';
      return id && id !== accessKeyId && Status === 'Active' && at >= since
        ? [{ input: { userName, accessKeyId: id }, at }]
        : [];
    });
  },
});
