import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetFindingsCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListInstancesCommand, SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { describe, expect, it } from 'vitest';
import { holding } from '../support/attacker.ts';
import { company } from '../support/company.ts';

const { sandbox } = company();
const user = holding(sandbox, 'AKIABREAKGLASS000001');
const session = holding(sandbox, 'ASIAWEBSERVER0000001');
type Settings = typeof user;

const calls: Readonly<Record<string, (settings: Settings) => Promise<unknown>>> = {
  autoscaling: (settings) => new AutoScalingClient(settings).send(new DescribeAutoScalingGroupsCommand({})),
  ec2: (settings) => new EC2Client(settings).send(new DescribeVpcsCommand({})),
  guardduty: (settings) =>
    new GuardDutyClient(settings).send(new GetFindingsCommand({ DetectorId: 'none', FindingIds: ['none'] })),
  iam: (settings) => new IAMClient(settings).send(new GetUserCommand({})),
  s3: (settings) => new S3Client(settings).send(new ListBucketsCommand({})),
  sso: (settings) => new SSOAdminClient(settings).send(new ListInstancesCommand({})),
};

const withCredentials = (of: Settings, changed: Partial<Settings['credentials']>): Settings => ({
  ...of,
  credentials: { ...of.credentials, ...changed },
});

/** The code and the status of the refusal. */
const refused = (call: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.resolve(call).then(
    () => 'allowed',
    (thrown) => [thrown.name, thrown.$metadata.httpStatusCode],
  );

describe.each([
  ['autoscaling', ['InvalidClientTokenId', 403], ['SignatureDoesNotMatch', 403], ['ExpiredToken', 403]],
  ['ec2', ['AuthFailure', 401], ['SignatureDoesNotMatch', 403], ['RequestExpired', 400]],
  [
    'guardduty',
    ['UnrecognizedClientException', 403],
    ['InvalidSignatureException', 403],
    ['ExpiredTokenException', 403],
  ],
  ['iam', ['InvalidClientTokenId', 403], ['SignatureDoesNotMatch', 403], ['ExpiredToken', 403]],
  ['s3', ['InvalidAccessKeyId', 403], ['SignatureDoesNotMatch', 403], ['ExpiredToken', 400]],
  ['sso', ['UnrecognizedClientException', 400], ['InvalidSignatureException', 400], ['ExpiredTokenException', 400]],
])('%s', (service, unknown, signature, expired) => {
  const call = calls[service];

  it('refuses a key that it does not know, in its own words', async () => {
    expect(await refused(call?.(withCredentials(user, { accessKeyId: 'AKIAUNKNOWN000000001' })))).toEqual(unknown);
  });

  it('refuses a wrong secret', async () => {
    expect(await refused(call?.(withCredentials(user, { secretAccessKey: 'guessed' })))).toEqual(signature);
  });

  it('refuses a session that has ended', async () => {
    const later = company().sandbox;
    later.clock.moveTo('2026-11-21T09:00:00.000Z');
    const { requestHandler } = later;
    expect(await refused(call?.({ ...session, requestHandler }))).toEqual(expired);
  });
});
