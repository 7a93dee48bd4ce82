import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Reading } from '../../../shared/ingest/source.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const bucket = readEvent('security-hub/public-bucket');
const port = readEvent('security-hub/open-port');
const other = readEvent('security-hub/other-product');
const key = readEvent('security-hub/guardduty-leaked-access-key');
const copies = readEvent('security-hub/copies');
const first = 'detail.findings.0';

type Changed = Readonly<Record<string, Json | undefined>>;
/** The event with members of its first finding replaced. */
const changed = (event: JsonObject, members: Changed): JsonObject =>
  withMembers(event, Object.fromEntries(Object.entries(members).map(([path, value]) => [`${first}.${path}`, value])));
const read = (event: Json): Reading => normalise(event).reading;
const statusOf = (event: Json) => findingIn(event).status;

describe('a control of Security Hub', () => {
  test('is its own finding, under the id of the control', () => {
    expect(findingIn(bucket)).toEqual({
      id: 'arn:aws:securityhub:eu-west-1:111122223333:security-control/S3.8/finding/3f1a2b4c-5d6e-4f70-8192-a3b4c5d6e7f8',
      provider: 'security-hub',
      cloud: 'aws',
      type: 'S3.8',
      title: 'S3 general purpose buckets should block public access',
      description: expect.stringContaining('blocks public access at the bucket level'),
      severity: 'High',
      severityOriginal: 'HIGH',
      status: 'new',
      account: '111122223333',
      region: 'eu-west-1',
      createdAt: '2026-11-20T09:01:12.103Z',
      updatedAt: '2026-11-20T09:03:31.877Z',
      lastSeenAt: '2026-11-20T09:03:40.511Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          type: 'aws.s3.bucket',
          id: 'arn:aws:s3:::northwind-customer-exports',
          name: 'northwind-customer-exports',
          account: '111122223333',
          region: 'eu-west-1',
          role: 'affected',
          tags: { environment: 'production', data: 'customer' },
          bucket: 'northwind-customer-exports',
        },
      ],
      link: {
        findingId: findingIn(bucket).id,
        productArn: 'arn:aws:securityhub:eu-west-1::product/aws/securityhub',
        securityControlId: 'S3.8',
      },
    });
  });

  test.each<[string, Changed, string]>([
    ['as it is consolidated', {}, 'S3.8'],
    ['by its generator', { Compliance: { Status: 'FAILED' } }, 'S3.8'],
    [
      'of a standard before',
      { Compliance: { Status: 'FAILED' }, GeneratorId: 'aws-foundational-security-best-practices/v/1.0.0/EC2.19' },
      'EC2.19',
    ],
    ['of PCI before', { Compliance: { Status: 'FAILED' }, GeneratorId: 'pci-dss/v/3.2.1/PCI.S3.2' }, 'PCI.S3.2'],
    [
      'of CIS before, which has only numbers',
      {
        Compliance: { Status: 'FAILED' },
        GeneratorId: 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1',
      },
      'cis-aws-foundations-benchmark/v/1.2.0/4.1',
    ],
    [
      'of CIS without its generator',
      {
        Compliance: { Status: 'FAILED' },
        GeneratorId: undefined,
        'ProductFields.StandardsControlArn':
          'arn:aws:securityhub:us-east-1:111122223333:control/cis-aws-foundations-benchmark/v/1.2.0/1.3',
      },
      'cis-aws-foundations-benchmark/v/1.2.0/1.3',
    ],
  ])('is known by its id, %s', (_, members, type) => {
    expect(findingIn(changed(bucket, members)).type).toBe(type);
  });

  test('names a security group with what its rules open to everybody', () => {
    expect(findingIn(port).resources).toEqual([
      {
        type: 'aws.ec2.security-group',
        id: 'arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0aa11bb22cc330013',
        name: 'sg-0aa11bb22cc330013',
        account: '111122223333',
        region: 'eu-west-1',
        role: 'affected',
        groupId: 'sg-0aa11bb22cc330013',
        openings: [
          { protocol: 'tcp', port: 22, toPort: 22, cidr: '0.0.0.0/0' },
          { protocol: 'tcp', port: 20, toPort: 8100, cidr: '::/0' },
        ],
      },
    ]);
  });

  test.each<[string, Changed, string]>([
    ['new', {}, 'new'],
    ['one that somebody was told of', { 'Workflow.Status': 'NOTIFIED' }, 'updated'],
    ['one that passed', { 'Compliance.Status': 'PASSED' }, 'resolved'],
    ['one that a person resolved', { 'Workflow.Status': 'RESOLVED' }, 'resolved'],
    ['one that a person suppressed', { 'Workflow.Status': 'SUPPRESSED' }, 'dismissed'],
    ['one whose resource is gone', { RecordState: 'ARCHIVED', 'Compliance.Status': 'NOT_AVAILABLE' }, 'archived'],
  ])('%s', (_, members, status) => {
    expect(statusOf(changed(bucket, members))).toBe(status);
  });

  test.each(['WARNING', 'NOT_AVAILABLE'])('that ended with %s says nothing of its resource', (Status) => {
    const reason = `The check ended with "${Status}": it says nothing of the resource.`;
    expect(read(changed(bucket, { 'Compliance.Status': Status }))).toEqual({ kind: 'ignored', reason });
  });
});

