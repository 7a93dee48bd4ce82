import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const key = readEvent('security-hub-v2/guardduty-leaked-access-key');
const bucket = readEvent('security-hub-v2/public-bucket');
const first = 'detail.findings.0';
type Changed = Readonly<Record<string, Json | undefined>>;
const changed = (event: typeof key, members: Changed) =>
  withMembers(event, Object.fromEntries(Object.entries(members).map(([path, value]) => [`${first}.${path}`, value])));
const findingArn = findingIn(key).link['findingArn'] ?? '';

describe('a finding of GuardDuty in OCSF', () => {
  test.each<[string, Changed]>([
    ['its ARN', {}],
    ['its ARN beside', { 'finding_info.uid': 'a1c9f0e2b7d84d3693c5e6f708192a01', 'finding_info.uid_alt': findingArn }],
    [
      'its id and its detector',
      { 'finding_info.uid': 'a1c9f0e2b7d84d3693c5e6f708192a01', 'finding_info.uid_alt': null },
    ],
    ['the names of vendor and product alone', { 'metadata.product.uid': null, 'finding_info.product': null }],
    ['its own type', { 'finding_info.types': ['UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom'] }],
    ['times in numbers', { 'finding_info.modified_time_dt': undefined, 'finding_info.created_time_dt': undefined }],
  ])('is known by %s', (_, members) => {
    expect(findingIn(changed(key, members))).toMatchObject({
      id: 'a1c9f0e2b7d84d3693c5e6f708192a01',
      provider: 'guardduty',
      type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
      updatedAt: '2026-11-20T08:59:31.204Z',
      link: { findingArn },
    });
  });

  test('names an instance, and the far end of a connection', () => {
    const instance = {
      uid: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0aa11bb22cc33dd44',
      type: 'AWS::EC2::Instance',
      region: 'eu-west-1',
      data: { AwsEc2Instance: { ImageId: 'ami-0a1b2c3d4e5f60718' } },
    };
    const evidences = [
      {
        connection_info: { direction: 'Outbound' },
        src_endpoint: { ip: '10.20.1.44' },
        dst_endpoint: { ip: '203.0.113.9' },
      },
    ];
    const types = ['TTPs/Command and Control/Backdoor:EC2-C&CActivity.B'];
    const finding = findingIn(changed(key, { resources: [instance], evidences, 'finding_info.types': types }));
    expect(finding.resources).toMatchObject([
      { type: 'aws.ec2.instance', role: 'affected', imageId: 'ami-0a1b2c3d4e5f60718' },
      { type: 'network.address', address: '203.0.113.9', direction: 'outbound' },
    ]);
  });

  test('is of GuardDuty only where the vendor is Amazon', () => {
    const named = { 'finding_info.product': null, 'metadata.product': { name: 'GuardDuty', vendor_name: 'Somebody' } };
    expect(findingIn(changed(key, named))).toMatchObject({
      provider: 'security-hub',
      type: 'GuardDuty/TTPs/UnauthorizedAccess:IAMUser-MaliciousIPCaller.Custom',
    });
  });
});

describe('the state of a finding in OCSF', () => {
  test.each([
    [1, 'new'],
    [2, 'updated'],
    [3, 'dismissed'],
    [4, 'resolved'],
    [5, 'archived'],
    [6, 'archived'],
    [99, 'new'],
  ])('status_id %i', (status_id, status) => {
    expect(findingIn(changed(bucket, { status_id })).status).toBe(status);
  });

  test.each<[Json, string]>([
    [{ control: 'S3.8', status_id: 1 }, 'resolved'],
    [{ control: 'S3.8', status: 'Pass' }, 'resolved'],
    [{ control: 'S3.8', status: 'Fail' }, 'new'],
  ])('compliance %j', (compliance, status) => {
    expect(findingIn(changed(bucket, { compliance })).status).toBe(status);
  });

  test.each<Json>([{ control: 'S3.8', status_id: 2 }, { control: 'S3.8' }])(
    'a check that says nothing: %j',
    (compliance) => {
      expect(normalise(changed(bucket, { compliance })).reading.kind).toBe('ignored');
    },
  );

  test.each([
    [1, 'Informational'],
    [5, 'Critical'],
    [6, 'Critical'],
    [0, 'Unknown'],
    [99, 'Unknown'],
  ])('severity_id %i', (severity_id, severity) => {
    expect(findingIn(changed(bucket, { severity_id })).severity).toBe(severity);
  });
});

describe('other findings in OCSF', () => {
  test('of what only the new Security Hub knows are its own', () => {
    const exposure = {
      metadata: { product: { name: 'Security Hub', vendor_name: 'AWS' } },
      compliance: undefined,
      'finding_info.types': ['Exposure/Potential Remote Execution'],
    };
    expect(findingIn(changed(bucket, exposure))).toMatchObject({
      provider: 'security-hub',
      type: 'Security Hub/Exposure/Potential Remote Execution',
    });
  });

  test.each([
    [
      'AWS::EC2::SecurityGroup',
      'arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0aa11bb22cc330013',
      'aws.ec2.security-group',
    ],
    [
      'AwsEc2SecurityGroup',
      'arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0aa11bb22cc330013',
      'aws.ec2.security-group',
    ],
    ['AWS::RDS::DBInstance', 'arn:aws:rds:eu-west-1:111122223333:db:orders', 'aws.rds.instance'],
    ['AWS::IAM::User', 'arn:aws:iam::111122223333:user/ci-deploy', 'aws.iam.user'],
    ['AWS::EKS::Cluster', 'arn:aws:eks:eu-west-1:111122223333:cluster/shop', 'aws.eks.cluster'],
    ['AWS::::Account', 'AWS::::Account:111122223333', 'aws.account'],
    ['AWS::SNS::Topic', 'arn:aws:sns:eu-west-1:111122223333:alarms', 'other'],
  ])('name %s as a target', (type, uid, target) => {
    expect(findingIn(changed(bucket, { resources: [{ type, uid }] })).resources[0]).toMatchObject({ type: target });
  });

  test.each<[string, Json, string]>([
    ['without a list', withMembers(bucket, { detail: {} }), 'malformed'],
    ['with none', withMembers(bucket, { 'detail.findings': [] }), 'ignored'],
    ['without an account', changed(bucket, { 'cloud.account': {} }), 'malformed'],
    [
      'without a time',
      changed(bucket, { 'finding_info.created_time': 1e300, 'finding_info.created_time_dt': null }),
      'malformed',
    ],
    ['without an id', changed(bucket, { 'finding_info.uid': '' }), 'malformed'],
  ])('%s make none, with the reason', (_, event, kind) => {
    expect(normalise(event)).toMatchObject({ source: 'security-hub-v2', reading: { kind } });
  });
});
