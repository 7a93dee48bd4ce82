import { describe, expect, test } from 'vitest';
import { guardduty } from '../../../shared/ingest/aws/guardduty.ts';
import { recognise } from '../../../shared/ingest/recognise.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const event = (name: string): JsonObject => readEvent(`guardduty/${name}`);
const leaked = event('leaked-access-key');
const instance = event('compromised-instance');

/** The roles of a finding's resources, by type. */
const roles = (made: Json): readonly string[] =>
  findingIn(made).resources.map(({ type, role, id }) => `${role} ${type} ${id}`);

const prod = '111122223333';
const dev = '444455556666';

const table = [
  ['leaked-access-key', 'Medium', 'new', prod, 'eu-west-1', 'iam-user', 'aws.iam.access-key'],
  ['instance-credential-exfiltration-outside', 'High', 'new', prod, 'eu-west-1', 'role-session', 'aws.ec2.instance'],
  ['compromised-instance', 'High', 'new', prod, 'eu-west-1', 'other', 'aws.ec2.instance'],
  ['public-bucket', 'Low', 'new', prod, 'eu-west-1', 'role-session', 'aws.s3.bucket'],
  ['sso-session', 'Medium', 'new', prod, 'us-east-1', 'role-session', 'aws.iam.role-session'],
  ['saml-session', 'Medium', 'new', prod, 'us-east-1', 'role-session', 'aws.iam.role-session'],
  ['port-probe', 'Low', 'new', dev, 'eu-west-1', 'other', 'aws.ec2.instance'],
  ['ssh-brute-force-target', 'Low', 'updated', dev, 'eu-west-1', 'other', 'aws.ec2.instance'],
  ['sample', 'High', 'new', prod, 'eu-west-1', 'other', 'aws.ec2.instance'],
  ['archived', 'Medium', 'archived', prod, 'eu-west-1', 'iam-user', 'aws.iam.access-key'],
  ['root-usage', 'Low', 'new', prod, 'us-east-1', 'root', 'other'],
  ['break-glass-key', 'Medium', 'new', prod, 'us-east-1', 'iam-user', 'aws.iam.access-key'],
] as const;

describe('a GuardDuty event becomes a finding', () => {
  test.each(table)('%s', (name, severity, status, account, region, actor, affected) => {
    const finding = findingIn(event(name));
    expect(finding).toMatchObject({ provider: 'guardduty', cloud: 'aws', severity, status, account, region });
    expect(finding.actor?.type).toBe(actor);
    expect(finding.resources.filter(({ role }) => role === 'affected').map(({ type }) => type)).toEqual([affected]);
    expect(JSON.stringify(finding)).not.toContain('undefined');
  });

  test('with what GetFindings needs, from the ARN', () => {
    expect(findingIn(leaked).link).toEqual({
      findingId: 'a1c9f0e2b7d84d3693c5e6f708192a01',
      findingArn: `arn:aws:guardduty:eu-west-1:${prod}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/a1c9f0e2b7d84d3693c5e6f708192a01`,
      detectorId: '3cb0f1a2d4e5968778695a4b3c2d1e0f',
      detectorAccount: prod,
      detectorRegion: 'eu-west-1',
      resourceType: 'AccessKey',
    });
  });

  test('in the member account, though the detector is that of another', () => {
    const arn = 'arn:aws:guardduty:eu-west-1:999988887777:detector/aa/finding/bb';
    const finding = findingIn(withMembers(leaked, { account: '999988887777', 'detail.arn': arn }));
    expect(finding.account).toBe(prod);
    expect(finding.link).toMatchObject({ detectorId: 'aa', detectorAccount: '999988887777' });
  });

  test('under one id over every update', () => {
    const later = withMembers(leaked, { 'detail.service.count': 7, 'detail.updatedAt': '2026-11-20T15:00:00.000Z' });
    expect(findingIn(later)).toMatchObject({ id: findingIn(leaked).id, status: 'updated', count: 7 });
  });

  test.each([
    [9, 'Critical'],
    [8.9, 'High'],
    [7, 'High'],
    [6.9, 'Medium'],
    [4, 'Medium'],
    [3.9, 'Low'],
    [1, 'Low'],
    [0.5, 'Unknown'],
  ])('with severity %f as %s', (value, caption) => {
    const finding = findingIn(withMembers(leaked, { 'detail.severity': value }));
    expect(finding).toMatchObject({ severity: caption, severityOriginal: value });
  });

  test.each([
    ['additionalInfo.sample', { sample: true }, undefined],
    ['additionalInfo.value', { value: '{"sample":true}' }, undefined],
    ['the title', {}, '[SAMPLE] something'],
  ])('marked as a sample by %s', (_, additionalInfo, title = 'something') => {
    const marked = { 'detail.service.additionalInfo': additionalInfo, 'detail.title': title };
    expect(findingIn(leaked).sample).toBe(false);
    expect(findingIn(withMembers(leaked, marked)).sample).toBe(true);
  });
});

