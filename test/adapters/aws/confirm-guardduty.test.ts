import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/model/finding.ts';
import { type Json, type JsonObject, own } from '../../../shared/model/json.ts';
import { addFinding } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import { company, development, production } from '../../support/company.ts';
import { eventNames, findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const { signal } = new AbortController();
const detailOf = (event: JsonObject): JsonObject => own(event, 'detail') as JsonObject; // a fixture of GuardDuty has one

/** What Cordon is told of `finding` where GuardDuty keeps `kept`. */
async function confirm(finding: Finding, kept: readonly JsonObject[]) {
  const { clouds, sandbox } = company();
  for (const event of kept) addFinding(sandbox.rows, detailOf(event));
  const place = { cloud: 'aws', account: finding.account, region: finding.region, rights: 'reader' } as const;
  const session = await clouds.session({ ...place, runId: 'confirm', signal });
  return clouds.confirm(session, finding, primaryOf(finding));
}

const leaked = readEvent('guardduty/leaked-access-key');
const stolen = readEvent('guardduty/instance-credential-exfiltration-outside');
const bucket = readEvent('guardduty/public-bucket');
const accounts = [production, development];

describe('a finding read again at GuardDuty', () => {
  const names = eventNames.filter((name) => name.startsWith('guardduty/'));
  const ours = names.filter((name) => accounts.includes(String(own(detailOf(readEvent(name)), 'accountId'))));

  test.each(ours)('is the same for what was sent of it: %s', async (name) => {
    const event = readEvent(name);
    expect(await confirm(findingIn(event), [event])).toBe('same');
  });

  test('is the same over its updates', async () => {
    const later = withMembers(leaked, { 'detail.service.count': 9, 'detail.updatedAt': '2026-11-20T12:00:00.000Z' });
    expect(await confirm(findingIn(leaked), [later])).toBe('same');
  });

  test('is unknown where GuardDuty has no such finding', async () => {
    expect(await confirm(findingIn(leaked), [])).toBe('unknown');
    expect(await confirm(findingIn(leaked), [stolen, bucket])).toBe('unknown');
  });

  test('is unknown where there is no such detector', async () => {
    const arn = `arn:aws:guardduty:eu-west-1:${production}:detector/none/finding/a1c9f0e2b7d84d3693c5e6f708192a01`;
    expect(await confirm(findingIn(withMembers(leaked, { 'detail.arn': arn })), [leaked])).toBe('unknown');
  });

  test('is unknown where the detector is in an account that is not ours', async () => {
    const arn = 'arn:aws:guardduty:eu-west-1:777766665555:detector/aa/finding/a1c9f0e2b7d84d3693c5e6f708192a01';
    expect(await confirm(findingIn(withMembers(leaked, { 'detail.arn': arn })), [leaked])).toBe('unknown');
  });

  test('is read in the account and region of its detector', async () => {
    const arn = `arn:aws:guardduty:us-east-1:${production}:detector/5eb2f3c4d6e7a89900a1b2c3d4e5f607/finding/a1c9f0e2b7d84d3693c5e6f708192a01`;
    const dev = withMembers(leaked, { 'detail.arn': arn, 'detail.accountId': development });
    expect(await confirm(findingIn(dev), [dev])).toBe('same');
  });
});

describe('an event that was tampered with is different', () => {
  const kept: Readonly<Record<string, JsonObject>> = { leaked, stolen, bucket };
  test.each<[string, keyof typeof kept, string, Json]>([
    ['another type', 'leaked', 'detail.type', 'Backdoor:EC2/C&CActivity.B'],
    ['another account', 'leaked', 'detail.accountId', development],
    ['another region', 'leaked', 'detail.region', 'us-east-1'],
    ['another user', 'leaked', 'detail.resource.accessKeyDetails.userName', 'break-glass'],
    ['another key', 'leaked', 'detail.resource.accessKeyDetails.accessKeyId', 'AKIABREAKGLASS000001'],
    ['another role behind the session', 'stolen', 'detail.resource.accessKeyDetails.userName', 'CordonWriter'],
    [
      'another session',
      'stolen',
      'detail.resource.accessKeyDetails.principalId',
      'AROAWEBSERVER00000001:i-0bb22cc33dd44ee55',
    ],
    ['another instance', 'stolen', 'detail.resource.instanceDetails.instanceId', 'i-0bb22cc33dd44ee55'],
    ['another bucket', 'bucket', 'detail.resource.s3BucketDetails.0.name', 'northwind-website'],
  ])('%s', async (_, name, path, value) => {
    const event = kept[name] ?? {};
    expect(await confirm(findingIn(withMembers(event, { [path]: value })), [event])).toBe('different');
  });
});
