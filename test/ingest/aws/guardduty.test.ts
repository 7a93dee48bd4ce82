import { describe, expect, test } from 'vitest';
import { guardduty } from '../../../shared/ingest/aws/guardduty.ts';
import { recognise } from '../../../shared/ingest/recognise.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const event = (name: string): JsonObject => readEvent(`guardduty/${name}`);
const leaked = event('leaked-access-key');
const instance = withMembers(event('compromised-instance'), { 'detail.service.action': null });

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
  ['rds-login', 'High', 'new', prod, 'eu-west-1', 'other', 'aws.rds.instance'],
  ['lambda', 'Medium', 'new', prod, 'eu-west-1', undefined, 'aws.lambda.function'],
  ['container', 'High', 'new', prod, 'eu-west-1', undefined, 'aws.container'],
  ['s3-object', 'High', 'new', prod, 'eu-west-1', undefined, 'aws.s3.object'],
  ['ebs-volumes', 'High', 'new', prod, 'eu-west-1', undefined, 'aws.ec2.instance'],
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
      'related aws.s3.object arn:aws:s3:::second/x',
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
    ['Container', { containerDetails: { image: 'c0ffee' } }, 'Container', 'c0ffee'],
    [
      'RDSLimitlessDB',
      { rdsLimitlessDbDetails: { dbShardGroupArn: 'arn:aws:rds:y' } },
      'RDSLimitlessDB',
      'arn:aws:rds:y',
    ],
    ['EBSSnapshot', { ebsSnapshotDetails: { snapshotArn: 'arn:aws:ec2:s' } }, 'EBSSnapshot', 'arn:aws:ec2:s'],
    ['New', { newDetails: { size: 1, arn: 'arn:aws:new:x' } }, 'New', 'arn:aws:new:x'],
  ])('a resource of type %s that its ARN does not name for certain', (resourceType, members, kind, id) => {
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
      resources: [{ uid: 'arn:aws:s3:::backups', resourceType: 'S3_BUCKET', accountId: dev, name: 'backups' }],
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
      type: 'iam-user',
      account: prod,
      userName: 'ci',
      principalId: 'AIDA1',
      accessKeyId: 'AKIA1',
      addresses: ['2001:db8::7'],
    });
    expect(finding.resources[0]).toMatchObject({ type: 'aws.s3.bucket', id: 'arn:aws:s3:::backups', account: dev });
  });
});

