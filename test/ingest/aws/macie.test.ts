import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const opened = readEvent('macie/public-bucket');
const sensitive = readEvent('macie/sensitive-object');
const prod = '111122223333';
const caller = 'detail.policyDetails.actor.userIdentity';

describe('a Macie event becomes a finding', () => {
  test('of an opened bucket, with who opened it apart from what was opened', () => {
    const finding = findingIn(opened);
    expect(finding).toMatchObject({
      ...{ id: '64b917aa3843014c91d8937ff0a1b2c3', provider: 'macie', type: 'Policy:IAMUser/S3BucketPublic' },
      ...{
        severity: 'High',
        severityOriginal: 'High',
        status: 'new',
        account: prod,
        region: 'eu-west-1',
        sample: false,
      },
      ...{ createdAt: '2026-11-20T09:01:02.000Z', updatedAt: '2026-11-20T09:02:15.000Z', count: 1 },
    });
    expect(finding.resources.map(({ role, type, id }) => `${role} ${type} ${id}`)).toEqual([
      'affected aws.s3.bucket arn:aws:s3:::northwind-customer-exports',
      `actor aws.iam.role-session arn:aws:sts::${prod}:assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/maria.lind@northwind.example`,
    ]);
    expect(finding.actor).toMatchObject({
      ...{ type: 'role-session', account: prod, sessionKind: 'sso', permissionSet: 'PowerUser' },
      addresses: ['203.0.113.77'],
    });
  });

  test('of sensitive data: bucket and object are affected', () => {
    expect(findingIn(sensitive).resources).toMatchObject([
      { type: 'aws.s3.bucket', role: 'affected', tags: { data: 'customer' } },
      {
        ...{ type: 'aws.s3.object', role: 'affected', id: 'arn:aws:s3:::northwind-customer-exports/2026/all.csv' },
        ...{ bucket: 'northwind-customer-exports', key: '2026/all.csv', eTag: 'd41d8cd98f00b204e9800998ecf8427e' },
      },
    ]);
    expect(findingIn(sensitive).actor).toBeUndefined();
  });

  test('an object beside a policy finding is only related', () => {
    const object = { key: 'a/b?c', versionId: null, eTag: null, tags: null };
    const [, second] = findingIn(withMembers(opened, { 'detail.resourcesAffected.s3Object': object })).resources;
    expect(second).toMatchObject({ type: 'aws.s3.object', role: 'related', key: 'a/b?c' });
  });

  test.each([
    [
      { 'detail.archived': true, 'detail.count': 4 },
      { status: 'archived', count: 4 },
    ],
    [{ 'detail.count': 4 }, { status: 'updated', count: 4 }],
    [
      { 'detail.count': null, 'detail.archived': null },
      { status: 'new', count: 1 },
    ],
    [{ 'detail.sample': true }, { sample: true }],
    [{ 'detail.severity': null }, { severity: 'Unknown', severityOriginal: '' }],
    [{ 'detail.severity.description': 'Dreadful' }, { severity: 'Unknown', severityOriginal: 'Dreadful' }],
  ])('%j shows as %j', (members, shown) => {
    expect(findingIn(withMembers(opened, members))).toMatchObject(shown);
  });

  test.each([
    ['IAMUser', 'iamUser', { userName: 'ci-deploy', principalId: 'AIDACIDEPLOY00000001', accountId: prod }, 'iam-user'],
    ['Root', 'root', { principalId: prod, accountId: prod }, 'root'],
    ['AWSAccount', 'awsAccount', { principalId: 'AIDAX', accountId: '444455556666' }, 'aws-account'],
    ['AWSService', 'awsService', { invokedBy: 'config.amazonaws.com' }, 'other'],
  ])('a caller of the type %s', (type, member, who, actor) => {
    const event = withMembers(opened, { [caller]: { type, [member]: who } });
    expect(findingIn(event).actor?.type).toBe(actor);
  });

  test('that names no bucket stands for itself, for people to see', () => {
    const cut = withMembers(opened, { 'detail.resourcesAffected': undefined, 'detail.policyDetails': undefined });
    expect(findingIn(cut).resources).toMatchObject([{ type: 'other', kind: 'S3Bucket', role: 'affected' }]);
  });
});

test.each([
  [{ 'detail.id': '' }],
  [{ 'detail.accountId': '../1111' }],
  [{ 'detail.region': 7 }],
  [{ 'detail.updatedAt': 'now' }],
  [{ 'detail.resourcesAffected.s3Bucket.name': '../other' }],
  [{ detail: [] }],
])('%j is kept for a person', (members) => {
  expect(normalise(withMembers(opened, members)).reading.kind).toBe('malformed');
});

test('another event of Macie is left', () => {
  expect(normalise(withMembers(opened, { 'detail-type': 'Macie Alert' })).reading.kind).toBe('ignored');
});
