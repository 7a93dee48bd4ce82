import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { PolicyDocument } from '../../shared/policy/document.ts';
import { evaluate } from '../../shared/policy/evaluate.ts';
import { readTagged, type Resource, stackOf } from '../support/cloud-formation.ts';
import { packaged } from '../support/packaged.ts';
import { home, policiesOf, sessionOf } from '../support/stack-rights.ts';

const folder = new URL('../../functions/aws/deploy/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const member = '111122223333';
const everything = PolicyDocument.parse({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
});
const scp = PolicyDocument.parse(JSON.parse(textOf('scp.json')));

type Context = Readonly<Record<string, string | readonly string[]>>;
type Asked = { readonly action: string; readonly on: string; readonly by: string; readonly context?: Context };

/** What AWS would answer a role with these policies, in an account under the service control policy. */
const controlled = ({ action, on, by, context = {} }: Asked, identity = [everything]): string =>
  evaluate({
    identity,
    serviceControl: [[everything, scp]],
    request: { principal: sessionOf(by), action, resource: on, resourceAccount: home, context },
  }).decision;

type Stack = Readonly<Record<string, Resource>>;

/** What a stack makes, with the names that CloudFormation gives what has none: `<stack>-<logical id>-<random>`. */
function deployedAs(stack: Stack, name: string): Stack {
  const ids = new Set(Object.keys(stack));
  const named = Object.entries(stack).map(([id, resource]) => {
    const { arn = '', Type } = resource;
    const [, before = '', last = ''] = /^(.*[:/])([^:/]+)$/.exec(arn) ?? [];
    const full = Type === 'AWS::S3::Bucket' ? `${name}-${id}-1a2b3c`.toLowerCase() : `${name}-${id}-1A2B3C`;
    return [id, ids.has(last) ? { ...resource, arn: `${before}${full}` } : resource] as const;
  });
  return Object.fromEntries(named);
}

const stacks: { all: readonly (readonly [stack: string, id: string, resource: Resource])[]; home: Stack } = {
  all: [],
  home: {},
};
beforeAll(async () => {
  stacks.home = deployedAs(
    stackOf(await packaged('production', { organizationId: 'o-northwind01' })),
    'cordon-production',
  );
  const others = {
    member: { HomeAccount: home, ExternalId: 'northwind-cordon', ReaderRoles: ['x'], WriterRoles: ['x'] },
    forwarder: {
      HomeAccount: member,
      HomeRegion: 'eu-west-1',
      HomeBus: 'cordon-production',
      SecondBus: 'cordon-staging',
    },
    'log-archive': { HomeAccount: member },
    quarantine: { OrganizationId: 'o-northwind01' },
  };
  const made = Object.entries(others).map(
    ([name, parameters]) => [name, stackOf(readTagged(textOf(`${name}.yml`)), { parameters })] as const,
  );
  stacks.all = [['home', stacks.home] as const, ...made].flatMap(([stack, resources]) =>
    Object.entries(resources).map(([id, resource]) => [stack, id, resource] as const),
  );
}, 120_000);

/** By which calls an administrator would undo what is of this type, each on the resource or, after a space, on what is in it. */
const undoing: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['cloudwatch:DeleteAlarms', 'cloudwatch:DisableAlarmActions', 'cloudwatch:PutMetricAlarm'],
  'AWS::DynamoDB::Table': ['dynamodb:DeleteTable', 'dynamodb:UpdateTable', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
  'AWS::Events::EventBus': ['events:DeleteEventBus', 'events:PutPermission', 'events:RemovePermission'],
  'AWS::Events::Rule': ['events:DeleteRule', 'events:DisableRule', 'events:PutRule', 'events:RemoveTargets'],
  'AWS::IAM::ManagedPolicy': ['iam:CreatePolicyVersion', 'iam:DeletePolicy'],
  'AWS::IAM::Role': [
    ...['iam:CreateRole', 'iam:DeleteRole', 'iam:PassRole', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
    ...['iam:AttachRolePolicy', 'iam:DeleteRolePermissionsBoundary'],
  ],
  'AWS::Lambda::Function': ['lambda:UpdateFunctionCode', 'lambda:PutFunctionConcurrency', 'lambda:DeleteFunction'],
  'AWS::S3::Bucket': [
    ...['s3:PutBucketPolicy', 's3:DeleteBucketPolicy', 's3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning'],
    ...['s3:PutLifecycleConfiguration', 's3:BypassGovernanceRetention /a'],
  ],
  'AWS::SNS::Topic': ['sns:DeleteTopic', 'sns:SetTopicAttributes'],
  'AWS::SQS::Queue': ['sqs:DeleteQueue', 'sqs:PurgeQueue', 'sqs:SetQueueAttributes'],
  'AWS::SecretsManager::Secret': ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
};
/** What CloudFormation's own stack is made of, and nothing that Cordon's promises hang on. */
const ofTheFramework = ['ServerlessDeploymentBucket'];

describe('the service control policy', () => {
  it('keeps administrators from undoing whatever the packaged stacks are made of, by its deployed name', () => {
    const checked = new Set<string>();
    const open = stacks.all.flatMap(([stack, id, { Type, arn = '' }]) =>
      (ofTheFramework.includes(id) ? [] : (undoing[Type] ?? [])).flatMap((call) => {
        const [action = '', inside = ''] = call.split(' ');
        checked.add(Type);
        const decision = controlled({ action, on: `${arn}${inside}`, by: 'administrator' });
        return decision === 'explicitDeny' ? [] : [`${stack} ${id}: ${action} on ${arn}${inside}`];
      }),
    );
    expect(open).toEqual([]);
    expect([...checked].sort()).toEqual(Object.keys(undoing).sort());
  });

  it('keeps them from the evidence at home and in the archive, whose names are of one form', () => {
    const buckets = stacks.all.filter(([, id]) => id === 'Evidence').map(([, , { arn = '' }]) => arn);
    expect(buckets).toEqual([
      `arn:aws:s3:::cordon-evidence-${home}-production`,
      `arn:aws:s3:::cordon-evidence-${home}-production`,
    ]);
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion'])
      expect(controlled({ action, on: `${buckets[0]}/anchors/1.json`, by: 'administrator' })).toBe('explicitDeny');
  });

  it('lets nobody but the functions and who breaks the glass write records or read the signing key', () => {
    const of = (type: string) => Object.values(stacks.home).find(({ Type }) => Type === type)?.arn ?? '';
    const calls = [
      { action: 'dynamodb:PutItem', on: of('AWS::DynamoDB::Table') },
      { action: 'secretsmanager:GetSecretValue', on: of('AWS::SecretsManager::Secret') },
    ];
    for (const call of calls)
      expect(
        ['cordon-production-run', 'CordonBreakGlass', 'CordonDeploy', 'administrator'].map((by) =>
          controlled({ ...call, by }),
        ),
      ).toEqual(['allowed', 'allowed', 'explicitDeny', 'explicitDeny']);
  });

  it('lets the writer put objects into the quarantine and take them back', () => {
    const [bucket = ''] = stacks.all.flatMap(([, id, { arn = '' }]) => (id === 'Quarantine' ? [arn] : []));
    for (const action of ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'])
      expect(controlled({ action, on: `${bucket}/cordon-quarantine/a`, by: 'CordonWriter' })).toBe('allowed');
  });

  const quarantine = { 'iam:PolicyARN': `arn:aws:iam::${home}:policy/CordonQuarantine` };
  const tags = { 'aws:TagKeys': ['cordon:run'] };
  const user = `arn:aws:iam::${home}:user/ci-deploy`;
  const instance = `arn:aws:ec2:eu-west-1:${home}:instance/i-0123456789abcdef0`;
  const rule = `arn:aws:events:eu-west-1:${home}:rule/cordon-forward-findings`;
  const protections: [action: string, on: string, context?: Context][] = [
    ['iam:CreateRole', `arn:aws:iam::${home}:role/stacksets-exec-attacker`],
    ['iam:DetachUserPolicy', user, quarantine],
    ['events:DeleteRule', rule],
    ['ec2:DeleteTags', instance, tags],
    ['ec2:CreateTags', instance, tags],
  ];

  it.each(protections)('keeps administrators, and nobody who deploys, from %s on %s', (action, on, context = {}) => {
    expect(controlled({ action, on, by: 'administrator', context })).toBe('explicitDeny');
    for (const by of ['CordonBreakGlass', 'CordonDeploy', 'stacksets-exec-0a1b2c'])
      expect(controlled({ action, on, by, context })).toBe('allowed');
  });

  it('lets Cordon itself mark, and lift its quarantine, and nothing else of these', () => {
    const may = protections.filter(
      ([action, on, context = {}]) => controlled({ action, on, by: 'CordonWriter', context }) === 'allowed',
    );
    expect(may.map(([action]) => action)).toEqual(['iam:DetachUserPolicy', 'ec2:DeleteTags', 'ec2:CreateTags']);
  });

  it.each([
    ['iam:CreateRole', `arn:aws:iam::${home}:role/web-server`, {}],
    ['iam:DetachUserPolicy', user, { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
    ['ec2:CreateTags', instance, { 'aws:TagKeys': ['owner'] }],
    // what is made with the tags of another resource, as a copy of a backup is
    ['ec2:CreateTags', `arn:aws:ec2:eu-west-1:${home}:snapshot/snap-0123456789abcdef0`, tags],
    ['ec2:CreateTags', instance, { ...tags, 'ec2:CreateAction': 'RunInstances' }],
    ['events:PutRule', `arn:aws:events:eu-west-1:${home}:rule/nightly-report`, {}],
    ['lambda:UpdateFunctionCode', `arn:aws:lambda:eu-west-1:${home}:function:checkout`, {}],
    ['cloudwatch:DeleteAlarms', `arn:aws:cloudwatch:eu-west-1:${home}:alarm:latency`, {}],
    ['s3:DeleteObject', 'arn:aws:s3:::northwind-website/index.html', {}],
    ['s3:PutBucketPolicy', 'arn:aws:s3:::northwind-website', {}],
    ['dynamodb:PutItem', `arn:aws:dynamodb:eu-west-1:${home}:table/orders`, {}],
  ])('leaves everybody else’s own alone: %s on %s', (action, on, context) => {
    expect(controlled({ action, on, by: 'administrator', context })).toBe('allowed');
  });

  it('fits into what Organizations takes', () => {
    expect(JSON.stringify(JSON.parse(textOf('scp.json'))).length).toBeLessThan(5_120);
  });
});

describe('who deploys', () => {
  const deployer = stackOf(readTagged(textOf('deployer.yml')), {
    account: home,
    parameters: { Deployers: [`arn:aws:iam::${home}:role/pipeline`], BreakGlass: [`arn:aws:iam::${home}:user/maria`] },
  });
  const policies = policiesOf(deployer['Deploy']);
  const api = 'arn:aws:apigateway:eu-west-1::/apis/abc123';
  const mapping = { 'lambda:FunctionArn': `arn:aws:lambda:eu-west-1:${home}:function:cordon-production-on-event` };
  const toLambda = { 'iam:PassedToService': 'lambda.amazonaws.com' };

  /** How what is of this type is made and changed; on `…` where that is not the resource itself. */
  const making: Readonly<Record<string, readonly [call: string, on?: string | undefined, context?: Context][]>> = {
    'AWS::ApiGatewayV2::Api': [['apigateway:POST', 'arn:aws:apigateway:eu-west-1::/apis']],
    'AWS::ApiGatewayV2::Integration': [['apigateway:POST', `${api}/integrations`]],
    'AWS::ApiGatewayV2::Route': [['apigateway:POST', `${api}/routes`]],
    'AWS::ApiGatewayV2::Stage': [
      ['apigateway:POST', `${api}/stages`],
      ['logs:CreateLogDelivery', '*'],
    ],
    'AWS::CloudWatch::Alarm': [['cloudwatch:PutMetricAlarm']],
    'AWS::DynamoDB::Table': [['dynamodb:CreateTable'], ['dynamodb:UpdateContinuousBackups']],
    'AWS::Events::EventBus': [['events:CreateEventBus']],
    'AWS::Events::EventBusPolicy': [
      ['events:PutPermission', `arn:aws:events:eu-west-1:${home}:event-bus/cordon-production`],
    ],
    'AWS::Events::Rule': [['events:PutRule'], ['events:PutTargets']],
    'AWS::IAM::Role': [['iam:CreateRole'], ['iam:PutRolePolicy'], ['iam:PassRole', undefined, toLambda]],
    'AWS::Lambda::Alias': [['lambda:CreateAlias', mapping['lambda:FunctionArn']]],
    'AWS::Lambda::EventInvokeConfig': [['lambda:PutFunctionEventInvokeConfig', mapping['lambda:FunctionArn']]],
    'AWS::Lambda::EventSourceMapping': [['lambda:CreateEventSourceMapping', '*', mapping]],
    'AWS::Lambda::Function': [['lambda:CreateFunction'], ['lambda:UpdateFunctionCode']],
    'AWS::Lambda::Permission': [['lambda:AddPermission', mapping['lambda:FunctionArn']]],
    'AWS::Lambda::Version': [['lambda:PublishVersion', mapping['lambda:FunctionArn']]],
    'AWS::Logs::LogGroup': [
      ['logs:CreateLogGroup', `arn:aws:logs:eu-west-1:${home}:log-group:/aws/http-api/cordon-production`],
    ],
    'AWS::S3::Bucket': [['s3:CreateBucket'], ['s3:PutBucketObjectLockConfiguration']],
    'AWS::S3::BucketPolicy': [['s3:PutBucketPolicy', `arn:aws:s3:::cordon-evidence-${home}-production`]],
    'AWS::SNS::Topic': [['sns:CreateTopic'], ['sns:Subscribe']],
    'AWS::SNS::TopicPolicy': [['sns:SetTopicAttributes', `arn:aws:sns:eu-west-1:${home}:cordon-production-alarms`]],
    'AWS::SQS::Queue': [['sqs:CreateQueue']],
    'AWS::SQS::QueuePolicy': [
      ['sqs:SetQueueAttributes', `arn:aws:sqs:eu-west-1:${home}:cordon-production-Events-1A2B3C`],
    ],
    'AWS::SecretsManager::Secret': [['secretsmanager:CreateSecret']],
  };

  it('may make and change whatever the packaged stack is made of, under the service control policy', () => {
    const refused = Object.entries(stacks.home).flatMap(([id, { Type, arn = '' }]) => {
      const calls = making[Type];
      if (!calls) return [`${id}: nothing says how ${Type} is made`];
      return calls.flatMap(([action, on = arn, context = {}]) =>
        controlled({ action, on, by: 'CordonDeploy', context }, [...policies]) === 'allowed'
          ? []
          : [`${id}: ${action} on ${on}`],
      );
    });
    expect(refused).toEqual([]);
  });

  it.each([
    ['iam:CreateRole', `arn:aws:iam::${home}:role/web-server`],
    ['iam:CreateRole', `arn:aws:iam::${home}:role/CordonWriter`],
    ['iam:UpdateAssumeRolePolicy', `arn:aws:iam::${home}:role/CordonDeploy`],
    ['iam:PassRole', `arn:aws:iam::${home}:role/cordon-production-run`, { 'iam:PassedToService': 'ec2.amazonaws.com' }],
    ['lambda:UpdateFunctionCode', `arn:aws:lambda:eu-west-1:${home}:function:checkout`],
    ['s3:GetObject', `arn:aws:s3:::cordon-evidence-${home}-production/0a`],
    ['s3:DeleteObject', `arn:aws:s3:::cordon-evidence-${home}-production/0a`],
    ['s3:BypassGovernanceRetention', `arn:aws:s3:::cordon-evidence-${home}-production/0a`],
    ['dynamodb:PutItem', `arn:aws:dynamodb:eu-west-1:${home}:table/cordon-production-Records-1A2B3C`],
    [
      'secretsmanager:GetSecretValue',
      `arn:aws:secretsmanager:eu-west-1:${home}:secret:cordon-production/signing-key-AbCdEf`,
    ],
    ['sts:AssumeRole', `arn:aws:iam::${member}:role/CordonWriter`],
  ])('may not %s on %s', (action, on, context: Context = {}) => {
    expect(controlled({ action, on, by: 'CordonDeploy', context }, [...policies])).not.toBe('allowed');
  });

  it('asks for a second factor of who breaks the glass, and makes no such role where nobody is named', () => {
    expect(deployer['Emergency']?.Properties['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [{ Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
    });
    const none = stackOf(readTagged(textOf('deployer.yml')), { parameters: { Deployers: ['x'], BreakGlass: [''] } });
    expect(Object.keys(none)).toEqual(['Deploy']);
  });

  it('makes the very roles that the service control policy spares', () => {
    const named = Object.values(deployer).map(({ Properties }) => Properties['RoleName']);
    const spared = JSON.stringify(scp).match(/role\/(CordonDeploy|CordonBreakGlass)/g) ?? [];
    expect(new Set(spared)).toEqual(new Set(named.map((name) => `role/${String(name)}`)));
  });
});
