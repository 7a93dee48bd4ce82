import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const opened = readEvent('access-analyzer/public-bucket');
const unused = readEvent('access-analyzer/unused-permission');
const prod = '111122223333';

describe('an Access Analyzer event becomes a finding', () => {
  test('of access from outside', () => {
    expect(findingIn(opened)).toEqual({
      id: '7f0e1d2c-3b4a-4958-8676-a5b4c3d2e1f0',
      provider: 'access-analyzer',
      cloud: 'aws',
      type: 'ExternalAccess',
      title: 'Anybody has access to arn:aws:s3:::northwind-customer-exports',
      description: 'Granted to "AWS" "*".',
      severity: 'Unknown',
      severityOriginal: '',
      status: 'new',
      account: prod,
      region: 'eu-west-1',
      createdAt: '2026-11-20T09:00:50.000Z',
      updatedAt: '2026-11-20T09:01:07.000Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          ...{ type: 'aws.s3.bucket', id: 'arn:aws:s3:::northwind-customer-exports', role: 'affected' },
          ...{ name: 'northwind-customer-exports', bucket: 'northwind-customer-exports' },
          ...{ account: prod, region: 'eu-west-1' },
        },
      ],
      link: {
        findingId: '7f0e1d2c-3b4a-4958-8676-a5b4c3d2e1f0',
        analyzerArn: `arn:aws:access-analyzer:eu-west-1:${prod}:analyzer/northwind`,
      },
    });
  });

  test('of unused access, which has its id under another name and comes to the account that looks', () => {
    const finding = findingIn(unused);
    expect(finding).toMatchObject({
      ...{ id: '8e1f2d3c-4b5a-4069-9787-b6c5d4e3f201', type: 'UnusedPermission', account: prod, region: 'eu-west-1' },
      title: `UnusedPermission of arn:aws:iam::${prod}:role/service/web-server`,
      description: '',
    });
    // as everybody else spells it: names are unique whatever the path
    expect(primaryOf(finding)).toMatchObject({ type: 'aws.iam.role', id: `arn:aws:iam::${prod}:role/web-server` });
  });

  test('of access from inside, in the account that the resource is in', () => {
    const event = withMembers(opened, {
      'detail-type': 'Internal Access Finding',
      'detail.findingType': 'InternalAccess',
      'detail.region': undefined,
      'detail.isPublic': undefined,
      'detail.resource': `arn:aws:dynamodb:eu-west-1:${prod}:table/orders`,
      'detail.resourceType': 'AWS::DynamoDB::Table',
      'detail.accountId': '444455556666',
    });
    expect(findingIn(event)).toMatchObject({ type: 'InternalAccess', account: prod, region: 'eu-west-1' });
    expect(primaryOf(findingIn(event))).toMatchObject({ type: 'other', kind: 'AWS::DynamoDB::Table', name: 'orders' });
  });

  test.each([
    [{ 'detail.status': 'ACTIVE' }, 'new'],
    [{ 'detail.status': 'ARCHIVED' }, 'archived'],
    [{ 'detail.status': 'RESOLVED' }, 'resolved'],
    [{ 'detail.isDeleted': true }, 'resolved'],
  ])('%j is %s, under the same id', (members, status) => {
    expect(findingIn(withMembers(opened, members))).toMatchObject({ id: findingIn(opened).id, status });
  });

  test.each([
    ['AWS::Lambda::Function', `arn:aws:lambda:eu-west-1:${prod}:function:orders`, 'aws.lambda.function'],
    ['AWS::IAM::User', `arn:aws:iam::${prod}:user/ops/ci-deploy`, 'aws.iam.user'],
    ['AWS::EC2::Snapshot', 'arn:aws:ec2:eu-west-1::snapshot/snap-0aa11bb22cc33d001', 'aws.ebs.snapshot'],
    ['AWS::KMS::Key', `arn:aws:kms:eu-west-1:${prod}:key/1234abcd`, 'other'],
    ['AWS::SQS::Queue', `arn:aws:sqs:eu-west-1:${prod}:orders`, 'other'],
    ['AWS::SecretsManager::Secret', `arn:aws:secretsmanager:eu-west-1:${prod}:secret:db-AbCdEf`, 'other'],
  ])('a resource of %s', (resourceType, resource, type) => {
    const event = withMembers(opened, { 'detail.resourceType': resourceType, 'detail.resource': resource });
    expect(primaryOf(findingIn(event))).toMatchObject({ type, account: prod, role: 'affected' });
  });
});

test.each([
  ['Access Preview State Change', {}],
  ['Access Analyzer Finding', { 'detail.error': 'ACCESS_DENIED' }],
])('%s with %j is left with a reason', (kind, members) => {
  const { reading } = normalise(withMembers(opened, { 'detail-type': kind, ...members }));
  expect(reading).toMatchObject({ kind: 'ignored', reason: expect.stringMatching(/is not a finding|ACCESS_DENIED/) });
});

test.each([
  [{ 'detail.id': '' }],
  [{ 'detail.status': 'OPEN' }],
  [{ 'detail.accountId': 'x' }],
  [{ 'detail.resource': null }],
  [{ 'detail.region': '..', region: '..' }],
])('%j is kept for a person', (members) => {
  expect(normalise(withMembers(opened, members)).reading.kind).toBe('malformed');
});