describe('who did it stands apart from what it was done to', () => {
  test('a user key: the key is affected, its user stands beside', () => {
    expect(roles(leaked)).toEqual([
      `affected aws.iam.access-key arn:aws:iam::${prod}:user/ci-deploy#AKIACIDEPLOY00000001`,
      `related aws.iam.user arn:aws:iam::${prod}:user/ci-deploy`,
      'related network.address 203.0.113.77',
    ]);
    expect(findingIn(leaked).actor).toEqual({
      type: 'iam-user',
      account: prod,
      userName: 'ci-deploy',
      accessKeyId: 'AKIACIDEPLOY00000001',
      principalId: 'AIDACIDEPLOY00000001',
      addresses: ['203.0.113.77'],
    });
  });

  test('a temporary key of a user cannot be turned off, so the user is affected', () => {
    const temporary = withMembers(leaked, { 'detail.resource.accessKeyDetails.accessKeyId': 'ASIACIDEPLOY00000001' });
    expect(roles(temporary)[0]).toBe(`affected aws.iam.user arn:aws:iam::${prod}:user/ci-deploy`);
  });

  test('instance credentials used outside: the instance is affected, the session acted', () => {
    const finding = findingIn(event('instance-credential-exfiltration-outside'));
    expect(finding.resources.map(({ role, type }) => `${role} ${type}`)).toEqual([
      'affected aws.ec2.instance',
      'actor aws.iam.role-session',
      'related network.address',
    ]);
    expect(finding.actor).toMatchObject({
      type: 'role-session',
      principalId: 'AROAWEBSERVER00000001:i-0aa11bb22cc33dd44',
      sessionName: 'i-0aa11bb22cc33dd44',
      sessionKind: 'instance',
      instanceId: 'i-0aa11bb22cc33dd44',
      role: { name: 'web-server', arn: `arn:aws:iam::${prod}:role/web-server` },
      addresses: ['203.0.113.50'],
    });
  });

  test('an instance comes with all its interfaces, their groups and its tags', () => {
    const [target] = findingIn(instance).resources;
    expect(target).toMatchObject({
      instanceId: 'i-0bb22cc33dd44ee55',
      tags: { 'aws:autoscaling:groupName': 'batch-workers', environment: 'production' },
      interfaces: [
        { networkInterfaceId: 'eni-0bb22cc33dd44e001', securityGroups: ['sg-0bb22cc33dd440011'] },
        {
          networkInterfaceId: 'eni-0bb22cc33dd44e002',
          securityGroups: ['sg-0bb22cc33dd440011', 'sg-0bb22cc33dd440012'],
        },
      ],
    });
  });

  test('several buckets are affected, the caller is not', () => {
    const bucket = {
      name: 'second',
      arn: 'arn:aws:s3:::second',
      s3ObjectDetails: [{ objectArn: 'arn:aws:s3:::second/x' }],
    };
    const two = withMembers(event('public-bucket'), { 'detail.resource.s3BucketDetails.1': bucket });
    expect(roles(two).slice(0, 4)).toEqual([
      'affected aws.s3.bucket arn:aws:s3:::northwind-customer-exports',
      'affected aws.s3.bucket arn:aws:s3:::second',
      'related other arn:aws:s3:::second/x',
      `actor aws.iam.role-session arn:aws:sts::${prod}:assumed-role/data-exporter/nightly-export`,
    ]);
  });

  test('an SSO session names its permission set, a federated one is only assumed', () => {
    expect(findingIn(event('sso-session')).resources[0]).toMatchObject({ kind: 'sso', permissionSet: 'PowerUser' });
    const saml = findingIn(event('saml-session'));
    expect(saml.resources[0]).toMatchObject({ kind: 'assumed', sessionName: 'jonas.berg@northwind.example' });
    expect(saml.actor).not.toHaveProperty('instanceId');
  });

  test('a session is a function’s only where the finding names the function', () => {
    const session = {
      accessKeyId: 'ASIA1',
      principalId: 'AROA1234:resize',
      userType: 'AssumedRole',
      userName: 'resize',
    };
    const lambda = {
      functionArn: `arn:aws:lambda:eu-west-1:${prod}:function:resize`,
      role: `arn:aws:iam::${prod}:role/resize`,
    };
    const without = { resourceType: 'AccessKey', accessKeyDetails: session };
    const kinds = [without, { ...without, lambdaDetails: lambda }].map(
      (resource) => findingIn(withMembers(leaked, { 'detail.resource': resource })).actor?.sessionKind,
    );
    expect(kinds).toEqual(['assumed', 'lambda']);
  });

  test('whom our own instance called is a resource, not where the attacker sits', () => {
    const connection = { connectionDirection: 'OUTBOUND', remoteIpDetails: { ipAddressV4: '203.0.113.9' } };
    const action = { actionType: 'NETWORK_CONNECTION', networkConnectionAction: connection };
    const finding = findingIn(withMembers(instance, { 'detail.service.action': action }));
    expect(finding.actor).toEqual({ type: 'other', account: prod, instanceId: 'i-0bb22cc33dd44ee55', addresses: [] });
    expect(finding.resources.at(-1)).toMatchObject({ address: '203.0.113.9', direction: 'outbound' });
    expect(findingIn(event('ssh-brute-force-target')).resources.at(-1)).toMatchObject({ direction: 'inbound' });
  });

  test.each([
    ['ACTOR', 'UNKNOWN', 'outbound'],
    ['TARGET', 'UNKNOWN', 'inbound'],
    ['ACTOR', 'INBOUND', 'inbound'],
    ['TARGET', 'OUTBOUND', 'outbound'],
  ])('as %s, a connection of direction %s is %s', (resourceRole, connectionDirection, direction) => {
    const connection = { connectionDirection, remoteIpDetails: { ipAddressV4: '203.0.113.9' } };
    const changed = {
      'detail.service.action': { networkConnectionAction: connection },
      'detail.service.resourceRole': resourceRole,
    };
    expect(findingIn(withMembers(instance, changed)).resources.at(-1)).toMatchObject({ direction });
  });

  test('a caller from another account belongs to that account', () => {
    const path = 'detail.service.action.awsApiCallAction.remoteAccountDetails';
    const finding = findingIn(withMembers(leaked, { [path]: { accountId: '777788889999', affiliated: false } }));
    expect(finding.account).toBe(prod);
    expect(finding.actor?.account).toBe('777788889999');
    expect(finding.resources[0]?.account).toBe('777788889999');
  });

  test('credentials of our instance stay ours, though another account uses them', () => {
    const path = 'detail.service.action.awsApiCallAction.remoteAccountDetails';
    const stolen = withMembers(event('instance-credential-exfiltration-outside'), {
      'detail.type': 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS',
      [path]: { accountId: '777788889999', affiliated: false },
    });
    expect(findingIn(stolen).resources.map(({ account }) => account)).toEqual([prod, prod, prod]);
  });
});

