import { describe, expect, test } from 'vitest';
import { makeKnown } from '../../../functions/local/known.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { type HubFinding, hubFindings } from '../../../shared/sandbox/aws/securityhub-rows.ts';
import { company, development } from '../../support/company.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const { signal } = new AbortController();
const bucket = readEvent('security-hub/public-bucket');
const other = readEvent('security-hub/other-product');
const group = 'arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0aa11bb22cc330013';

/** What Cordon is told of `finding` where Security Hub has what `kept` says, changed. */
async function confirm(finding: Finding, kept?: JsonObject, changed: Partial<HubFinding> = {}) {
  const { clouds, sandbox } = company();
  if (kept) makeKnown(sandbox, findingIn(kept), kept);
  for (const [key, row] of sandbox.rows.all(hubFindings)) sandbox.rows.put(hubFindings, key, { ...row, ...changed });
  const place = { cloud: 'aws', account: finding.account, region: finding.region, rights: 'reader' } as const;
  const session = await clouds.session({ ...place, runId: 'confirm', signal });
  return clouds.confirm(session, finding, primaryOf(finding));
}

describe('a finding read again in Security Hub', () => {
  test.each([
    'security-hub/public-bucket',
    'security-hub/open-port',
    'security-hub/other-product',
    'security-hub-v2/public-bucket',
  ])('is the same for what was sent of it: %s', async (name) => {
    const event = readEvent(name);
    expect(await confirm(findingIn(event), event)).toBe('same');
  });

  test('is the same in ASFF where OCSF brought it', async () => {
    expect(await confirm(findingIn(readEvent('security-hub-v2/public-bucket')), bucket)).toBe('same');
  });

  test('is the same over its updates and while people look at it', async () => {
    const changed = { UpdatedAt: '2026-11-20T12:00:00.000Z', Workflow: { Status: 'NOTIFIED' } } as const;
    expect(await confirm(findingIn(bucket), bucket, changed)).toBe('same');
  });

  test('is unknown where Security Hub has no such finding, or is not enabled', async () => {
    expect(await confirm(findingIn(bucket), other)).toBe('unknown');
    expect(await confirm(findingIn(bucket))).toBe('unknown');
  });

  test.each<[string, Partial<HubFinding>]>([
    ['the check has passed', { Compliance: { Status: 'PASSED', SecurityControlId: 'S3.8' } }],
    ['the check cannot be made any more', { Compliance: { Status: 'NOT_AVAILABLE', SecurityControlId: 'S3.8' } }],
    ['it is archived', { RecordState: 'ARCHIVED' }],
    ['a person has resolved it', { Workflow: { Status: 'RESOLVED' } }],
    ['a person has suppressed it', { Workflow: { Status: 'SUPPRESSED' } }],
  ])('is different where %s since', async (_, changed) => {
    expect(await confirm(findingIn(bucket), bucket, changed)).toBe('different');
  });

  test.each<[string, string, Json]>([
    ['another control', 'detail.findings.0.Compliance.SecurityControlId', 'S3.2'],
    ['another bucket', 'detail.findings.0.Resources.0.Id', 'arn:aws:s3:::northwind-website'],
    ['another kind of resource', 'detail.findings.0.Resources.0', { Type: 'AwsEc2SecurityGroup', Id: group }],
  ])('is different where the event was forged to name %s', async (_, path, value) => {
    expect(await confirm(findingIn(withMembers(bucket, { [path]: value })), bucket)).toBe('different');
  });

  test('is not looked for in an account that an event was forged to name', async () => {
    const event = withMembers(bucket, { 'detail.findings.0.AwsAccountId': development });
    expect(await confirm(findingIn(event), bucket)).toBe('unknown');
  });
});
