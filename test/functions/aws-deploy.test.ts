import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Settings, stageMode } from '../../shared/config/settings.ts';
import { own } from '../../shared/model/json.ts';
import { type MetricName, metricNamespace, metrics } from '../../shared/report/metrics.ts';
import { type Resource, stackOf } from '../support/cloud-formation.ts';
import { packaged } from '../support/packaged.ts';
import { allStatements, home, mayDo, type Use, unused } from '../support/stack-rights.ts';

type Stack = Readonly<Record<string, Resource>>;

const archive = 'cordon-evidence-222233334444-staging';
/** Everything set that can be, where nothing may be changed all the same. */
const everything = {
  evidenceBucket: archive,
  organizationId: 'o-northwind01',
  alarmEmail: 'oncall@northwind.example',
  azureReaderClientId: 'b0000000-0000-4000-8000-000000000001',
  azureWriterClientId: 'b0000000-0000-4000-8000-000000000002',
  azureHomeClientId: 'b0000000-0000-4000-8000-000000000003',
  azureTenant: 'b0000000-0000-4000-8000-0000000000ff',
  forwardTo: 'event-topic:https://cordon.westeurope-1.eventgrid.azure.net/api/events',
};

const stacks: { staging: Stack; production: Stack } = { staging: {}, production: {} };
beforeAll(async () => {
  const [staging, production] = await Promise.all([packaged('staging', everything), packaged('production')]);
  stacks.staging = stackOf(staging);
  stacks.production = stackOf(production);
}, 120_000);

const stages = ['staging', 'production'] as const;
type Stage = (typeof stages)[number];

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

const functionNames = ['on-event', 'on-run', 'on-request', 'on-schedule'] as const;
type FunctionName = (typeof functionNames)[number];
const functionOf = (stage: Stage, name: FunctionName): Resource | undefined =>
  called(stage, 'AWS::Lambda::Function', `:cordon-${stage}-${name}`);
const roleOf = (stage: Stage, name: FunctionName): Resource | undefined => {
  const arn = at(functionOf(stage, name), 'Role');
  return ofType(stage, 'AWS::IAM::Role').find(([, role]) => role.arn === arn)?.[1];
};
const variablesOf = (stage: Stage, name: FunctionName) =>
  z.record(z.string(), z.string()).parse(at(functionOf(stage, name), 'Environment', 'Variables'));

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
    const given = queues.map(([, queue]) => String(at(queue, 'RedrivePolicy', 'deadLetterTargetArn') ?? ''));
    expect(queues.map(([id]) => id).sort()).toEqual(['DeadLetters', 'Events', 'Forwarded']);
    for (const [at, [id, queue]] of queues.entries()) {
      const isDead = given.includes(queue.arn ?? '');
      expect(isDead || queues.some(([, other]) => other.arn === given[at]), id).toBe(true);
      expect(alarms(stage).filter((alarm) => alarm.endsWith(`QueueName=${id}`))).toHaveLength(1);
    }
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
    const targets = rules.flatMap((rule) => rows(rule, 'Targets'));
    expect(targets.map((target) => own(own(target, 'DeadLetterConfig'), 'Arn'))).toEqual(targets.map(() => dead));
    expect(sent.map(({ to }) => to).sort()).toEqual([dead, queue('Events'), queue('Forwarded')].sort());
    const arnsOf = (list: readonly Resource[]) => list.map(({ arn }) => arn).sort();
    for (const { to, by } of sent)
      expect([...(Array.isArray(by) ? by : [])].sort()).toEqual(arnsOf(to === dead ? rules : into(to)));
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

  it('sets every variable that the code reads, and no other of Cordon', () => {
    const files = [
      'aws/wire',
      'aws/on-event',
      'aws/on-run',
      'aws/on-request',
      'aws/on-schedule',
      'aws/identify',
      'aws/on-forward',
      'environment',
      'forward',
    ];
    const source = files
      .map((file) => readFileSync(new URL(`../../functions/${file}.ts`, import.meta.url), 'utf8'))
      .join();
    const read = [...new Set(source.match(/(?<=')CORDON_[A-Z_]+(?=')/g))].sort();
    expect(read.length).toBeGreaterThan(8);
    for (const name of functionNames)
      expect(
        Object.keys(variablesOf(stage, name))
          .filter((key) => key.startsWith('CORDON_'))
          .sort(),
      ).toEqual(read);
  });

  it('has the stores, the alias and the secret that the variables name', () => {
    const set = variablesOf(stage, 'on-run');
    const table = called(stage, 'AWS::DynamoDB::Table', 'Records');
    const bucket = stage === 'staging' ? archive : 'Evidence';
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
      ['ANY /{path+}', 'AWS_IAM'],
      ['POST /channels/slack', undefined],
    ]);
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

