import { expect, test } from 'vitest';
import type { JsonObject } from '../../../shared/model/json.ts';
import { buckets, objects } from '../../../shared/sandbox/aws/s3-rows.ts';
import { deleteObject, putObject } from '../../../shared/sandbox/aws/s3-versions.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, production } from '../../support/company.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';
import { grantExactly } from '../../support/rights.ts';

const malicious = readEvent('guardduty-s3/malicious-object');
const bucket = 'northwind-uploads';
const key = 'incoming/Invoice 4711.docm';
const where = { account: production, region: 'eu-west-1' };

/** What Cordon is told of a scan result, with no more rights than listing takes: it must not need to read malware. */
async function confirm(event: JsonObject, prepare: (sandbox: Sandbox) => void = () => undefined) {
  const { clouds, sandbox } = company();
  prepare(sandbox);
  const read = [{ allow: 's3:ListBucketVersions', on: `arn:aws:s3:::${bucket}` }];
  grantExactly(sandbox, { cloud: 'aws' }, { read, write: [] }, {}, where);
  const { signal } = new AbortController();
  const session = await clouds.session({ cloud: 'aws', ...where, rights: 'reader', runId: 'confirm', signal });
  const finding = findingIn(event);
  return clouds.confirm(session, finding, primaryOf(finding));
}

const upload = (sandbox: Sandbox): void => {
  const row = sandbox.rows.get(buckets, bucket);
  const modifiedAt = sandbox.clock.now();
  if (row) putObject(sandbox, row, { bucket, key, body: 'a clean invoice', acl: 'private', modifiedAt });
};
const hide = (sandbox: Sandbox): void => {
  const row = sandbox.rows.get(buckets, bucket);
  if (row) deleteObject(sandbox, row, key, undefined);
};
const withoutVersion = withMembers(malicious, { 'detail.s3ObjectDetails.versionId': undefined });

test('an object that is still what was scanned is the same, also when it is hidden or lies below another', async () => {
  expect(await confirm(malicious)).toBe('same');
  expect(await confirm(withoutVersion)).toBe('same');
  expect(await confirm(malicious, hide)).toBe('same');
  expect(await confirm(malicious, upload)).toBe('same');
});

test('other content is different', async () => {
  expect(await confirm(withMembers(malicious, { 'detail.s3ObjectDetails.eTag': 'c0ffee' }))).toBe('different');
  expect(await confirm(withoutVersion, upload)).toBe('different');
});

test('what is not there, or not told, is unknown', async () => {
  expect(await confirm(malicious, ({ rows }) => rows.delete(objects, `${bucket}/${key}`))).toBe('unknown');
  expect(await confirm(malicious, ({ rows }) => rows.delete(buckets, bucket))).toBe('unknown');
  expect(await confirm(withMembers(malicious, { 'detail.s3ObjectDetails.versionId': 'other' }))).toBe('unknown');
  expect(await confirm(withMembers(malicious, { 'detail.s3ObjectDetails.eTag': undefined }))).toBe('unknown');
});

test('the bucket of another account is none of ours', async () => {
  const passed = ({ rows }: Sandbox): void => {
    const row = rows.get(buckets, bucket);
    if (row) rows.put(buckets, bucket, { ...row, account: '444455556666' });
  };
  await expect(confirm(malicious, passed)).rejects.toMatchObject({ code: 'AccessDenied' });
});