describe('every kind of resource that has a type becomes a target of it', () => {
  const shop = `arn:aws:eks:eu-west-1:${prod}:cluster/shop`;
  const pod = `${shop}/namespaces/shop/pods/checkout-7d9f8c6b5-x2x4z`;
  const batch = `arn:aws:ecs:eu-west-1:${prod}:cluster/batch`;
  const task = `arn:aws:ecs:eu-west-1:${prod}:task/batch/0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f`;
  const node = `arn:aws:ec2:eu-west-1:${prod}:instance/i-0aa11bb22cc33dd44`;
  const volume = (id: string): string => `arn:aws:ec2:eu-west-1:${prod}:volume/${id}`;
  const invoice = 'arn:aws:s3:::northwind-uploads/incoming/Invoice 4711.docm';

  test.each([
    [
      'eks-workload',
      [
        `related aws.ec2.instance ${node}`,
        `affected aws.eks.cluster ${shop}`,
        `affected aws.eks.workload ${pod}`,
        'related network.address 203.0.113.61',
      ],
    ],
    ['ecs-task', [`affected aws.ecs.cluster ${batch}`, `affected aws.ecs.task ${task}`]],
    [
      'container',
      [
        `related aws.ec2.instance ${node}`,
        'affected aws.container 7c1f0a9e5b2d4c63b8f1e2d3c4b5a69788f0e1d2c3b4a5968778695a4b3c2d1e',
      ],
    ],
    ['s3-object', ['related aws.s3.bucket arn:aws:s3:::northwind-uploads', `affected aws.s3.object ${invoice}`]],
    [
      'rds-login',
      [
        `affected aws.rds.instance arn:aws:rds:eu-west-1:${prod}:db:orders-1`,
        'related other reporting',
        'related network.address 203.0.113.63',
      ],
    ],
    [
      'lambda',
      [
        `affected aws.lambda.function arn:aws:lambda:eu-west-1:${prod}:function:resize-images`,
        `related aws.iam.role arn:aws:iam::${prod}:role/resize-images`,
        'related network.address 203.0.113.64',
      ],
    ],
    [
      'ebs-volumes',
      [
        `affected aws.ec2.instance arn:aws:ec2:eu-west-1:${prod}:instance/i-0bb22cc33dd44ee55`,
        `related aws.ebs.volume ${volume('vol-0bb22cc33dd44ee01')}`,
        `related aws.ebs.volume ${volume('vol-0bb22cc33dd44ee02')}`,
      ],
    ],
  ])('%s', (name, expected) => {
    expect(roles(event(name))).toEqual(expected);
  });

  const targetOf = (name: string, type: string) =>
    findingIn(event(name)).resources.find((target) => target.type === type);

  test('with what an action needs to know of it', () => {
    expect(targetOf('eks-workload', 'aws.eks.workload')).toMatchObject({
      name: 'shop/checkout-7d9f8c6b5-x2x4z',
      clusterName: 'shop',
      clusterArn: shop,
      namespace: 'shop',
      workload: 'checkout-7d9f8c6b5-x2x4z',
      kind: 'pods',
      uid: '2b1c3d4e-5f60-4718-8293-a4b5c6d7e8f9',
      serviceAccount: 'checkout',
      images: ['111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout:2026.11.3'],
    });
    expect(targetOf('eks-workload', 'aws.eks.cluster')).toMatchObject({ vpcId: 'vpc-0aa11bb22cc33dd00' });
    expect(targetOf('ecs-task', 'aws.ecs.task')).toMatchObject({
      taskArn: task,
      clusterArn: batch,
      launchType: 'FARGATE',
      images: ['report:17'],
    });
    expect(targetOf('container', 'aws.container')).toMatchObject({
      name: 'checkout',
      instanceId: 'i-0aa11bb22cc33dd44',
    });
    expect(targetOf('s3-object', 'aws.s3.object')).toMatchObject({
      bucket: 'northwind-uploads',
      key: 'incoming/Invoice 4711.docm',
      eTag: '98d1280e8f886d36b4106d524c0214c3',
      versionId: 'Hq3vXb9kTzR1nLw5sYc7dGf0jPm2aEuK',
      sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
    });
    expect(targetOf('rds-login', 'aws.rds.instance')).toMatchObject({
      instanceIdentifier: 'orders-1',
      clusterIdentifier: 'orders',
      user: 'reporting',
    });
    expect(targetOf('lambda', 'aws.lambda.function')).toMatchObject({
      functionName: 'resize-images',
      roleArn: `arn:aws:iam::${prod}:role/service-role/resize-images`,
    });
  });

  test.each([
    [
      'EBSSnapshot',
      { ebsSnapshotDetails: { snapshotArn: 'arn:aws:ec2:eu-west-1::snapshot/snap-0aa11bb2' } },
      'aws.ebs.snapshot',
    ],
    ['EC2Image', { ec2ImageDetails: { imageArn: 'arn:aws:ec2:eu-west-1::image/ami-0aa11bb2' } }, 'aws.ec2.image'],
    ['EKSCluster', { eksClusterDetails: { name: 'shop' } }, 'aws.eks.cluster'],
    ['Lambda', { lambdaDetails: { functionName: 'resize' } }, 'aws.lambda.function'],
    ['RDSDBInstance', { rdsDbInstanceDetails: { dbInstanceIdentifier: 'orders-1' } }, 'aws.rds.instance'],
  ])('a resource of type %s by what names it', (resourceType, members, type) => {
    const { resources } = findingIn(withMembers(instance, { 'detail.resource': { resourceType, ...members } }));
    expect(resources).toMatchObject([{ type, role: 'affected', account: prod }]);
  });

  test.each([
    ['a workload without a namespace', 'eks-workload', 'kubernetesDetails.kubernetesWorkloadDetails.namespace', ''],
    ['a workload with a path for a name', 'eks-workload', 'kubernetesDetails.kubernetesWorkloadDetails.name', '../x'],
    ['a workload of no cluster', 'eks-workload', 'eksClusterDetails', null],
    ['a cluster of another service', 'eks-workload', 'eksClusterDetails.arn', `arn:aws:s3::${prod}:cluster/shop`],
    ['a task that is none', 'ecs-task', 'ecsClusterDetails.taskDetails.arn', 'arn:aws:ecs:eu-west-1:x:task/a/b'],
    [
      'a volume that is none',
      'ebs-volumes',
      'ebsVolumeDetails.scannedVolumeDetails.0.volumeArn',
      'vol-0bb22cc33dd44ee01',
    ],
    ['an object of a bucket with no name', 's3-object', 's3BucketDetails.0.name', 'a/b'],
    ['an object whose key is no text', 's3-object', 's3BucketDetails.0.s3ObjectDetails.0.key', 'a\ud800'],
    ['a cluster with tags that are none', 'eks-workload', 'eksClusterDetails.tags', 'x'],
  ])('%s is still seen, and nothing is aimed at', (_, name, path, value) => {
    const finding = findingIn(withMembers(event(name), { [`detail.resource.${path}`]: value }));
    const was = findingIn(event(name)).resources;
    expect(finding.resources.length).toBeGreaterThanOrEqual(was.length - 1);
    expect(finding.resources.filter(({ type }) => type !== 'other').length).toBeLessThan(
      was.filter(({ type }) => type !== 'other').length,
    );
  });

  test('a trail that was turned off stands beside the key that did it', () => {
    const path = 'detail.service.action.awsApiCallAction.affectedResources';
    const trail = `arn:aws:cloudtrail:us-east-1:${prod}:trail/management`;
    const stopped = withMembers(leaked, { [path]: { 'AWS::CloudTrail::Trail': trail } });
    expect(roles(stopped).filter((line) => !line.includes('network'))).toEqual([
      ...roles(leaked).filter((line) => !line.includes('network')),
      `related aws.cloudtrail.trail ${trail}`,
    ]);
  });

  test('a user of a cluster is who did it, from the last address of the audit log and no other', () => {
    expect(findingIn(event('eks-audit-log')).actor).toEqual({
      type: 'kubernetes-user',
      account: prod,
      userName: 'shop-operator',
      principalId: 'shop-operator-uid',
      sessionName: 'lena',
      addresses: ['203.0.113.62'],
    });
    const remote = { 'detail.service.action.kubernetesApiCallAction.remoteIpDetails': { ipAddressV4: '203.0.113.9' } };
    expect(findingIn(withMembers(event('eks-audit-log'), remote)).actor?.addresses).toEqual(['203.0.113.9']);
  });
});

