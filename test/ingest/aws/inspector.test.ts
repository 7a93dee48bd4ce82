import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const port = readEvent('inspector/port-reachable');
const package_ = readEvent('inspector/exploitable-package');
const prod = '111122223333';
const first = 'detail.resources.0';

describe('an Inspector event becomes a finding', () => {
  test('of a port: the instance is affected, the security groups on the way stand beside it', () => {
    const finding = findingIn(port);
    expect(finding).toMatchObject({
      id: `arn:aws:inspector2:eu-west-1:${prod}:finding/0a1b2c3d4e5f60718293a4b5c6d7e8f9`,
      ...{ provider: 'inspector', type: 'NETWORK_REACHABILITY', severity: 'Medium', status: 'new' },
      ...{ account: prod, region: 'eu-west-1', createdAt: '2026-11-20T08:58:12.334Z' },
      updatedAt: '2026-11-20T09:02:56.334Z',
    });
    expect(finding.resources).toEqual([
      {
        type: 'aws.ec2.instance',
        id: `arn:aws:ec2:eu-west-1:${prod}:instance/i-0aa11bb22cc33dd44`,
        ...{ name: 'i-0aa11bb22cc33dd44', account: prod, region: 'eu-west-1', role: 'affected' },
        tags: { Name: 'web-1', environment: 'production' },
        instanceId: 'i-0aa11bb22cc33dd44',
        imageId: 'ami-0aa11bb22cc33dd44',
        instanceProfileArn: `arn:aws:iam::${prod}:instance-profile/web-server`,
        interfaces: [],
      },
      {
        type: 'aws.ec2.security-group',
        id: `arn:aws:ec2:eu-west-1:${prod}:security-group/sg-0aa11bb22cc330013`,
        ...{ name: 'sg-0aa11bb22cc330013', account: prod, region: 'eu-west-1', role: 'related' },
        groupId: 'sg-0aa11bb22cc330013',
      },
    ]);
  });

  test('of a package, with what makes it urgent left in the event', () => {
    expect(findingIn(package_)).toMatchObject({ type: 'PACKAGE_VULNERABILITY', severity: 'Critical' });
    expect(package_).toMatchObject({ detail: { exploitAvailable: 'YES', fixAvailable: 'YES' } });
  });

  test.each([
    ['INFORMATIONAL', 'Informational'],
    ['LOW', 'Low'],
    ['MEDIUM', 'Medium'],
    ['HIGH', 'High'],
    ['CRITICAL', 'Critical'],
    ['UNTRIAGED', 'Unknown'],
  ])('severity %s is %s', (severityOriginal, severity) => {
    const finding = findingIn(withMembers(port, { 'detail.severity': severityOriginal }));
    expect(finding).toMatchObject({ severity, severityOriginal });
  });

  test.each([
    ['ACTIVE', 'new'],
    ['SUPPRESSED', 'dismissed'],
    ['CLOSED', 'resolved'],
  ])('status %s is %s, under the same id', (said, status) => {
    const finding = findingIn(withMembers(port, { 'detail.status': said }));
    expect(finding).toMatchObject({ id: findingIn(port).id, status });
  });

  test.each([
    ['Thu Sep 05 13:06:56.334 UTC 2024', '2024-09-05T13:06:56.334Z'],
    ['Dec 3, 2021, 6:02:30 PM', '2021-12-03T18:02:30.000Z'],
    ['Dec 13, 2021, 12:00:00 AM', '2021-12-13T00:00:00.000Z'],
    ['Jan 1, 2022, 12:30:00\u202FPM', '2022-01-01T12:30:00.000Z'],
    ['2026-11-20T09:02:56.334Z', '2026-11-20T09:02:56.334Z'],
  ])('the time %s is %s', (updatedAt, instant) => {
    expect(findingIn(withMembers(port, { 'detail.updatedAt': updatedAt })).updatedAt).toBe(instant);
  });
});

describe('resources are what Inspector calls them', () => {
  test('a function, without its version, with its role', () => {
    const id = `arn:aws:lambda:eu-west-1:${prod}:function:orders:$LATEST`;
    const roleArn = `arn:aws:iam::${prod}:role/orders`;
    const details = { awsLambdaFunction: { functionName: 'orders', executionRoleArn: roleArn } };
    const resource = { type: 'AWS_LAMBDA_FUNCTION', id, region: 'eu-west-1', details };
    expect(primaryOf(findingIn(withMembers(port, { [first]: resource })))).toMatchObject({
      ...{ type: 'aws.lambda.function', id: `arn:aws:lambda:eu-west-1:${prod}:function:orders` },
      ...{ functionName: 'orders', roleArn },
    });
  });

  test('an image, whose region is said to be N/A', () => {
    const id = `arn:aws:ecr:eu-west-1:${prod}:repository/shop/sha256:36c7b282abd0186e`;
    const resource = {
      type: 'AWS_ECR_CONTAINER_IMAGE',
      id,
      region: 'N/A',
      partition: 'N/A',
      details: null,
      tags: null,
    };
    expect(primaryOf(findingIn(withMembers(port, { [first]: resource })))).toEqual({
      ...{ type: 'other', kind: 'AWS_ECR_CONTAINER_IMAGE', id, name: '36c7b282abd0186e' },
      ...{ account: prod, region: 'eu-west-1', role: 'affected' },
    });
  });

  test('a machine of another cloud is shown in its own subscription, where no action of this cloud reaches', () => {
    const providerAccountId = '0a1b2c3d-0000-4000-8000-000000000001';
    const resource = { type: 'Microsoft.Compute/virtualMachines', id: 'vm-1', provider: 'AZURE', providerAccountId };
    expect(primaryOf(findingIn(withMembers(port, { [first]: resource })))).toMatchObject({
      ...{ type: 'other', kind: 'Microsoft.Compute/virtualMachines', account: providerAccountId },
    });
  });

  test('an id that is none of an instance names nothing that can be acted on', () => {
    const finding = findingIn(withMembers(port, { [`${first}.id`]: 'i-0aa11bb22cc33dd44 or another' }));
    expect(primaryOf(finding).type).toBe('other');
  });
});

test.each(['Inspector2 Scan', 'Inspector2 Coverage'])('%s is no finding', (kind) => {
  expect(normalise(withMembers(port, { 'detail-type': kind })).reading).toEqual({
    kind: 'ignored',
    reason: `Inspector event of detail-type "${kind}" is not a finding.`,
  });
});

test.each([
  [{ 'detail.findingArn': `arn:aws:inspector2:eu-west-1:${prod}:finding/../x` }],
  [{ 'detail.findingArn': `arn:aws:guardduty:eu-west-1:${prod}:finding/x` }],
  [{ 'detail.status': 'PAUSED' }],
  [{ 'detail.resources': [] }],
  [{ 'detail.updatedAt': 'Foo 3, 2021, 6:02:30 PM' }],
  [{ 'detail.awsAccountId': undefined }],
])('%j is kept for a person', (members) => {
  expect(normalise(withMembers(port, members)).reading.kind).toBe('malformed');
});
