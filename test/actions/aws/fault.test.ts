import { IAMClient, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { awsFault } from '../../../shared/actions/aws/fault.ts';
import { requestHandler } from '../../../shared/sandbox/aws/protocol/request-handler.ts';
import { httpResponse } from '../../../shared/sandbox/http.ts';

const page = '<html><title>Bad gateway</html>';

/** What becomes of a call that is answered with this. */
async function faultOf(status: number, body: string): Promise<unknown> {
  const client = new IAMClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIACIDEPLOY00000001', secretAccessKey: 'ci-deploy-secret' },
    maxAttempts: 1,
    requestHandler: requestHandler(async () => httpResponse(status, { 'content-type': 'text/html' }, body)),
  });
  const command = new UpdateAccessKeyCommand({ AccessKeyId: 'AKIACIDEPLOY00000001', Status: 'Inactive' });
  return client.send(command).catch(awsFault);
}

it.each([
  ['a gateway’s page', 502, page],
  ['a success that broke off', 200, '<UpdateAccessKeyResponse><ResponseMeta'],
])('takes %s for an answer that may hide an effect', async (_, status, body) => {
  expect(await faultOf(status, body)).toMatchObject({
    code: 'unreadable-answer',
    status,
    retryable: true,
    indeterminate: true,
  });
});

it('keeps a refusal of AWS as what it is', async () => {
  const refusal =
    '<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>';
  expect(await faultOf(404, refusal)).toMatchObject({ code: 'NoSuchEntity', retryable: false, indeterminate: false });
});
