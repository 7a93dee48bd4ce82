import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Settings, stageMode } from '../../shared/config/settings.ts';
import { own } from '../../shared/model/json.ts';
import { type Reason, reasons } from '../../shared/model/reason.ts';
import { type MetricName, metricNamespace, metrics } from '../../shared/report/metrics.ts';
import {
  archive,
  awsStacks,
  bucketOf,
  everything,
  type FunctionName,
  functionIn,
  functionNames,
  handingOn,
  roleIn,
  type Stacks,
  type Stage,
  stages,
  variablesIn,
} from '../support/aws-stages.ts';
import { readTagged, type Resource } from '../support/cloud-formation.ts';
import { packaged } from '../support/packaged.ts';
import { allStatements, home, mayDo, type Use } from '../support/stack-rights.ts';

const stacks: Stacks = { staging: {}, production: {}, forwarding: {} };
beforeAll(async () => {
  Object.assign(stacks, await awsStacks());
}, 120_000);

const ofType = (stage: Stage, type: string): [string, Resource][] =>
  Object.entries(stacks[stage]).filter(([, { Type }]) => Type === type);
const called = (stage: Stage, type: string, name: string): Resource | undefined =>
  ofType(stage, type).find(([, { arn = '' }]) => arn.endsWith(name))?.[1];
const at = (resource: Resource | undefined, ...path: string[]): unknown =>
  path.reduce<unknown>((value, key) => own(value, key), resource?.Properties);
const rows = (resource: Resource | undefined, ...path: string[]): readonly unknown[] => {
  const value = at(resource, ...path);
  return Array.isArray(value) ? value : [];
};

const functionOf = (stage: Stage, name: FunctionName): Resource | undefined => functionIn(stacks[stage], stage, name);
const roleOf = (stage: Stage, name: FunctionName): Resource | undefined => roleIn(stacks[stage], stage, name);
const variablesOf = (stage: Stage, name: FunctionName) => variablesIn(functionOf(stage, name));

/** Every alarm, as `namespace metric { dimensions }`. */
const alarms = (stage: Stage): readonly string[] =>
  ofType(stage, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
    const { Namespace, MetricName: metric, Dimensions } = Properties;
    const pairs = z.array(z.object({ Name: z.string(), Value: z.string() })).parse(Dimensions);
    return `${Namespace} ${metric} ${pairs.map(({ Name, Value }) => `${Name}=${Value}`).join()}`;
  });

