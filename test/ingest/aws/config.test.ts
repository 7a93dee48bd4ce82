import { describe, expect, test } from 'vitest';
import { ruleType } from '../../../shared/ingest/aws/config.ts';
import { normalise, recognise } from '../../../shared/ingest/recognise.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const bucket = readEvent('config/public-bucket');
const ssh = readEvent('config/restricted-ssh');
const prod = '111122223333';
const result = 'detail.newEvaluationResult';

/** The affected resource, where an event is about another one. */
const about = (resourceType: string, resourceId: string) =>
  primaryOf(findingIn(withMembers(bucket, { 'detail.resourceType': resourceType, 'detail.resourceId': resourceId })));

describe('a change of compliance becomes a finding', () => {
  test('with the rule as its type, the resource as what is affected, and the account and region it is in', () => {
    const rule = `arn:aws:config:eu-west-1:${prod}:config-rule/config-rule-9rpvxc`;
    expect(findingIn(withMembers(bucket, { account: '999988887777', region: 'us-east-1' }))).toEqual({
      id: `${rule}/AWS::S3::Bucket/northwind-customer-exports`,
      provider: 'config',
      cloud: 'aws',
      type: 's3-bucket-public-read-prohibited',
      title: 'AWS::S3::Bucket northwind-customer-exports does not comply with s3-bucket-public-read-prohibited',
      description: 'The S3 bucket policy allows public read access.',
      severity: 'Unknown',
      severityOriginal: 'NON_COMPLIANT',
      status: 'new',
      account: prod,
      region: 'eu-west-1',
      createdAt: '2026-11-20T09:02:10.112Z',
      updatedAt: '2026-11-20T09:02:41.405Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          type: 'aws.s3.bucket',
          id: 'arn:aws:s3:::northwind-customer-exports',
          name: 'northwind-customer-exports',
          account: prod,
          region: 'eu-west-1',
          role: 'affected',
          bucket: 'northwind-customer-exports',
        },
      ],
      link: {
        ruleName: 's3-bucket-public-read-prohibited',
        ruleArn: rule,
        resourceType: 'AWS::S3::Bucket',
        resourceId: 'northwind-customer-exports',
        before: 'COMPLIANT',
      },
    });
  });

  test.each([
    ['NON_COMPLIANT', 'new'],
    ['COMPLIANT', 'resolved'],
    ['NOT_APPLICABLE', 'resolved'],
  ])('%s is %s, under the same id', (complianceType, status) => {
    const finding = findingIn(withMembers(bucket, { [`${result}.complianceType`]: complianceType }));
    expect(finding).toMatchObject({ id: findingIn(bucket).id, status });
  });

  test('what a new rule finds as it has long been is told from what has just changed', () => {
    expect(findingIn(withMembers(bucket, { 'detail.oldEvaluationResult': undefined })).link['before']).toBe('none');
  });

  test('a result without data says nothing, one of an unknown kind is kept for a person', () => {
    const as = (complianceType: string) =>
      normalise(withMembers(bucket, { [`${result}.complianceType`]: complianceType }));
    expect(as('INSUFFICIENT_DATA').reading.kind).toBe('ignored');
    expect(as('PERHAPS').reading).toMatchObject({ kind: 'malformed', problem: expect.stringContaining('"PERHAPS"') });
  });
});

describe('the name of a rule tells what it checks', () => {
  test.each([
    ['restricted-ssh', 'restricted-ssh'],
    ['restricted-ssh-conformance-pack-szsm1uv0w', 'restricted-ssh'],
    ['securityhub-restricted-ssh-3ca2d6f4', 'restricted-ssh'],
    ['securityhub-access-keys-rotated-a1b2c3', 'access-keys-rotated'],
    ['OrgConfigRule-s3-bucket-versioning-enabled-dbgzf8ba', 's3-bucket-versioning-enabled'],
    ['AWSControlTower_AWS-GR_S3_BUCKET_PUBLIC_READ_PROHIBITED', 's3-bucket-public-read-prohibited'],
    ['our-own-rule-2', 'our-own-rule-2'],
    ['securityhub', 'securityhub'],
    ['-conformance-pack-szsm1uv0w', '-conformance-pack-szsm1uv0w'],
    ['AWSControlTower_AWS-GR_restricted', 'AWSControlTower_AWS-GR_restricted'],
  ])('%s is %s', (name, type) => {
    expect(ruleType(name)).toBe(type);
  });

  test('and so the rule of a conformance pack has the type of the rule inside', () => {
    expect(findingIn(ssh).type).toBe('restricted-ssh');
    expect(primaryOf(findingIn(ssh))).toMatchObject({
      type: 'aws.ec2.security-group',
      id: `arn:aws:ec2:eu-west-1:${prod}:security-group/sg-0aa11bb22cc330013`,
    });
  });
});