/** What each function asks AWS for, beside writing its log: the calls of its code, on what it calls them. */
function usesOf(stage: Stage, name: FunctionName): readonly Use[] {
  const on = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${home}:${rest}`;
  const bucket = `arn:aws:s3:::${stage === 'staging' ? archive : 'Evidence'}`;
  const table = on('dynamodb', 'table/Records');
  const writer = stage === 'production' && ['on-run', 'on-schedule'].includes(name);
  const each = (actions: readonly string[], ...resources: string[]): Use[] =>
    resources.flatMap((resource) => actions.map((action) => ({ action, on: resource })));
  const keyed = (action: string, kinds: readonly string[]): Use[] =>
    kinds.map((kind) => ({ action, on: table, context: { 'dynamodb:LeadingKeys': [`${kind}#x`] } }));
  const token: Use = {
    action: 'sts:GetWebIdentityToken',
    on: '*',
    context: { 'sts:IdentityTokenAudience': ['api://AzureADTokenExchange'] },
  };
  const execution = on('lambda', `function:cordon-${stage}-on-run:durable`);
  const common: Use[] = [
    ...each(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on('logs', `log-group:/aws/lambda/cordon-${stage}-${name}:log-stream:x`),
    ),
    { action: 's3:PutObject', on: `${bucket}/0a`, context: { 's3:if-none-match': '*' } },
    ...each(['s3:GetObject'], `${bucket}/0a`),
    ...each(['s3:ListBucket'], bucket),
    ...each(
      ['lambda:InvokeFunction', 'lambda:SendDurableExecutionCallbackSuccess', 'lambda:GetDurableExecution'],
      execution,
    ),
  ];
  if (name === 'on-event')
    return [
      ...common,
      ...each(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        on('sqs', 'Events'),
        on('sqs', 'Forwarded'),
      ),
      ...(stage === 'staging' ? [token] : []),
      ...keyed('dynamodb:GetItem', ['run', 'wake', 'hold', 'finding']),
      ...keyed('dynamodb:PutItem', ['run', 'quarantined', 'finding']),
    ];
  const secrets = each(
    ['ssm:GetParameter'],
    on('ssm', 'parameter/cordon/slack'),
    on('ssm', `parameter/aws/reference/secretsmanager/cordon-${stage}/signing-key`),
  );
  const reaching: Use[] = [
    ...common,
    ...each(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], table),
    ...each(['dynamodb:Query'], `${table}/index/by-group`, `${table}/index/by-due`),
    ...secrets,
    ...each(['secretsmanager:GetSecretValue'], on('secretsmanager', `secret:cordon-${stage}/signing-key-AbCdEf`)),
    ...each(['sts:AssumeRole'], 'arn:aws:iam::111122223333:role/CordonReader'),
    ...(writer ? each(['sts:AssumeRole'], 'arn:aws:iam::111122223333:role/CordonWriter') : []),
    token,
  ];
  if (name === 'on-request') return reaching;
  const telling = [
    ...reaching,
    ...each(['events:PutEvents'], on('events', `event-bus/cordon-${stage}-outcomes`)),
    ...each(['sns:Publish'], on('sns', 'cordon-oncall')),
  ];
  if (name === 'on-schedule') return [...telling, ...each(['s3:PutObjectRetention'], `${bucket}/anchors/000001.json`)];
  return [
    ...telling,
    ...each(['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'], execution),
    ...each(['sqs:SendMessage'], on('sqs', 'DeadLetters')),
  ];
}

describe.each(stages)('the rights in %s', (stage) => {
  it.each(functionNames)('%s: all that the code calls, and nothing else', (name) => {
    const uses = usesOf(stage, name);
    expect(uses.filter((use) => !mayDo(roleOf(stage, name), use))).toEqual([]);
    expect(unused(roleOf(stage, name), uses)).toEqual([]);
  });

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

describe('the calls of the code', () => {
  it('are those in the table above', () => {
    const files = [
      'records',
      'evidence',
      'anchor',
      'starter',
      'event-bus',
      'sns-channel',
      'secrets',
      'sessions',
      'web-identity',
    ];
    const paths = files.map((file) => `shared/adapters/aws/${file}.ts`);
    const source = paths.map((path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).join('\n');
    const commands = [
      ...source.matchAll(/new (\w+)Command\(/g),
      ...source.matchAll(/await (?:paginate)(\w+)\(|\bpaginate(\w+)\(/g),
    ];
    const made = [...new Set(commands.map(([, one, two]) => one ?? two ?? ''))].sort();
    /** What IAM calls it, where that is another name. */
    const right: Readonly<Record<string, string>> = {
      ListObjectsV2: 'ListBucket',
      Invoke: 'InvokeFunction',
      Publish: 'Publish',
    };
    // what trades a token of Entra for credentials needs no right: it is called from Azure, and the token vouches for it
    const code = made.filter((one) => one !== 'AssumeRoleWithWebIdentity').map((one) => right[one] ?? one);
    const table = functionNames
      .flatMap((name) => usesOf('production', name))
      .map(({ action }) => action.split(':')[1] ?? '');
    const byOthers = [
      ...['CreateLogStream', 'PutLogEvents'], // Lambda's own log
      ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'SendMessage'], // Lambda, for its queue and dead letters
      ...['CheckpointDurableExecution', 'GetDurableExecutionState'], // the SDK of durable executions
      'GetSecretValue', // Parameter Store, for a secret of Secrets Manager
      'PutObjectRetention', // PutObject with a lock
    ];
    expect([...new Set(table)].filter((action) => !byOthers.includes(action)).sort()).toEqual(
      [...new Set(code)].sort(),
    );
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