describe.each(stages)('the stack of %s', (stage) => {
  it('has a dead letter for every queue that is none, and an alarm on each', () => {
    const queues = ofType(stage, 'AWS::SQS::Queue');
    const given = queues.map(([id, queue]) => [id, at(queue, 'RedrivePolicy', 'deadLetterTargetArn')]);
    const arnOf = (name: string) => called(stage, 'AWS::SQS::Queue', name)?.arn;
    expect(Object.fromEntries(given)).toEqual({
      Events: arnOf('EventsGivenUp'),
      Forwarded: arnOf('ForwardedGivenUp'),
      EventsGivenUp: undefined,
      ForwardedGivenUp: undefined,
      DeadLetters: undefined,
    });
    for (const [id] of queues)
      expect(alarms(stage).filter((alarm) => alarm.endsWith(`QueueName=${id}`))).toHaveLength(1);
  });

  it('tries an event for a day before it gives it up, and keeps it for days after that', () => {
    for (const name of ['Events', 'Forwarded']) {
      const queue = called(stage, 'AWS::SQS::Queue', name);
      const tries = Number(at(queue, 'RedrivePolicy', 'maxReceiveCount'));
      expect(tries * Number(at(queue, 'VisibilityTimeout'))).toBeGreaterThanOrEqual(86_400);
      expect(tries).toBeLessThanOrEqual(1_000);
      expect(variablesOf(stage, 'on-event')['CORDON_EVENT_TRIES']).toBe(String(tries));
      // a dead letter is as old as the event, and is not kept for longer than the queue keeps it
      const kept = at(called(stage, 'AWS::SQS::Queue', `${name}GivenUp`), 'MessageRetentionPeriod');
      expect(kept).toBeGreaterThanOrEqual(7 * 86_400);
    }
  });

  it.each([
    ['Events', 'events'],
    ['Forwarded', 'forwarded'],
  ])('says in the alarm on what %s gave up by which command it is sent again', (name, alarm) => {
    const arnOf = (queue: string) => called(stage, 'AWS::SQS::Queue', queue)?.arn;
    const told = called(stage, 'AWS::CloudWatch::Alarm', `cordon-${stage}-${alarm}-given-up`);
    const command = `aws sqs start-message-move-task --source-arn ${arnOf(`${name}GivenUp`)} --destination-arn ${arnOf(name)}`;
    expect(String(told?.Properties['AlarmDescription'])).toContain(command);
    expect(String(told?.Properties['AlarmDescription']).length).toBeLessThanOrEqual(1_024);
  });

  it('lets rules and nobody else send to a queue, and gives every target of a rule a dead letter', () => {
    const policies = ofType(stage, 'AWS::SQS::QueuePolicy');
    const sent = policies
      .flatMap(([, policy]) => rows(policy, 'PolicyDocument', 'Statement'))
      .filter((statement) => own(statement, 'Effect') === 'Allow')
      .map((statement) => ({
        to: own(statement, 'Resource'),
        by: own(own(own(statement, 'Condition'), 'ArnEquals'), 'aws:SourceArn'),
      }));
    const rules = ofType(stage, 'AWS::Events::Rule').map(([, rule]) => rule);
    const into = (queue: unknown) =>
      rules.filter((rule) => rows(rule, 'Targets').some((one) => own(one, 'Arn') === queue));
    const queue = (name: string) => called(stage, 'AWS::SQS::Queue', name)?.arn;
    const dead = queue('DeadLetters');
    // what could not be put into a queue lies where it can be moved from into that queue
    const deadFor = (to: unknown) =>
      ['Events', 'Forwarded'].flatMap((name) => (to === queue(name) ? [queue(`${name}GivenUp`)] : []))[0] ?? dead;
    const targets = rules.flatMap((rule) => rows(rule, 'Targets'));
    expect(targets.map((target) => own(own(target, 'DeadLetterConfig'), 'Arn'))).toEqual(
      targets.map((target) => deadFor(own(target, 'Arn'))),
    );
    const arnsOf = (list: readonly Resource[]) => list.map(({ arn }) => arn).sort();
    const others = rules.filter((rule) => rows(rule, 'Targets').every((one) => deadFor(own(one, 'Arn')) === dead));
    const mayBe = sent.map(({ to, by }) => [[to].flat(), [by].flat().sort()]);
    expect(mayBe).toEqual([
      [[queue('Events'), queue('EventsGivenUp')], arnsOf(into(queue('Events')))],
      [[queue('Forwarded'), queue('ForwardedGivenUp')], arnsOf(into(queue('Forwarded')))],
      [[dead], arnsOf(others)],
    ]);
  });

  it('takes events in batches of which only what failed comes again, and long enough hidden', () => {
    const timeout = Number(at(functionOf(stage, 'on-event'), 'Timeout'));
    const mappings = ofType(stage, 'AWS::Lambda::EventSourceMapping').map(([, mapping]) => mapping);
    const queues = ['Events', 'Forwarded'].map((name) => called(stage, 'AWS::SQS::Queue', name));
    expect(mappings.map((mapping) => at(mapping, 'EventSourceArn'))).toEqual(queues.map((queue) => queue?.arn));
    for (const mapping of mappings) {
      expect(at(mapping, 'FunctionName')).toBe(functionOf(stage, 'on-event')?.arn);
      expect(at(mapping, 'FunctionResponseTypes')).toEqual(['ReportBatchItemFailures']);
      expect(at(mapping, 'ScalingConfig', 'MaximumConcurrency')).toEqual(expect.any(Number));
    }
    for (const queue of queues) expect(Number(at(queue, 'VisibilityTimeout'))).toBeGreaterThanOrEqual(6 * timeout);
  });

  it.each(functionNames)('gives %s a role, a log that ends, and alarms of its own', (name) => {
    const made = functionOf(stage, name);
    expect(made?.Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    const shared = functionNames.filter((other) => at(functionOf(stage, other), 'Role') === at(made, 'Role'));
    expect(shared).toEqual([name]);
    expect(roleOf(stage, name)?.Properties['RoleName']).toBe(`cordon-${stage}-${name.slice('on-'.length)}`);
    const full = `cordon-${stage}-${name}`;
    const logs = ofType(stage, 'AWS::Logs::LogGroup').filter(
      ([, log]) => at(log, 'LogGroupName') === `/aws/lambda/${full}`,
    );
    expect(logs.map(([, log]) => Number(at(log, 'RetentionInDays')) > 0)).toEqual([true]);
    for (const metric of ['Errors', 'Throttles'])
      expect(alarms(stage)).toContain(`AWS/Lambda ${metric} FunctionName=${full}`);
  });

  it('has the stores, the alias and the secret that the variables name', () => {
    const set = variablesOf(stage, 'on-run');
    const table = called(stage, 'AWS::DynamoDB::Table', 'Records');
    const bucket = bucketOf(stage);
    expect(set).toMatchObject({
      CORDON_STAGE: stage,
      CORDON_RECORDS: `dynamodb:${table?.arn?.split('/')[1]}`,
      CORDON_EVIDENCE: `s3:${bucket}`,
      CORDON_ANCHOR: `s3:${bucket}/anchors`,
      CORDON_RUN_FUNCTION: `cordon-${stage}-on-run:durable`,
      CORDON_SIGNING_KEYS: `k1=secretsmanager:cordon-${stage}/signing-key`,
    });
    const indexes = rows(table, 'GlobalSecondaryIndexes').map((index) => own(index, 'IndexName'));
    const records = readFileSync(new URL('../../shared/adapters/aws/records.ts', import.meta.url), 'utf8');
    expect(indexes.sort()).toEqual([...(records.match(/(?<== ')by-\w+(?=';)/g) ?? [])].sort());
    expect(ofType(stage, 'AWS::Lambda::Alias').map(([, alias]) => at(alias, 'Name'))).toEqual(['durable']);
    expect(called(stage, 'AWS::SecretsManager::Secret', `cordon-${stage}/signing-key`)).toBeDefined();
  });

  it('tells on-event after how many tries its queues give an event up', () => {
    const tries = ['Events', 'Forwarded'].map((id) => {
      const [, queue] = ofType(stage, 'AWS::SQS::Queue').find(([name]) => name === id) ?? [];
      return String(at(queue, 'RedrivePolicy', 'maxReceiveCount'));
    });
    expect(Number(tries[0])).toBeGreaterThan(1);
    expect(tries).toEqual(Array(2).fill(variablesOf(stage, 'on-event')['CORDON_EVENT_TRIES']));
  });

  it('keeps what is kept when the stack goes, and can bring the records back', () => {
    const table = called(stage, 'AWS::DynamoDB::Table', 'Records');
    expect(table?.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    const kept = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
    const stores = kept.flatMap((type) => ofType(stage, type)).filter(([id]) => id !== 'ServerlessDeploymentBucket');
    expect(stores.map(([id]) => id)).toEqual(
      stage === 'staging' ? ['Records', 'SigningKey'] : ['Records', 'Evidence', 'SigningKey'],
    );
    for (const [id, { DeletionPolicy }] of stores) expect([id, DeletionPolicy]).toEqual([id, 'Retain']);
    const locks = ofType(stage, 'AWS::S3::Bucket')
      .map(([, bucket]) => at(bucket, 'ObjectLockEnabled'))
      .filter(Boolean);
    expect(locks).toEqual(stage === 'staging' ? [] : [true]);
  });

  it('asks every caller who he is, but Slack, which signs', () => {
    const routes = ofType(stage, 'AWS::ApiGatewayV2::Route').map(([, route]) => [
      at(route, 'RouteKey'),
      at(route, 'AuthorizationType'),
    ]);
    expect(routes.sort()).toEqual([
      ['ANY /{path+}', stage === 'staging' ? 'JWT' : 'AWS_IAM'],
      ['POST /channels/slack', undefined],
    ]);
    const authorizers = ofType(stage, 'AWS::ApiGatewayV2::Authorizer').map(([, one]) => at(one, 'JwtConfiguration'));
    const tokens = { Issuer: everything.jwtIssuer, Audience: [everything.jwtAudience] };
    expect(authorizers).toEqual(stage === 'staging' ? [tokens] : []);
    const [[, front] = []] = ofType(stage, 'AWS::ApiGatewayV2::Stage');
    expect(Number(at(front, 'DefaultRouteSettings', 'ThrottlingRateLimit'))).toBeLessThanOrEqual(50);
    const open = ['AWS::Lambda::Url', 'AWS::ApiGateway::RestApi'].flatMap((type) => ofType(stage, type));
    expect(open).toEqual([]);
  });

  it('watches metrics that Cordon measures, with the dimensions they have', () => {
    const watched = ofType(stage, 'AWS::CloudWatch::Alarm').filter(
      ([, alarm]) => at(alarm, 'Namespace') === metricNamespace,
    );
    const names = watched.map(([, alarm]) => String(at(alarm, 'MetricName')));
    expect([...new Set(names)].sort()).toEqual(
      [
        'AuditLagSeconds',
        'BreakersOpen',
        'FindingsMissed',
        'RunsNeverStarted',
        'RunsUnaccounted',
        'Skipped',
        'VerifyFailed',
      ].sort(),
    );
    for (const [id, alarm] of watched) {
      const { by } = metrics[String(at(alarm, 'MetricName')) as MetricName]; // they are among these names, see above
      const dimensions = rows(alarm, 'Dimensions').map((one) => own(one, 'Name'));
      expect([id, dimensions]).toEqual([id, ['stage', ...by]]);
    }
    const told = ofType(stage, 'AWS::CloudWatch::Alarm').map(([, alarm]) => rows(alarm, 'AlarmActions'));
    const topic = called(stage, 'AWS::SNS::Topic', `cordon-${stage}-alarms`)?.arn;
    expect(told).toEqual(told.map(() => [topic]));
  });
});

type Edge = readonly [from: unknown, to: unknown];

/** What triggers what, by rules, mappings, subscriptions and queues. */
function triggers(stage: Stage): readonly Edge[] {
  const busOf = (rule: Resource): string => {
    const bus = at(rule, 'EventBusName');
    return bus === undefined ? 'default' : `arn:aws:events:eu-west-1:${home}:event-bus/${bus}`;
  };
  return [
    ...ofType(stage, 'AWS::Events::Rule').flatMap(([, rule]): Edge[] => [
      [busOf(rule), rule.arn],
      ...rows(rule, 'Targets').map((target): Edge => [rule.arn, own(target, 'Arn')]),
    ]),
    ...ofType(stage, 'AWS::Lambda::EventSourceMapping').map(
      ([, mapping]): Edge => [at(mapping, 'EventSourceArn'), at(mapping, 'FunctionName')],
    ),
    ...ofType(stage, 'AWS::SNS::Subscription').map(([, one]): Edge => [at(one, 'TopicArn'), at(one, 'Endpoint')]),
    ...ofType(stage, 'AWS::SQS::Queue').map(
      ([, queue]): Edge => [queue.arn, at(queue, 'RedrivePolicy', 'deadLetterTargetArn')],
    ),
  ];
}

/** By which calls a function makes something of the stack work, by the service of what it calls. */
const nudges: Readonly<Record<string, Omit<Use, 'on'> & { readonly within: string }>> = {
  sqs: { action: 'sqs:SendMessage', within: '' },
  sns: { action: 'sns:Publish', within: '' },
  events: { action: 'events:PutEvents', within: '' },
  lambda: { action: 'lambda:InvokeFunction', within: ':durable' },
  dynamodb: { action: 'dynamodb:PutItem', within: '', context: { 'dynamodb:LeadingKeys': ['run#x'] } },
  s3: { action: 's3:PutObject', within: '/x', context: { 's3:if-none-match': '*' } },
};

/** What a function may write to, of all that the stack has. */
function writes(stage: Stage, name: FunctionName): readonly Edge[] {
  const things = Object.values(stacks[stage]).flatMap(({ arn }) => (arn === undefined ? [] : [arn]));
  const may = (arn: string): boolean => {
    const nudge = nudges[arn.split(':')[2] ?? ''];
    return nudge !== undefined && mayDo(roleOf(stage, name), { ...nudge, on: `${arn}${nudge.within}` });
  };
  return things.filter(may).map((arn): Edge => [functionOf(stage, name)?.arn, arn]);
}

/** Everything by which one thing of the stack makes another work. */
function edges(stage: Stage): ReadonlyMap<string, ReadonlySet<string>> {
  const all = [...triggers(stage), ...functionNames.flatMap((name) => writes(stage, name))];
  const groups = Map.groupBy(all, ([from]) => String(from));
  return new Map([...groups].map(([from, group]) => [from, new Set(group.map(([, to]) => String(to)))]));
}

function reachable(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...(graph.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return seen;
}

describe.each(stages)('what works on what in %s', (stage) => {
  const arnOf = (name: FunctionName) => `arn:aws:lambda:eu-west-1:${home}:function:cordon-${stage}-${name}`;

  it('leads from no function back to what calls it, but for runs that start other runs', () => {
    const graph = edges(stage);
    const round = functionNames.filter((name) => reachable(graph, arnOf(name)).has(arnOf(name)));
    // A run that ends makes room: Lambda starts each run once, under its own name.
    expect(round).toEqual(['on-run']);
    expect([...reachable(graph, arnOf('on-run'))].filter((arn) => arn.includes(':function:'))).toEqual([
      arnOf('on-run'),
    ]);
  });

  it('leads from events to runs, and from every rule into the queue or to people', () => {
    const graph = edges(stage);
    const events = reachable(graph, 'default');
    for (const name of functionNames.filter((one) => one !== 'on-request')) expect(events).toContain(arnOf(name));
    expect(reachable(graph, `arn:aws:events:eu-west-1:${home}:event-bus/cordon-${stage}`)).toContain(arnOf('on-event'));
  });

  it('has no listener on what it says itself, and none on its records and evidence', () => {
    const graph = edges(stage);
    const silent = Object.values(stacks[stage]).filter(
      ({ Type, arn = '' }) => arn.endsWith('-outcomes') || ['AWS::DynamoDB::Table', 'AWS::S3::Bucket'].includes(Type),
    );
    expect(silent.map(({ arn = '' }) => reachable(graph, arn).size)).toEqual(silent.map(() => 0));
    expect(
      silent.some(({ Properties }) => 'StreamSpecification' in Properties || 'NotificationConfiguration' in Properties),
    ).toBe(false);
  });
});

describe.each(stages)('the rights in %s', (stage) => {
  it('no role may do something to everything, without a condition that bounds it', () => {
    for (const [id, role] of ofType(stage, 'AWS::IAM::Role')) {
      expect([id, role.Properties['ManagedPolicyArns']]).toEqual([id, undefined]);
      for (const { Effect, Action = [], Resource: on = [], Condition } of allStatements(role)) {
        expect([id, Effect]).toEqual([id, 'Allow']);
        expect(Action.filter((action) => action.includes('*'))).toEqual([]);
        if (on.includes('*')) expect([id, Condition]).toEqual([id, expect.anything()]);
      }
    }
  });

  it('lets nobody but Lambda take the roles', () => {
    for (const [, role] of ofType(stage, 'AWS::IAM::Role'))
      expect(rows(role, 'AssumeRolePolicyDocument', 'Statement')).toEqual([
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
  });

  it('reads the signing key of no other stage', () => {
    const other = stage === 'staging' ? 'production' : 'staging';
    const key = `arn:aws:secretsmanager:eu-west-1:${home}:secret:cordon-${other}/signing-key-AbCdEf`;
    for (const name of functionNames)
      expect(mayDo(roleOf(stage, name), { action: 'secretsmanager:GetSecretValue', on: key })).toBe(false);
  });
});

describe('an account that cordon.yaml does not name', () => {
  it.each(stages)('rings in %s when its findings would be answered', (stage) => {
    expect(alarms(stage)).toContain(`${metricNamespace} Skipped stage=${stage},reason=account-out-of-scope`);
    const reason: Reason = 'account-out-of-scope';
    expect(metrics.Skipped.by).toEqual(['reason']);
    expect(reasons).toHaveProperty(reason);
  });
});

describe('what hands its events on', () => {
  const roles = () => Object.values(stacks.forwarding).filter(({ Type }) => Type === 'AWS::IAM::Role');
  const actions = (name: string) =>
    allStatements(roles().find((role) => role.Properties['RoleName'] === name)).flatMap(({ Action = [] }) => Action);

  it('may do nothing but take events and ask for the token that the home’s topic takes', () => {
    const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect(actions('cordon-production-event')).toEqual([
      ...logs,
      ...['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sts:GetWebIdentityToken'],
    ]);
    expect(actions('cordon-production-schedule')).toEqual(logs);
    expect(actions('cordon-production-request')).toEqual(logs);
    expect(actions('cordon-production-run')).toEqual([
      ...logs,
      ...['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState', 'sqs:SendMessage'],
    ]);
  });

  it('reaches no member account and no record, though its stage may act', () => {
    for (const role of roles()) {
      expect(mayDo(role, { action: 'sts:AssumeRole', on: 'arn:aws:iam::111122223333:role/CordonReader' })).toBe(false);
      expect(mayDo(role, { action: 'sts:AssumeRole', on: 'arn:aws:iam::111122223333:role/CordonWriter' })).toBe(false);
      expect(mayDo(role, { action: 'dynamodb:GetItem', on: `arn:aws:dynamodb:eu-west-1:${home}:table/Records` })).toBe(
        false,
      );
    }
  });
});

describe('the token for Entra', () => {
  const token = (audience: readonly string[]): Use => ({
    action: 'sts:GetWebIdentityToken',
    on: '*',
    context: { 'sts:IdentityTokenAudience': audience },
  });

  it('is for Entra and for nobody else besides', () => {
    const role = roleOf('production', 'on-run');
    expect(mayDo(role, token(['api://AzureADTokenExchange']))).toBe(true);
    expect(mayDo(role, token(['api://AzureADTokenExchange', 'https://elsewhere.example']))).toBe(false);
    expect(mayDo(role, token([]))).toBe(false);
  });
});

describe('the parameters', () => {
  const names = Object.keys(
    Object(
      own(own(readTagged(readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8')), 'params'), 'default'),
    ),
  );

  it.each([
    ['a name that nothing is called by', { organisationId: 'o-northwind01' }, /there is no parameter organisationId/],
    ['a mode that there is not', { mode: 'Enforce' }, /the parameter mode is not of the form/],
    ['half of what tokens need', { jwtIssuer: 'https://issuer.example' }, /given together/],
    [
      'a home without the identity to reach it',
      { forwardTo: handingOn.forwardTo },
      /azureTenant and azureHomeClientId/,
    ],
  ])('stop the deployment on %s', async (_, params, expected) => {
    await expect(packaged('production', params)).rejects.toMatchObject({ stdout: expect.stringMatching(expected) });
  });

  it('are all known by name', async () => {
    const said = await packaged('production', { nothing: 'x' }).then(
      () => '',
      (thrown: unknown) => String(own(thrown, 'stdout')),
    );
    const [, known = ''] = /Parameters are ([\w, ]+)/.exec(said) ?? [];
    expect(known.split(', ').sort()).toEqual([...names].sort());
  });
});

describe('staging', () => {
  it('has no right to become a writer, in AWS or Azure', () => {
    const write: Use = { action: 'sts:AssumeRole', on: 'arn:aws:iam::111122223333:role/CordonWriter' };
    for (const name of functionNames) {
      expect(mayDo(roleOf('staging', name), write)).toBe(false);
      expect(variablesOf('staging', name)['CORDON_AZURE_WRITER_CLIENT_ID']).toBe('');
      expect(variablesOf('staging', name)['CORDON_AZURE_READER_CLIENT_ID']).toBe(everything.azureReaderClientId);
    }
    const writers = functionNames.filter((name) => mayDo(roleOf('production', name), write));
    expect(writers).toEqual(['on-run', 'on-schedule']);
  });

  it('can write to nothing but what is Cordon’s own', () => {
    const others = functionNames
      .flatMap((name) => allStatements(roleOf('staging', name)))
      .flatMap(({ Action = [], Resource: on = [] }) => on.map((arn) => ({ arn, actions: Action })))
      .filter(({ arn }) => !new RegExp(`^arn:aws:\\w+:[^:]*:${home}:|^arn:aws:s3:::${archive}(/|$)`).test(arn));
    expect(new Set(others.map(({ arn, actions }) => `${actions} ${arn}`))).toEqual(
      new Set(['sts:AssumeRole arn:aws:iam::*:role/CordonReader', 'sts:GetWebIdentityToken *']),
    );
  });

  it('is what the settings call a stage that plans only, and production one that acts', () => {
    expect(stages.map((stage) => stageMode(Settings.parse({ stage })))).toEqual(['dry-run', 'enforce']);
  });
});
