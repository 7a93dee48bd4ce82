import { IAMClient, ListAccessKeysCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { northwindSandbox } from '../support/company.ts';

const UserName = 'ci-deploy';
const AccessKeyId = 'AKIACIDEPLOY00000001';

/** Somebody who may do everything in the production account. */
const clientOf = ({ requestHandler }: Sandbox) =>
  new IAMClient({
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIABREAKGLASS000001', secretAccessKey: 'break-glass-secret' },
    requestHandler,
  });

async function statusIn(sandbox: Sandbox): Promise<string | undefined> {
  const { AccessKeyMetadata = [] } = await clientOf(sandbox).send(new ListAccessKeysCommand({ UserName }));
  return AccessKeyMetadata.find((key) => key.AccessKeyId === AccessKeyId)?.Status;
}

const set = (sandbox: Sandbox, Status: 'Active' | 'Inactive') =>
  clientOf(sandbox).send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));

test('a fork of the clouds has their state, and neither sees what is done to the other', async () => {
  const sandbox = northwindSandbox();
  await set(sandbox, 'Inactive');
  const fork = sandbox.fork();
  await set(fork, 'Active');
  expect([await statusIn(sandbox), await statusIn(fork)]).toEqual(['Inactive', 'Active']);
  await set(sandbox, 'Active');
  const second = sandbox.fork();
  await set(sandbox, 'Inactive');
  expect([await statusIn(sandbox), await statusIn(fork), await statusIn(second)]).toEqual([
    'Inactive',
    'Active',
    'Active',
  ]);
  expect(second.recorder.calls).toHaveLength(4);
});

test('a fork lags as far behind the writes made before it', async () => {
  const sandbox = northwindSandbox();
  sandbox.clock.advance(60.5);
  sandbox.rows.setLag('aws.iam', 12);
  await set(sandbox, 'Inactive');
  const fork = sandbox.fork();
  expect(await statusIn(fork)).toBe('Active');
  fork.clock.advance(12);
  expect([await statusIn(fork), await statusIn(sandbox)]).toEqual(['Inactive', 'Active']);
});

test('a fault that has struck strikes no more in a fork, and one that has not strikes in both', async () => {
  const sandbox = northwindSandbox();
  sandbox.faults.plant({ operation: 'iam:UpdateAccessKey', fault: { kind: 'throttle' }, times: 2 });
  await expect(set(sandbox, 'Inactive')).rejects.toThrow('Rate exceeded');
  const fork = sandbox.fork();
  for (const one of [sandbox, fork]) {
    await expect(set(one, 'Inactive')).rejects.toThrow('Rate exceeded');
    await set(one, 'Inactive');
    expect(await statusIn(one)).toBe('Inactive');
  }
});
