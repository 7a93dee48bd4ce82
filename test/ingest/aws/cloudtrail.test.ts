import { describe, expect, test } from 'vitest';
import { cloudtrail } from '../../../shared/ingest/aws/cloudtrail.ts';
import { normalise, recognise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const prod = '111122223333';
const event = (name: string): JsonObject => readEvent(`cloudtrail/${name}`);
const openSsh = event('open-ssh');
const newKey = event('key-for-other-user');
const read = (made: Json) => normalise(made).reading;

/** The roles of a finding's resources, by type. */
const roles = (made: Json): readonly string[] =>
  findingIn(made).resources.map(({ type, role, id }) => `${role} ${type} ${id}`);
const affected = (made: Json): readonly string[] =>
  findingIn(made)
    .resources.filter(({ role }) => role === 'affected')
    .map(({ type, id }) => `${type} ${id}`);

/** A call of some service, made by the session of the fixtures. */
const call = (service: string, eventName: string, members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  withMembers(openSsh, {
    source: `aws.${service}`,
    'detail.eventSource': `${service}.amazonaws.com`,
    'detail.eventName': eventName,
    'detail.requestParameters': null,
    'detail.responseElements': null,
    ...Object.fromEntries(Object.entries(members).map(([path, value]) => [`detail.${path}`, value])),
  });
const asking = (service: string, eventName: string, requestParameters: Json, responseElements: Json = null) =>
  call(service, eventName, { requestParameters, responseElements });

const maria = `arn:aws:sts::${prod}:assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/maria.lind@northwind.example`;
const group = `arn:aws:ec2:eu-west-1:${prod}:security-group/sg-0aa11bb22cc330013`;
const user = (name: string): string => `arn:aws:iam::${prod}:user/${name}`;
const instanceArn = (id: string): string => `arn:aws:ec2:eu-west-1:${prod}:instance/${id}`;
const whole = `aws.account arn:aws:iam::${prod}:root`;

describe('a call becomes a finding', () => {
  test('with everything that says who did what to which, where and when', () => {
    expect(findingIn(openSsh)).toEqual({
      id: 'c1a7d0e2-5b64-4f38-9d01-000000000001',
      provider: 'cloudtrail',
      cloud: 'aws',
      type: 'ec2.amazonaws.com/AuthorizeSecurityGroupIngress',
      title:
        'AWSReservedSSO_PowerUser_0123456789abcdef/maria.lind@northwind.example called AuthorizeSecurityGroupIngress of ec2.amazonaws.com',
      description: '2026-11-20T09:01:30.000Z in eu-west-1 from 203.0.113.77.',
      severity: 'Unknown',
      severityOriginal: '',
      status: 'new',
      account: prod,
      region: 'eu-west-1',
      createdAt: '2026-11-20T09:01:30.000Z',
      updatedAt: '2026-11-20T09:01:30.000Z',
      count: 1,
      sample: false,
      snapshot: false,
      actor: {
        type: 'role-session',
        account: prod,
        principalId: 'AROASSOPOWERUSER00001:maria.lind@northwind.example',
        sessionName: 'maria.lind@northwind.example',
        accessKeyId: 'ASIASSOPOWERUSER0001',
        permissionSet: 'PowerUser',
        sessionKind: 'sso',
        role: {
          name: 'AWSReservedSSO_PowerUser_0123456789abcdef',
          arn: `arn:aws:iam::${prod}:role/AWSReservedSSO_PowerUser_0123456789abcdef`,
        },
        addresses: ['203.0.113.77'],
      },
      call: {
        operation: 'AuthorizeSecurityGroupIngress',
        service: 'ec2.amazonaws.com',
        succeeded: true,
        mfa: false,
        userAgent: expect.stringContaining('aws-cli/2.31.4'),
      },
      resources: [
        expect.objectContaining({
          type: 'aws.ec2.security-group',
          id: group,
          role: 'affected',
          openings: [{ protocol: 'tcp', port: 22, toPort: 22, cidr: '0.0.0.0/0' }],
        }),
        expect.objectContaining({ type: 'aws.iam.role-session', id: maria, role: 'actor', permissionSet: 'PowerUser' }),
        expect.objectContaining({ type: 'network.address', address: '203.0.113.77', role: 'related' }),
      ],
      link: {
        eventId: 'c1a7d0e2-5b64-4f38-9d01-000000000001',
        eventName: 'AuthorizeSecurityGroupIngress',
        account: prod,
        region: 'eu-west-1',
        callerAccount: prod,
      },
    } satisfies Finding);
  });

  test('a new key is affected and its user stands beside it, apart from who made it', () => {
    expect(roles(newKey)).toEqual([
      `affected aws.iam.access-key ${user('ci-deploy')}#AKIACIDEPLOY00000001`,
      `related aws.iam.user ${user('ci-deploy')}`,
      `actor aws.iam.role-session ${maria}`,
      'related network.address 203.0.113.77',
    ]);
    expect(findingIn(newKey).call).toMatchObject({ onOneself: false, mfa: false });
  });

  test('by a service for somebody like any other', () => {
    const { call: made, resources, actor } = findingIn(event('run-instances'));
    expect(made).toMatchObject({ operation: 'RunInstances', invokedBy: 'cloudformation.amazonaws.com' });
    expect(actor).toMatchObject({ role: { name: 'deploy' }, addresses: [] });
    expect(resources.map(({ role, id }) => `${role} ${id}`)).toEqual([
      `affected ${instanceArn('i-0aa11bb22cc33dd44')}`,
      `affected ${instanceArn('i-0bb22cc33dd44ee55')}`,
      `actor arn:aws:sts::${prod}:assumed-role/deploy/AWSCloudFormation`,
    ]);
  });

  test('under its plain name, where the service logs the version of its interface with it', () => {
    const finding = findingIn(event('function-permission'));
    expect(finding).toMatchObject({
      type: 'lambda.amazonaws.com/AddPermission',
      call: { operation: 'AddPermission' },
      link: { eventName: 'AddPermission20150331v2' },
      description: expect.stringContaining('CloudTrail logs it as AddPermission20150331v2.'),
    });
    const others = [
      ['lambda', 'UpdateFunctionConfiguration20150331v2', 'UpdateFunctionConfiguration'],
      ['lambda', 'CreateFunctionUrlConfig', 'CreateFunctionUrlConfig'],
      ['cloudfront', 'UpdateDistribution2020_05_31', 'UpdateDistribution'],
      ['ec2', 'Thing20150331v2', 'Thing20150331v2'],
      ['lambda', '20150331', '20150331'],
    ] as const;
    for (const [service, logged, plain] of others)
      expect(findingIn(asking(service, logged, {})).type).toBe(`${service}.amazonaws.com/${plain}`);
  });

  test('of the account that owns the resource, whoever is told of it', () => {
    const theirs = { ARN: 'arn:aws:s3:::northwind-customer-exports', accountId: '444455556666' };
    const bucket = findingIn(withMembers(event('block-removed'), { 'detail.resources': [theirs] }));
    expect(bucket).toMatchObject({ account: '444455556666', link: { account: prod } });
    expect(bucket.resources[0]).toMatchObject({ account: '444455556666', role: 'affected' });
    expect(findingIn(withMembers(openSsh, { 'detail.recipientAccountId': undefined })).account).toBe(prod);
  });

  test('under one id in the records that two accounts get of it', () => {
    const shared = { 'detail.sharedEventID': 'shared-1' };
    const ours = withMembers(openSsh, shared);
    const other = withMembers(openSsh, { ...shared, 'detail.eventID': 'another' });
    expect([findingIn(ours).id, findingIn(other).id]).toEqual(['shared-1', 'shared-1']);
  });

  test('in the partition that it was made in', () => {
    const identity = (arn: string) => ({ type: 'AWSAccount', principalId: 'AIDA1', accountId: prod, arn });
    const inChina = call('ec2', 'StopInstances', {
      awsRegion: 'cn-north-1',
      userIdentity: identity(''),
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-0aa11bb22cc33dd44' }] } },
    });
    expect(affected(inChina)).toEqual([
      `aws.ec2.instance arn:aws-cn:ec2:cn-north-1:${prod}:instance/i-0aa11bb22cc33dd44`,
    ]);
    const named = withMembers(inChina, { 'detail.userIdentity.arn': `arn:aws-iso:iam::${prod}:user/x` });
    expect(affected(named)[0]).toContain('arn:aws-iso:');
  });
});

describe('what a call changed', () => {
  const table: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['a bucket’s policy', event('public-policy'), ['aws.s3.bucket arn:aws:s3:::northwind-customer-exports']],
    ['a bucket’s block', event('block-removed'), ['aws.s3.bucket arn:aws:s3:::northwind-customer-exports']],
    ['a rule of a group', event('modified-rule'), [`aws.ec2.security-group ${group}`]],
    [
      'a function, by its ARN',
      event('function-permission'),
      [`aws.lambda.function arn:aws:lambda:eu-west-1:${prod}:function:invoices`],
    ],
    [
      'a function, by name and version',
      asking('lambda', 'CreateFunctionUrlConfig', { functionName: 'invoices:live' }),
      [`aws.lambda.function arn:aws:lambda:eu-west-1:${prod}:function:invoices`],
    ],
    [
      'a function, by account and name',
      asking('lambda', 'UpdateFunctionCode20150331v2', { functionName: `${prod}:function:invoices` }),
      [`aws.lambda.function arn:aws:lambda:eu-west-1:${prod}:function:invoices`],
    ],
    [
      'a snapshot',
      asking('ec2', 'ModifySnapshotAttribute', { snapshotId: 'snap-0aa11bb22cc33dd01' }),
      ['aws.ebs.snapshot arn:aws:ec2:eu-west-1::snapshot/snap-0aa11bb22cc33dd01'],
    ],
    [
      'an image',
      asking('ec2', 'ModifyImageAttribute', { imageId: 'ami-0aa11bb22cc33dd01' }),
      ['aws.ec2.image arn:aws:ec2:eu-west-1::image/ami-0aa11bb22cc33dd01'],
    ],
    [
      'an instance',
      asking('ec2', 'ModifyInstanceAttribute', {
        instanceId: 'i-0aa11bb22cc33dd44',
        userData: '<sensitiveDataRemoved>',
      }),
      [`aws.ec2.instance ${instanceArn('i-0aa11bb22cc33dd44')}`],
    ],
    [
      'an instance that somebody may now enter',
      asking('ec2-instance-connect', 'SendSSHPublicKey', { instanceId: 'i-0aa11bb22cc33dd44', instanceOSUser: 'root' }),
      [`aws.ec2.instance ${instanceArn('i-0aa11bb22cc33dd44')}`],
    ],
    [
      'a database, by the ARN of the answer',
      asking(
        'rds',
        'ModifyDBInstance',
        { dBInstanceIdentifier: 'Orders', publiclyAccessible: true },
        { dBInstanceArn: `arn:aws:rds:eu-west-1:${prod}:db:orders` },
      ),
      [`aws.rds.instance arn:aws:rds:eu-west-1:${prod}:db:orders`],
    ],
    [
      'a database, by its identifier, which RDS keeps in lower case',
      asking('rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'Orders' }),
      [`aws.rds.instance arn:aws:rds:eu-west-1:${prod}:db:orders`],
    ],
    [
      'a database snapshot',
      asking('rds', 'ModifyDBSnapshotAttribute', { dBSnapshotIdentifier: 'orders-1', valuesToAdd: ['all'] }),
      [`aws.rds.snapshot arn:aws:rds:eu-west-1:${prod}:snapshot:orders-1`],
    ],
    ['a user', asking('iam', 'AttachUserPolicy', { userName: 'ci-deploy' }), [`aws.iam.user ${user('ci-deploy')}`]],
    [
      'a role',
      asking('iam', 'UpdateAssumeRolePolicy', { roleName: 'web-server' }),
      [`aws.iam.role arn:aws:iam::${prod}:role/web-server`],
    ],
    [
      'a policy',
      asking('iam', 'CreatePolicyVersion', { policyArn: `arn:aws:iam::${prod}:policy/ops` }),
      [`other arn:aws:iam::${prod}:policy/ops`],
    ],
    [
      'a trail, by its ARN in another account',
      asking('cloudtrail', 'StopLogging', { name: 'arn:aws:cloudtrail:eu-west-1:999988887777:trail/organisation' }),
      ['aws.cloudtrail.trail arn:aws:cloudtrail:eu-west-1:999988887777:trail/organisation'],
    ],
    [
      'a trail, by name',
      asking('cloudtrail', 'PutEventSelectors', { trailName: 'all' }),
      [`aws.cloudtrail.trail arn:aws:cloudtrail:eu-west-1:${prod}:trail/all`],
    ],
    [
      'an object',
      asking('s3', 'DeleteObject', { bucketName: 'northwind-website', key: 'a/b.html' }),
      ['aws.s3.object arn:aws:s3:::northwind-website/a/b.html'],
    ],
    [
      'a detector',
      asking('guardduty', 'DeleteDetector', { detectorId: '3cb0f1a2d4e5968778695a4b3c2d1e0f' }),
      [`aws.guardduty.detector arn:aws:guardduty:eu-west-1:${prod}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f`],
    ],
    [
      'a recorder',
      asking('config', 'StopConfigurationRecorder', { configurationRecorderName: 'default' }),
      [`aws.config.recorder arn:aws:config:eu-west-1:${prod}:configuration-recorder/default`],
    ],
    ['the account, where a recorder without a name stops', asking('config', 'StopConfigurationRecorder', {}), [whole]],
    ['the account, where it leaves its organisation', asking('organizations', 'LeaveOrganization', null), [whole]],
    [
      'another account, where that is taken out',
      asking('organizations', 'RemoveAccountFromOrganization', { accountId: '444455556666' }),
      ['aws.account arn:aws:iam::444455556666:root'],
    ],
    [
      'what its service says, where the call is not known here',
      call('kms', 'ScheduleKeyDeletion', {
        resources: [{ ARN: `arn:aws:kms:eu-west-1:${prod}:key/k`, accountId: prod, type: 'AWS::KMS::Key' }],
      }),
      [`other arn:aws:kms:eu-west-1:${prod}:key/k`],
    ],
    [
      'something, where neither says what',
      asking('ec2', 'CreateRoute', { routeTableId: 'rtb-1' }),
      ['other c1a7d0e2-5b64-4f38-9d01-000000000001'],
    ],
  ];
  test.each(table)('%s', (_, made, expected) => expect(affected(made)).toEqual(expected));

  test.each<[string, Json, boolean]>([
    ['for himself, by name', { userName: 'ci-deploy' }, true],
    ['for himself, without a name', null, true],
    ['for another', { userName: 'break-glass' }, false],
  ])('a user who makes a key %s', (_, requestParameters, onOneself) => {
    const key = { accessKeyId: 'AKIANEWKEY0000000001', status: 'Active' };
    const made = call('iam', 'CreateAccessKey', {
      userIdentity: caller('function-permission'),
      requestParameters,
      responseElements: { accessKey: key },
    });
    expect(findingIn(made).call?.onOneself).toBe(onOneself);
    expect(findingIn(made).resources[0]).toMatchObject({ type: 'aws.iam.access-key', accessKeyId: key.accessKeyId });
    expect(roles(made)).toContain(`actor aws.iam.access-key ${user('ci-deploy')}#AKIACIDEPLOY00000001`);
  });

  test('a key of the root user is the account’s', () => {
    const key = { accessKey: { accessKeyId: 'AKIAROOTKEY000000001', status: 'Active' } };
    const made = call('iam', 'CreateAccessKey', { userIdentity: caller('root-sign-in'), responseElements: key });
    expect(affected(made)).toEqual([whole]);
  });

  test('nothing that its id cannot name', () => {
    const hostile = ['../../x', 'sg-0aa11bb22cc330013/..', 'arn:aws:ec2:eu-west-1:1:security-group/x', '', 'sg-1'];
    for (const groupId of hostile)
      expect(affected(asking('ec2', 'AuthorizeSecurityGroupIngress', { groupId }))).toEqual([
        'other c1a7d0e2-5b64-4f38-9d01-000000000001',
      ]);
    expect(affected(asking('iam', 'CreateUser', { userName: 'a/../b c' }))[0]).toMatch(/^other /);
    expect(affected(asking('s3', 'PutBucketPolicy', { bucketName: 'x/../y' }))[0]).toMatch(/^other /);
    expect(affected(asking('ec2', 'constructor', { groupId: 'sg-0aa11bb22cc330013' }))[0]).toMatch(/^other /);
  });
});

/** `userIdentity` of a fixture. */
function caller(name: string): Json {
  const { detail } = event(name);
  return (detail as JsonObject)['userIdentity'] ?? null; // a fixture's detail is an object
}

describe('what a call opened to everybody', () => {
  const openings = (made: Json): unknown => Reflect.get(findingIn(made).resources[0] ?? {}, 'openings');
  const groupId = 'sg-0aa11bb22cc330013';
  const rule = (more: JsonObject): Json => ({ groupId, ipPermissions: { items: [{ ipProtocol: 'tcp', ...more }] } });
  const ranges = (...blocks: string[]): Json => ({ items: blocks.map((cidrIp) => ({ cidrIp })) });
  const request = (more: JsonObject) => openings(asking('ec2', 'AuthorizeSecurityGroupIngress', rule(more)));
  const everybody = { ipRanges: ranges('0.0.0.0/0') };
  const tcp = (port: number, toPort: number, cidr = '0.0.0.0/0') => ({ protocol: 'tcp', port, toPort, cidr });

  test('is what the answer says came of it, without what the web is served on', () => {
    expect(openings(openSsh)).toEqual([tcp(22, 22)]);
  });

  test.each<[string, JsonObject, readonly unknown[] | undefined]>([
    ['one port', { fromPort: 3389, toPort: 3389, ...everybody }, [tcp(3389, 3389)]],
    ['a range around the web’s ports', { fromPort: 80, toPort: 443, ...everybody }, [tcp(80, 443)]],
    ['the web’s port', { fromPort: 443, toPort: 443, ...everybody }, undefined],
    [
      'the same over UDP',
      { ipProtocol: 'udp', fromPort: 443, toPort: 443, ...everybody },
      [{ ...tcp(443, 443), protocol: 'udp' }],
    ],
    ['everything', { ipProtocol: '-1', ...everybody }, [{ ...tcp(0, 65_535), protocol: 'all' }]],
    ['all ports of TCP by number', { ipProtocol: '6', fromPort: 0, toPort: 65_535, ...everybody }, [tcp(0, 65_535)]],
    [
      'IPv6',
      { fromPort: 22, toPort: 22, ipv6Ranges: { items: [{ cidrIpv6: '::/0' }, { cidrIpv6: '2000::/3' }] } },
      [tcp(22, 22, '::/0'), tcp(22, 22, '2000::/3')],
    ],
    [
      'in two halves',
      { fromPort: 22, toPort: 22, ipRanges: ranges('0.0.0.0/1', '128.0.0.0/1') },
      [tcp(22, 22, '0.0.0.0/1'), tcp(22, 22, '128.0.0.0/1')],
    ],
    ['spelt otherwise', { fromPort: 22, toPort: 22, ipRanges: ranges('1.2.3.4/0') }, [tcp(22, 22, '1.2.3.4/0')]],
    ['to one network', { fromPort: 22, toPort: 22, ipRanges: ranges('10.0.0.0/8', '192.0.2.0/24') }, undefined],
    ['a ping', { ipProtocol: 'icmp', fromPort: -1, toPort: -1, ...everybody }, undefined],
    ['no block', { fromPort: 22, toPort: 22, ipRanges: ranges('everybody/0', '/0') }, undefined],
    ['another shape', { fromPort: '22', toPort: {}, ipRanges: 7 }, undefined],
  ])('by a request for %s', (_, more, expected) => expect(request(more)).toEqual(expected));

  test('by a request in short', () => {
    const short = { groupId, ipPermissions: {}, ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0' };
    expect(openings(asking('ec2', 'AuthorizeSecurityGroupIngress', short))).toEqual([tcp(22, 22)]);
  });

  test('by a change of one rule or of several', () => {
    expect(openings(event('modified-rule'))).toEqual([tcp(22, 22)]);
    const path = 'requestParameters.ModifySecurityGroupRulesRequest.SecurityGroupRule';
    const one = { SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 23, ToPort: 23, CidrIpv6: '::/0' } };
    const several = withMembers(event('modified-rule'), { [`detail.${path}`]: [one, { SecurityGroupRule: null }] });
    expect(openings(several)).toEqual([tcp(23, 23, '::/0')]);
  });

  test('never by what goes out, nor by closing', () => {
    const egress = { ...everybody, fromPort: 22, toPort: 22 };
    for (const name of ['AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupIngress'])
      expect(openings(asking('ec2', name, rule(egress)))).toBeUndefined();
    const answer = { 'detail.responseElements.securityGroupRuleSet.items.0.isEgress': true };
    expect(openings(withMembers(openSsh, answer))).toBeUndefined();
  });
});

describe('who called', () => {
  const by = (userIdentity: Json): Finding =>
    findingIn(call('iam', 'CreateUser', { userIdentity, requestParameters: { userName: 'x' } }));
  const actorTargets = ({ resources }: Finding) =>
    resources.filter(({ role }) => role === 'actor').map(({ type, id }) => `${type} ${id}`);

  const table: readonly (readonly [string, Json, Json, readonly string[]])[] = [
    [
      'a user with a key',
      caller('function-permission'),
      { type: 'iam-user', userName: 'ci-deploy', accessKeyId: 'AKIACIDEPLOY00000001', account: prod },
      [`aws.iam.access-key ${user('ci-deploy')}#AKIACIDEPLOY00000001`],
    ],
    [
      'a user in the console, whose path the record knows',
      {
        type: 'IAMUser',
        arn: `arn:aws:iam::${prod}:user/ops/ada`,
        accountId: prod,
        accessKeyId: 'ASIAADA0000000000001',
      },
      { type: 'iam-user', userName: 'ada' },
      [`aws.iam.user ${user('ada')}`],
    ],
    ['the root user', caller('root-sign-in'), { type: 'root', account: prod }, [`other arn:aws:iam::${prod}:root`]],
    [
      'a session of a role in another account',
      {
        type: 'AssumedRole',
        principalId: 'AROAOTHER00000000001:eve',
        arn: 'arn:aws:sts::444455556666:assumed-role/ops/eve',
        accountId: '444455556666',
        sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::444455556666:role/team/ops' } },
      },
      {
        type: 'role-session',
        account: '444455556666',
        sessionName: 'eve',
        role: { name: 'ops' },
        sessionKind: 'assumed',
      },
      ['aws.iam.role-session arn:aws:sts::444455556666:assumed-role/ops/eve'],
    ],
    [
      'a session of an instance',
      {
        type: 'AssumedRole',
        principalId: 'AROAWEBSERVER00000001:i-0aa11bb22cc33dd44',
        arn: `arn:aws:sts::${prod}:assumed-role/web-server/i-0aa11bb22cc33dd44`,
        accountId: prod,
        sessionContext: { ec2RoleDelivery: '2.0' },
      },
      { sessionKind: 'instance', instanceId: 'i-0aa11bb22cc33dd44', role: { name: 'web-server' } },
      [`aws.iam.role-session arn:aws:sts::${prod}:assumed-role/web-server/i-0aa11bb22cc33dd44`],
    ],
    [
      'a session from an OpenID Connect provider',
      {
        type: 'AssumedRole',
        principalId: 'AROADEPLOY00000000001:run-7',
        arn: `arn:aws:sts::${prod}:assumed-role/deploy/run-7`,
        accountId: prod,
        sessionContext: { webIdFederationData: { federatedProvider: `arn:aws:iam::${prod}:oidc-provider/x` } },
      },
      { sessionKind: 'oidc' },
      [`aws.iam.role-session arn:aws:sts::${prod}:assumed-role/deploy/run-7`],
    ],
    [
      'a function',
      {
        type: 'AssumedRole',
        principalId: 'AROARESIZE00000000001:resize',
        arn: `arn:aws:sts::${prod}:assumed-role/resize-role/resize`,
        accountId: prod,
        inScopeOf: { issuerType: 'AWS::Lambda::Function' },
      },
      { sessionKind: 'lambda' },
      [`aws.iam.role-session arn:aws:sts::${prod}:assumed-role/resize-role/resize`],
    ],
    [
      'a session whose principal id lacks its name',
      {
        type: 'AssumedRole',
        principalId: 'AROAOPS0000000000001',
        arn: `arn:aws:sts::${prod}:assumed-role/ops/eve`,
        accountId: prod,
        sessionContext: {
          sessionIssuer: { principalId: 'AROAOPS0000000000001', arn: `arn:aws:iam::${prod}:role/ops` },
        },
      },
      { principalId: 'AROAOPS0000000000001:eve', sessionName: 'eve' },
      [`aws.iam.role-session arn:aws:sts::${prod}:assumed-role/ops/eve`],
    ],
    [
      'a federated user',
      {
        type: 'FederatedUser',
        principalId: `${prod}:stranger`,
        arn: `arn:aws:sts::${prod}:federated-user/stranger`,
        accountId: prod,
        sessionContext: { sessionIssuer: { type: 'IAMUser', userName: 'ci-deploy' } },
      },
      { type: 'federated-user', userName: 'stranger' },
      [`other arn:aws:sts::${prod}:federated-user/stranger`],
    ],
    [
      'a service',
      { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
      { type: 'aws-service', userName: 'autoscaling.amazonaws.com' },
      ['other autoscaling.amazonaws.com'],
    ],
    [
      'another account',
      { type: 'AWSAccount', principalId: 'AIDASTRANGER00000001', accountId: '444455556666' },
      { type: 'aws-account', account: '444455556666' },
      ['other AIDASTRANGER00000001'],
    ],
    [
      'nobody at all',
      { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
      { type: 'aws-account', userName: 'ANONYMOUS_PRINCIPAL' },
      ['other ANONYMOUS_PRINCIPAL'],
    ],
    [
      'somebody of a SAML provider',
      { type: 'SAMLUser', principalId: 'SAMLHASH=:jonas', userName: 'jonas', identityProvider: 'SAMLHASH=' },
      { type: 'other', userName: 'jonas' },
      ['other SAMLHASH=:jonas'],
    ],
    [
      'somebody of a web identity provider',
      { type: 'WebIdentityUser', principalId: 'accounts.example:app:7', userName: '7' },
      { type: 'other', userName: '7' },
      ['other accounts.example:app:7'],
    ],
    [
      'an Identity Center user',
      { type: 'IdentityCenterUser', accountId: prod, onBehalfOf: { userId: '94482478-a0b1-70c2-d3e4-000000000001' } },
      { type: 'other', userId: '94482478-a0b1-70c2-d3e4-000000000001' },
      ['other 94482478-a0b1-70c2-d3e4-000000000001'],
    ],
    ['somebody unknown', { type: 'Unknown', principalId: 'AIDAX' }, { type: 'other' }, ['other AIDAX']],
    ['somebody whom the record does not name', null, { type: 'other', addresses: ['203.0.113.77'] }, []],
  ];
  test.each(table)('%s', (_, identity, actor, targets) => {
    const finding = by(identity);
    expect(finding.actor).toMatchObject(actor as object); // written so above
    expect(actorTargets(finding)).toEqual(targets);
    expect(finding.account).toBe(prod);
  });

  test('a federated user comes with the user whose key made it', () => {
    const identity = {
      type: 'FederatedUser',
      arn: `arn:aws:sts::${prod}:federated-user/stranger`,
      accountId: prod,
      sessionContext: { sessionIssuer: { type: 'IAMUser', userName: 'ci-deploy' } },
    };
    expect(by(identity).resources).toContainEqual(
      expect.objectContaining({ type: 'aws.iam.user', id: user('ci-deploy'), role: 'related' }),
    );
  });

  test.each(['AWS Internal', 'cloudformation.amazonaws.com', '0.0.0.0', ''])(
    'not from %j, which is no address',
    (sourceIPAddress) => {
      const finding = findingIn(withMembers(openSsh, { 'detail.sourceIPAddress': sourceIPAddress }));
      expect(finding.actor?.addresses).toEqual([]);
      expect(finding.resources.some(({ type }) => type === 'network.address')).toBe(false);
    },
  );
});

describe('a console sign-in', () => {
  const root = event('root-sign-in');
  test('of the root user is about the account', () => {
    expect(findingIn(root)).toMatchObject({
      type: 'signin.amazonaws.com/ConsoleLogin',
      title: 'The root user: ConsoleLogin succeeded',
      actor: { type: 'root', account: prod },
      call: { succeeded: true, mfa: false },
    });
    expect(roles(root)).toEqual([`affected ${whole}`, 'related network.address 203.0.113.77']);
  });

  test('that failed is one too', () => {
    const failed = findingIn(event('failed-sign-in'));
    expect(failed.call).toMatchObject({ succeeded: false, mfa: false });
    expect(failed.title).toBe('Somebody unnamed: ConsoleLogin failed');
    expect(JSON.stringify(failed)).not.toContain('HIDDEN_DUE_TO_SECURITY_REASONS');
    expect(affected(event('failed-sign-in'))).toEqual([whole]);
  });

  test('of a user is about the user, with the second factor as it was used', () => {
    const members = {
      'detail.userIdentity': { type: 'IAMUser', userName: 'ada', accountId: prod, arn: user('ada') },
      'detail.additionalEventData.MFAUsed': 'Yes',
      'detail.readOnly': true,
    };
    const ada = withMembers(root, members);
    expect(findingIn(ada).call).toMatchObject({ succeeded: true, mfa: true });
    expect(roles(ada)).toEqual([`affected aws.iam.user ${user('ada')}`, 'related network.address 203.0.113.77']);
  });

  test('through Identity Center is told by the service itself', () => {
    const told = withMembers(root, {
      'detail-type': 'AWS Service Event via CloudTrail',
      'detail.eventName': 'UserAuthentication',
      'detail.userIdentity': { type: 'IdentityCenterUser', accountId: prod, onBehalfOf: { userId: 'u-1' } },
      'detail.responseElements': null,
      'detail.serviceEventDetails': { UserAuthentication: 'Failure' },
    });
    expect(findingIn(told)).toMatchObject({ call: { succeeded: false }, actor: { userId: 'u-1' } });
    expect(affected(told)).toEqual(['other u-1']);
  });
});

describe('what is no news is left, by name', () => {
  const says = (made: Json, reason: string) => expect(read(made)).toEqual({ kind: 'ignored', reason });
  test.each<[string, Json, string]>([
    [
      'a call that failed',
      withMembers(newKey, { 'detail.errorCode': 'AccessDenied' }),
      'CreateAccessKey of iam.amazonaws.com failed with "AccessDenied", so nothing changed.',
    ],
    [
      'a call with an error message alone',
      withMembers(newKey, { 'detail.errorMessage': 'no' }),
      'CreateAccessKey of iam.amazonaws.com failed with "no", so nothing changed.',
    ],
    [
      'a dry run',
      withMembers(openSsh, { 'detail.errorCode': 'Client.DryRunOperation' }),
      'AuthorizeSecurityGroupIngress of ec2.amazonaws.com was a dry run, so nothing changed.',
    ],
    [
      'a call that reads',
      withMembers(openSsh, { 'detail.readOnly': 'true' }),
      'AuthorizeSecurityGroupIngress of ec2.amazonaws.com only reads, so nothing changed.',
    ],
    [
      'what a service does for itself',
      withMembers(openSsh, { 'detail-type': 'AWS Service Event via CloudTrail' }),
      'AuthorizeSecurityGroupIngress of ec2.amazonaws.com is what the service tells of its own work.',
    ],
    [
      'a step of a sign-in',
      withMembers(event('root-sign-in'), { 'detail.eventName': 'CheckMfa' }),
      'CheckMfa of signin.amazonaws.com lets nobody in.',
    ],
  ])('%s', (_, made, reason) => says(made, reason));
});

describe('what cannot be read is said so', () => {
  test.each<[string, Json, RegExp]>([
    ['a record without its envelope', openSsh['detail'] ?? null, /envelope is missing/],
    ['no record', { ...openSsh, detail: 'x' }, /^detail: not an object/],
    ['no id', withMembers(openSsh, { 'detail.eventID': undefined }), /^detail.eventID/],
    ['no time', withMembers(openSsh, { 'detail.eventTime': 'soon' }), /^detail.eventTime/],
    [
      'a region that could lead a request elsewhere',
      withMembers(openSsh, { 'detail.awsRegion': 'evil.example/' }),
      /awsRegion/,
    ],
    ['an account that is none', withMembers(openSsh, { 'detail.recipientAccountId': '../x' }), /recipientAccountId/],
    [
      'no account at all',
      withMembers(openSsh, { account: null, 'detail.recipientAccountId': null, 'detail.userIdentity': null }),
      /names an account/,
    ],
  ])('%s', (_, made, problem) => {
    expect(recognise(made)).toBe(cloudtrail);
    expect(read(made)).toMatchObject({ kind: 'malformed', problem: expect.stringMatching(problem) });
  });

  test('calls of GuardDuty are calls, not findings of it', () => {
    const made = asking('guardduty', 'DeleteDetector', {});
    expect(recognise(made)).toBe(cloudtrail);
  });
});