describe('every principal and resource is kept', () => {
  const keyOf = (userType: string, more: JsonObject = {}): JsonObject => ({
    accessKeyId: 'ASIAEXAMPLE000000001',
    principalId: 'AROAEXAMPLE:x',
    userType,
    userName: 'someone',
    ...more,
  });

  test.each([
    ['Root', 'root', 'root', `arn:aws:iam::${prod}:root`],
    ['FederatedUser', 'federated-user', 'federated-user', `arn:aws:sts::${prod}:federated-user/someone`],
    ['AWSAccount', 'aws-account', 'aws-account', 'AROAEXAMPLE:x'],
    ['AWSService', 'aws-service', 'aws-service', 'AROAEXAMPLE:x'],
    ['Directory', 'other', 'Directory', 'AROAEXAMPLE:x'],
    ['__proto__', 'other', '__proto__', 'AROAEXAMPLE:x'],
  ])('a principal of type %s', (userType, actor, kind, id) => {
    const finding = findingIn(withMembers(leaked, { 'detail.resource.accessKeyDetails': keyOf(userType) }));
    expect(finding.actor?.type).toBe(actor);
    expect(finding.resources[0]).toMatchObject({ type: 'other', kind, id, role: 'affected' });
  });

  test('a role session without a session name', () => {
    const details = keyOf('AssumedRole', { principalId: 'AROAEXAMPLE' });
    const finding = findingIn(withMembers(leaked, { 'detail.resource.accessKeyDetails': details }));
    expect(finding.resources[0]).toMatchObject({ type: 'other', kind: 'role-session', id: 'AROAEXAMPLE' });
  });

  test.each([
    ['EKSCluster', { eksClusterDetails: { arn: 'arn:aws:eks:x', name: 'c' } }, 'EKSCluster', 'arn:aws:eks:x'],
    ['Lambda', { lambdaDetails: { functionArn: 'arn:aws:lambda:x' } }, 'Lambda', 'arn:aws:lambda:x'],
    ['RDSDBInstance', { rdsDbInstanceDetails: { dbInstanceArn: 'arn:aws:rds:x' } }, 'RDSDBInstance', 'arn:aws:rds:x'],
    ['ECSCluster', { ecsClusterDetails: { arn: 'arn:aws:ecs:x' } }, 'ECSCluster', 'arn:aws:ecs:x'],
    ['Container', { containerDetails: { id: 'c0ffee' } }, 'Container', 'c0ffee'],
    ['EBSSnapshot', { ebsSnapshotDetails: { snapshotArn: 'arn:aws:ec2:s' } }, 'EBSSnapshot', 'arn:aws:ec2:s'],
    ['New', { newDetails: { size: 1, arn: 'arn:aws:new:x' } }, 'New', 'arn:aws:new:x'],
  ])('a resource of type %s', (resourceType, members, kind, id) => {
    const finding = findingIn(withMembers(instance, { 'detail.resource': { resourceType, ...members } }));
    expect(finding.resources).toMatchObject([{ type: 'other', role: 'affected', kind, id }]);
  });

  test('a resource that names nothing, under the finding itself', () => {
    for (const members of [{}, { newDetails: { toString: 1, deep: [] } }]) {
      const resource = { resourceType: 'New', ...members };
      const finding = findingIn(withMembers(instance, { 'detail.resource': resource }));
      expect(finding.resources).toMatchObject([{ type: 'other', kind: 'New', id: finding.link['findingArn'] }]);
    }
  });

  test('a cluster is what its finding is about, its node and the caller are not', () => {
    const resource = {
      resourceType: 'EKSCluster',
      eksClusterDetails: { arn: 'arn:aws:eks:x', name: 'c' },
      instanceDetails: { instanceId: 'i-0123456789abcdef0' },
      accessKeyDetails: keyOf('AssumedRole'),
    };
    expect(roles(withMembers(instance, { 'detail.resource': resource }))).toEqual([
      `related aws.ec2.instance arn:aws:ec2:eu-west-1:${prod}:instance/i-0123456789abcdef0`,
      'affected other arn:aws:eks:x',
      `actor aws.iam.role-session arn:aws:sts::${prod}:assumed-role/someone/x`,
    ]);
  });

  test('an attack sequence, with its resources, actor and addresses', () => {
    const sequence = {
      uid: 's',
      description: 'd',
      signals: [],
      actors: [{ id: 'a', user: { name: 'ci', uid: 'AIDA1', type: 'IAMUser', credentialUid: 'AKIA1' } }],
      endpoints: [{ id: 'e', ip: '2001:db8::7' }],
      resources: [{ uid: 'arn:aws:s3:::b', resourceType: 'S3_BUCKET', accountId: dev, name: 'b' }],
    };
    const finding = findingIn(
      withMembers(instance, {
        'detail.resource': { resourceType: 'AttackSequence' },
        'detail.service.detection': { sequence },
        'detail.service.action': undefined,
        'detail.severity': 9.5,
      }),
    );
    expect(finding.severity).toBe('Critical');
    expect(finding.actor).toEqual({
      type: 'other',
      userName: 'ci',
      principalId: 'AIDA1',
      accessKeyId: 'AKIA1',
      addresses: ['2001:db8::7'],
    });
    expect(finding.resources[0]).toMatchObject({ kind: 'S3_BUCKET', id: 'arn:aws:s3:::b', account: dev });
  });
});