describe('the resource is what the type and the id of Config make of it', () => {
  test.each([
    [
      'AWS::EC2::Instance',
      'i-0aa11bb22cc33dd44',
      'aws.ec2.instance',
      `arn:aws:ec2:eu-west-1:${prod}:instance/i-0aa11bb22cc33dd44`,
    ],
    [
      'AWS::EC2::Volume',
      'vol-0aa11bb22cc33d001',
      'aws.ebs.volume',
      `arn:aws:ec2:eu-west-1:${prod}:volume/vol-0aa11bb22cc33d001`,
    ],
    [
      'AWS::EC2::Snapshot',
      'snap-0aa11bb22cc33d001',
      'aws.ebs.snapshot',
      'arn:aws:ec2:eu-west-1::snapshot/snap-0aa11bb22cc33d001',
    ],
    ['AWS::EC2::Image', 'ami-0aa11bb22cc33d001', 'aws.ec2.image', 'arn:aws:ec2:eu-west-1::image/ami-0aa11bb22cc33d001'],
    ['AWS::Lambda::Function', 'orders', 'aws.lambda.function', `arn:aws:lambda:eu-west-1:${prod}:function:orders`],
    ['AWS::EKS::Cluster', 'shop', 'aws.eks.cluster', `arn:aws:eks:eu-west-1:${prod}:cluster/shop`],
    [
      'AWS::ECS::Cluster',
      `arn:aws:ecs:eu-west-1:${prod}:cluster/shop`,
      'aws.ecs.cluster',
      `arn:aws:ecs:eu-west-1:${prod}:cluster/shop`,
    ],
    ['AWS::CloudTrail::Trail', 'main', 'aws.cloudtrail.trail', `arn:aws:cloudtrail:eu-west-1:${prod}:trail/main`],
    [
      'AWS::RDS::DBInstance',
      `arn:aws:rds:eu-west-1:${prod}:db:orders`,
      'aws.rds.instance',
      `arn:aws:rds:eu-west-1:${prod}:db:orders`,
    ],
    ['AWS::::Account', prod, 'aws.account', `arn:aws:iam::${prod}:root`],
  ])('%s %s', (resourceType, resourceId, type, id) => {
    expect(about(resourceType, resourceId)).toMatchObject({ type, id, account: prod });
  });

  test.each([
    ['AWS::IAM::User', 'AIDACIDEPLOY00000001'], // says no name
    ['AWS::IAM::Role', 'AROAWEBSERVER00000001'],
    ['AWS::RDS::DBInstance', 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ'], // is no identifier
    ['AWS::S3::Bucket', '../northwind-customer-exports'],
    ['AWS::S3::Bucket', 'arn:aws:s3:::northwind-customer-exports/key'],
    ['AWS::EC2::SecurityGroup', 'sg-0aa11bb22cc330013/../x'],
    ['AWS::Lambda::Function', 'orders?x=1'],
    ['AWS::Quantum::Widget', 'w-1'],
  ])('%s %s has no form that an action takes', (kind, resourceId) => {
    expect(about(kind, resourceId)).toEqual({
      ...{ type: 'other', id: resourceId, name: expect.any(String), account: prod, region: 'eu-west-1' },
      ...{ role: 'affected', kind },
    });
  });

  test('of another account, where the id says so', () => {
    const id = 'arn:aws:ecs:eu-west-1:444455556666:cluster/shop';
    expect(about('AWS::ECS::Cluster', id)).toMatchObject({ account: '444455556666', id });
  });
});

describe('what is no change of compliance makes no finding', () => {
  test.each([
    'Config Configuration Item Change',
    'Config Rules Re-evaluation Status',
    'Config Snapshot Delivery Status',
  ])('%s is left', (kind) => {
    const event = withMembers(bucket, { 'detail-type': kind });
    expect(recognise(event)?.id).toBe('config');
    expect(normalise(event).reading).toEqual({
      kind: 'ignored',
      reason: `Config event of detail-type "${kind}" is not a finding.`,
    });
  });

  test.each([
    [{ 'detail.configRuleARN': 'arn:aws:s3:::config-rule' }],
    [{ 'detail.configRuleARN': undefined }],
    [{ 'detail.awsAccountId': '1111' }],
    [{ 'detail.awsRegion': '../eu' }],
    [{ 'detail.resourceId': '' }],
    [{ [result]: null }],
    [{ [`${result}.resultRecordedTime`]: 'yesterday' }],
    [{ detail: 'text' }],
  ])('%j is kept for a person', (members) => {
    expect(normalise(withMembers(bucket, members)).reading.kind).toBe('malformed');
  });
});