describe('a finding of another product', () => {
  test('has its name and first type, and who did it from where', () => {
    expect(findingIn(other)).toMatchObject({
      id: 'decoy-20261120-0001',
      provider: 'security-hub',
      type: 'NorthwindDecoys/Unusual Behaviors/User',
      createdAt: '2026-11-20T09:02:57.000Z',
      actor: { type: 'iam-user', userName: 'ci-deploy', addresses: ['203.0.113.77'] },
      resources: [
        { type: 'aws.s3.bucket', role: 'affected' },
        { type: 'aws.s3.object', role: 'affected', key: 'decoy/passwords.txt' },
        { type: 'aws.iam.access-key', role: 'actor', userName: 'ci-deploy', accessKeyId: 'AKIACIDEPLOY00000001' },
        { type: 'aws.iam.user', role: 'related' },
      ],
    });
  });

  test('that names only who acted is about them', () => {
    const resources = (other['detail'] as { findings: [{ Resources: Json[] }] }).findings[0].Resources; // the fixture has them
    const [first] = findingIn(changed(other, { Resources: resources.slice(2) })).resources;
    expect(first).toMatchObject({ type: 'aws.iam.access-key', role: 'affected' });
  });

  test.each([
    ['AwsEc2Instance', 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0aa11bb22cc33dd44', 'aws.ec2.instance'],
    ['AwsIamUser', 'arn:aws:iam::111122223333:user/build/ci-deploy', 'aws.iam.user'],
    ['AwsIamRole', 'arn:aws:iam::111122223333:role/web-server', 'aws.iam.role'],
    ['AwsIamAccessKey', 'AKIACIDEPLOY00000001', 'other'],
    ['AwsLambdaFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:resize:7', 'aws.lambda.function'],
    ['AwsRdsDbInstance', 'arn:aws:rds:eu-west-1:111122223333:db:orders', 'aws.rds.instance'],
    ['AwsAccount', 'AWS::::Account:111122223333', 'aws.account'],
    ['AwsSnsTopic', 'arn:aws:sns:eu-west-1:111122223333:alarms', 'other'],
    ['AwsEc2SecurityGroup', 'arn:aws:ec2:eu-west-1:111122223333:security-group/../sg-1', 'other'],
    ['AwsS3Object', 'arn:aws:s3:::no-key', 'other'],
  ])('names %s as a target', (Type, Id, type) => {
    expect(findingIn(changed(other, { Resources: [{ Type, Id }] })).resources[0]).toMatchObject({ type });
  });

  test.each([
    [{ Label: undefined, Normalized: 0 }, 'Informational'],
    [{ Label: undefined, Normalized: 30 }, 'Low'],
    [{ Label: undefined, Normalized: 69 }, 'Medium'],
    [{ Label: undefined, Normalized: 70 }, 'High'],
    [{ Label: 'CRITICAL' }, 'Critical'],
    [{ Label: 'SEVERE' }, 'Unknown'],
  ])('is rated as %j says', (Severity, severity) => {
    expect(findingIn(changed(other, { Severity: { ...Severity } as JsonObject })).severity).toBe(severity);
  });

  test.each([{ Sample: true }, { Title: '[SAMPLE] A decoy was read' }])(
    'is a sample where it says so: %j',
    (members) => {
      expect(findingIn(changed(other, members)).sample).toBe(true);
    },
  );
});

describe('the copy of a finding of GuardDuty', () => {
  test.each<[string, Changed, string]>([
    ['that GuardDuty had archived', { 'ProductFields.aws/guardduty/service/archived': 'true' }, 'archived'],
    ['that Security Hub has archived', { RecordState: 'ARCHIVED' }, 'archived'],
    ['that a person suppressed there', { 'Workflow.Status': 'SUPPRESSED' }, 'dismissed'],
    ['that somebody was told of', { 'Workflow.Status': 'NOTIFIED' }, 'updated'],
    ['that was seen again', { 'ProductFields.aws/guardduty/service/count': '7' }, 'updated'],
  ])('%s', (_, members, status) => {
    expect(statusOf(changed(key, members))).toBe(status);
  });

  test.each<[string, Changed, string, number]>([
    ['by its own number, not by the label', { 'Severity.Label': 'LOW', 'Severity.Product': 8 }, 'High', 8],
    ['by the number in text', { Severity: { Original: '9.2', Label: 'MEDIUM' } }, 'Critical', 9.2],
    ['by the label where there is no number', { Severity: { Label: 'HIGH' }, FindingProviderFields: null }, 'High', 8],
    ['as unknown where nothing says', { Severity: null, FindingProviderFields: null }, 'Unknown', 0],
  ])('is rated %s', (_, members, severity, severityOriginal) => {
    expect(findingIn(changed(key, members))).toMatchObject({ severity, severityOriginal });
  });

  test('keeps resources that GuardDuty has no place for beside', () => {
    const Resources = [
      { Type: 'AwsEc2Instance', Id: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0aa11bb22cc33dd44' },
      { Type: 'AwsEc2Instance', Id: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0bb22cc33dd44ee55' },
      { Type: 'AwsS3Object', Id: 'arn:aws:s3:::northwind-customer-exports/2026/all.csv' },
      { Type: 'AwsSnsTopic', Id: 'arn:aws:sns:eu-west-1:111122223333:alarms' },
    ];
    const named = findingIn(changed(key, { Resources })).resources.map(({ type, role, name }) => [type, role, name]);
    expect(named).toEqual([
      ['aws.ec2.instance', 'affected', 'i-0aa11bb22cc33dd44'],
      ['network.address', 'related', '203.0.113.77'],
      ['aws.ec2.instance', 'related', 'i-0bb22cc33dd44ee55'],
      ['aws.s3.object', 'related', '2026/all.csv'],
      ['other', 'related', 'alarms'],
    ]);
  });

  test('has each of several probes', () => {
    const probe = (IpAddressV4: string) => ({ RemoteIpDetails: { IpAddressV4 } });
    const PortProbeDetails = [probe('203.0.113.1'), probe('203.0.113.2')];
    const Action = { ActionType: 'PORT_PROBE', PortProbeAction: { PortProbeDetails } };
    const event = changed(key, { Action, ProductFields: {} });
    expect(findingIn(event).actor?.addresses).toEqual(['203.0.113.1', '203.0.113.2']);
    const fields = {
      'aws/guardduty/service/action/portProbeAction/portProbeDetails:0_/remoteIpDetails/ipAddressV4': '203.0.113.3',
      'aws/guardduty/service/action/portProbeAction/portProbeDetails:1_/remoteIpDetails/ipAddressV4': '203.0.113.4',
    };
    expect(findingIn(changed(key, { Action: null, ProductFields: fields })).actor?.addresses).toEqual([
      '203.0.113.3',
      '203.0.113.4',
    ]);
  });

  test('is only what AWS itself imported as that', () => {
    const ProductArn = 'arn:aws:securityhub:eu-west-1:111122223333:product/aws/guardduty';
    expect(findingIn(changed(key, { ProductArn })).provider).toBe('security-hub');
    const own = 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default';
    expect(findingIn(changed(key, { ProductArn: own })).provider).toBe('security-hub');
  });

  test.each([
    'arn:aws:guardduty:eu-west-1:111122223333:detector/../finding/a1c9f0e2b7d84d3693c5e6f708192a01',
    'arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0/finding/a1/../b2',
    'a1c9f0e2b7d84d3693c5e6f708192a01',
  ])('is refused where its ARN would lead elsewhere: %s', (Id) => {
    expect(read(changed(key, { Id }))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining('not the ARN of a GuardDuty finding'),
    });
  });
});

describe('copies of other services', () => {
  test('are findings of Security Hub where they are not known by an id of that service', () => {
    const strange = withMembers(copies, {
      [`${first}.Id`]: 'arn:aws:inspector:us-east-1:111122223333:finding/0-x',
      'detail.findings.1.Id': 'arn:aws:macie:us-east-1:111122223333:trigger/x/alert/y',
      'detail.findings.2.SourceUrl': 'https://console.aws.amazon.com/#/findings/details/../..',
    });
    const reading = read(strange);
    expect(reading.kind === 'findings' && reading.findings.map(({ provider, type }) => [provider, type])).toEqual([
      ['security-hub', 'Inspector/Software and Configuration Checks/Network Reachability'],
      ['security-hub', 'Macie/Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal'],
      [
        'security-hub',
        'IAM Access Analyzer/Software and Configuration Checks/AWS Security Best Practices/External Access Granted',
      ],
    ]);
  });

  test.each([
    ['Software and Configuration Checks/Vulnerabilities/CVE', 'PACKAGE_VULNERABILITY'],
    ['Software and Configuration Checks/Vulnerabilities/CWE', 'CODE_VULNERABILITY'],
    ['Software and Configuration Checks/Code Vulnerabilities', 'CODE_VULNERABILITY'],
    ['Software and Configuration Checks/Network Reachability', 'NETWORK_REACHABILITY'],
  ])('of Inspector are of the kind that %s says', (Types, type) => {
    const [finding] = findingsOf(changed(copies, { FindingProviderFields: null, Types: [Types] }));
    expect(finding).toMatchObject({ provider: 'inspector', type });
  });

  test.each([
    ['External Access Granted', 'ExternalAccess'],
    ['Unused IAM Role', 'UnusedIAMRole'],
    ['Unused Permission', 'UnusedPermission'],
  ])('of Access Analyzer are of the kind that %s says', (classifier, type) => {
    const event = withMembers(copies, {
      'detail.findings.2.Types': [`Software and Configuration Checks/X/${classifier}`],
    });
    expect(findingsOf(event)[2]).toMatchObject({ provider: 'access-analyzer', type });
  });
});

function findingsOf(event: Json) {
  const reading = read(event);
  return reading.kind === 'findings' ? reading.findings : [];
}

describe('an event of Security Hub', () => {
  test('keeps what can be read beside what cannot', () => {
    const event = withMembers(copies, {
      'detail.findings.1.AwsAccountId': '12',
      'detail.findings.2.Compliance': { Status: 'WARNING' },
    });
    expect(read(event)).toMatchObject({
      kind: 'findings',
      findings: [{ provider: 'inspector' }],
      rest: [
        { kind: 'malformed', problem: 'detail.findings.1.AwsAccountId: an AWS account id has 12 digits.' },
        { kind: 'ignored' },
      ],
    });
  });

  test.each<[string, Json, string]>([
    ['without findings', withMembers(bucket, { detail: {} }), 'malformed'],
    ['with none', withMembers(bucket, { 'detail.findings': [] }), 'ignored'],
    ['of another kind', { ...bucket, 'detail-type': 'Security Hub Findings' }, 'ignored'],
    [
      'that is only the finding',
      { Id: 'x', ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty' },
      'malformed',
    ],
  ])('%s makes no finding, with the reason', (_, event, kind) => {
    expect(normalise(event)).toMatchObject({ source: 'security-hub', reading: { kind } });
  });

  test.each<[string, Changed]>([
    ['no id', { Id: '' }],
    ['no product', { ProductArn: 'arn:aws:guardduty:eu-west-1::product/aws/guardduty' }],
    ['a product of too many parts', { ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty/x' }],
    ['no account', { AwsAccountId: null }],
    ['no time', { UpdatedAt: 'yesterday' }],
    ['a resource without an id', { Resources: [{ Type: 'AwsS3Bucket' }] }],
    ['types that are none', { Types: [7] }],
  ])('is malformed with %s', (_, members) => {
    expect(read(changed(bucket, members))).toMatchObject({ kind: 'malformed', problem: expect.stringMatching(/\.$/) });
  });

  test('is not led astray by members that every object has', () => {
    const fields: unknown = JSON.parse(
      '{ "__proto__": { "x": 1 }, "aws/guardduty/__proto__/polluted": "yes", "constructor": "x" }',
    );
    const event = changed(key, { ProductFields: fields as Json });
    expect(findingIn(event).id).toBe('a1c9f0e2b7d84d3693c5e6f708192a01');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