describe('an attack sequence', () => {
  test('with keys, a bucket and an object in it, of one user', () => {
    const finding = findingIn(event('attack-sequence-credentials'));
    const user = `arn:aws:iam::${prod}:user/ci-deploy`;
    expect(roles(event('attack-sequence-credentials'))).toEqual([
      `affected aws.iam.access-key ${user}#AKIACIDEPLOY00000001`,
      `related aws.iam.user ${user}`,
      'affected aws.s3.bucket arn:aws:s3:::northwind-customer-exports',
      'affected aws.s3.object arn:aws:s3:::northwind-customer-exports/2026/all.csv',
      'related network.address 203.0.113.77',
    ]);
    expect(finding).toMatchObject({
      severity: 'Critical',
      actor: { type: 'iam-user', userName: 'ci-deploy', addresses: ['203.0.113.77'] },
      signals: [
        { id: 'signal-1', kind: 'CLOUD_TRAIL', name: 'CreateAccessKey', severity: 5, count: 3 },
        { id: 'signal-2', kind: 'FINDING', lastSeenAt: '2026-11-20T08:50:00.000Z' },
      ],
    });
  });

  test('with a cluster, its workload and node, and the session that acted', () => {
    const [, workload, , node, , session, address] = findingIn(event('attack-sequence-eks')).resources;
    expect(workload).toMatchObject({
      type: 'aws.eks.workload',
      id: `arn:aws:eks:eu-west-1:${prod}:cluster/shop/namespaces/shop/deployments/checkout`,
      images: ['checkout:2026.11.3'],
    });
    expect(node).toMatchObject({
      instanceProfileArn: `arn:aws:iam::${prod}:instance-profile/web-server`,
      interfaces: [{ networkInterfaceId: 'eni-0aa11bb22cc33d001', securityGroups: ['sg-0aa11bb22cc330011'] }],
    });
    expect(session).toMatchObject({ type: 'aws.iam.role-session', role: 'actor', kind: 'instance' });
    expect(address).toMatchObject({ address: '203.0.113.61', direction: 'outbound' });
  });

  test('with resources in other accounts, several actors, and a role only where one of them held it', () => {
    const finding = findingIn(event('attack-sequence-compute'));
    expect(finding.resources.map(({ role, type, account }) => `${role} ${type} ${account}`)).toEqual([
      `affected aws.ec2.instance ${prod}`,
      `affected aws.iam.role ${prod}`,
      `affected other ${prod}`,
      `affected aws.ec2.image ${prod}`,
      `affected other ${prod}`,
      `affected aws.ecs.cluster ${dev}`,
      `affected aws.ecs.task ${dev}`,
      `actor aws.iam.role-session ${prod}`,
      'actor aws.iam.access-key 777788889999',
      'related aws.iam.user 777788889999',
      `related network.address ${prod}`,
      `related network.address ${prod}`,
    ]);
    expect(finding.actor).toEqual({ type: 'other', addresses: ['203.0.113.65'] });
  });

  test.each([
    ['resources.0.uid', 'not an instance'],
    ['resources.3.uid', 'arn:aws:ec2:eu-west-1::image/..'],
    ['resources.6.uid', 'arn:aws:ecs:eu-west-1:nobody:task/x'],
  ])('whose %s is %s keeps it as it is', (path, value) => {
    const changed = withMembers(event('attack-sequence-compute'), {
      [`detail.service.detection.sequence.${path}`]: value,
    });
    expect(findingIn(changed).resources).toContainEqual(expect.objectContaining({ type: 'other', id: value }));
  });

  test.each([
    [`arn:aws:cloudtrail:us-east-1:${prod}:trail/management`, 'aws.cloudtrail.trail'],
    [`arn:aws:iam::${prod}:role/service-role/resize-images`, 'aws.iam.role'],
    [`arn:aws:lambda:us-east-1:${prod}:function:resize-images`, 'aws.lambda.function'],
    [`arn:aws:sagemaker:us-east-1:${prod}:endpoint/x`, 'other'],
  ])('with a resource of a kind that came later, told by its ARN: %s', (uid, type) => {
    const later = { uid, resourceType: 'NEW_KIND', accountId: prod, region: 'us-east-1' };
    const more = withMembers(event('attack-sequence-credentials'), {
      'detail.service.detection.sequence.resources.3': later,
    });
    expect(findingIn(more).resources).toContainEqual(
      expect.objectContaining({ type, role: 'affected', account: prod }),
    );
  });

  test('leaves a workload alone that could be in either of two clusters', () => {
    const second = {
      uid: `arn:aws:eks:eu-west-1:${prod}:cluster/other`,
      resourceType: 'EKS_CLUSTER',
      accountId: prod,
      name: 'other',
    };
    const two = withMembers(event('attack-sequence-eks'), {
      'detail.service.detection.sequence.resources.5': second,
    });
    expect(findingIn(two).resources[1]).toMatchObject({ type: 'other', kind: 'KUBERNETES_WORKLOAD' });
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