describe('what is no GuardDuty finding says why', () => {
  const pascal = (value: Json): Json =>
    Array.isArray(value)
      ? value.map(pascal)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value).map(([key, member]) => [
              key.replace(/^./, (first) => first.toUpperCase()),
              pascal(member),
            ]),
          )
        : value;
  const detail = leaked['detail'] ?? null;

  test('a GetFindings body in an envelope', () => {
    expect(guardduty.read({ ...leaked, detail: pascal(detail) })).toMatchObject({
      kind: 'malformed',
      problem: 'detail is a GetFindings body (PascalCase), not the wire form.',
    });
  });

  test.each([
    ['camelCase', detail, 'The envelope is missing: this is only the detail of a GuardDuty event.'],
    ['PascalCase', pascal(detail), 'This is a finding from a GetFindings answer, not an event.'],
  ])('a bare %s body', (_, body, problem) => {
    expect(recognise(body)).toBe(guardduty);
    expect(guardduty.read(body)).toMatchObject({ kind: 'malformed', problem });
  });

  test('another detail-type', () => {
    const scan = { ...leaked, 'detail-type': 'GuardDuty Malware Protection Object Scan Result' };
    expect(guardduty.read(scan)).toEqual({
      kind: 'ignored',
      reason: 'GuardDuty event of detail-type "GuardDuty Malware Protection Object Scan Result" is not a finding.',
    });
  });

  test.each([
    ['detail.accountId', '12345', 'detail.accountId: an AWS account id has 12 digits.'],
    ['detail.region', '../x', 'detail.region: an AWS region looks like eu-west-1.'],
    ['detail.arn', 'arn:aws:s3:::x', 'detail.arn: not the ARN of a GuardDuty finding.'],
    ['detail.updatedAt', 'yesterday', 'detail.updatedAt: a time looks like 2026-11-20T09:00:00Z.'],
  ])('a wrong %s', (path, value, problem) => {
    expect(guardduty.read(withMembers(leaked, { [path]: value }))).toMatchObject({ kind: 'malformed', problem });
  });
});
