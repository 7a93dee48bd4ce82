import { ListAccessKeysCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListInstancesCommand, SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { expect, it } from 'vitest';
import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import { company, northwindSettings, production, security } from '../../support/company.ts';

it('assumes the role of an account with the external id of all, where it has none of its own', async () => {
  const { aws } = northwindSettings();
  const { externalId = '' } = aws.accounts[production] ?? {};
  const at = (shared: string) =>
    company({ aws: { ...aws, accounts: { [production]: {} }, externalId: shared } }).clouds.session({
      ...{ cloud: 'aws', account: production, region: 'eu-west-1', rights: 'reader' },
      ...{ runId: 'abcdefghijklmnopqrstuvwxyz', signal: new AbortController().signal },
    });
  await expect(at(externalId)).resolves.toMatchObject({ account: production });
  await expect(at('another-organisation-0001')).rejects.toMatchObject({ status: 403 });
});

it('notes the calls that it makes in other accounts and regions in the same order as its own', async () => {
  const { clouds } = company();
  const { signal } = new AbortController();
  const place = { cloud: 'aws', account: production, region: 'eu-west-1', rights: 'reader' } as const;
  const session = (await clouds.session({ ...place, runId: 'abcdefghijklmnopqrstuvwxyz', signal })) as AwsSession; // of the AWS adapter
  const home = await session.elsewhere({ account: security, region: 'us-east-1' });
  await session.client(IAMClient).send(new ListAccessKeysCommand({ UserName: 'ci-deploy' }));
  await home.client(SSOAdminClient).send(new ListInstancesCommand({}));
  expect(session.calls).toMatchObject([
    { operation: 'IAM:ListAccessKeys', status: 200 },
    { operation: 'SSOAdmin:ListInstances', status: 200 },
  ]);
  expect(session.calls.every(({ requestId }) => requestId.startsWith('req-'))).toBe(true);
});
