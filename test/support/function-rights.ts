import { bucketOf, type FunctionName, type Stage } from './aws-stages.ts';
import { home, type Use } from './stack-rights.ts';

type Place = { readonly stage: Stage; readonly name: FunctionName };

const region = 'eu-west-1';
const on = (service: string, rest: string): string => `arn:aws:${service}:${region}:${home}:${rest}`;
const table = on('dynamodb', 'table/Records');
const bucketArn = (stage: Stage): string => `arn:aws:s3:::${bucketOf(stage)}`;
const executionOf = (stage: Stage): string => on('lambda', `function:cordon-${stage}-on-run:durable`);
const each = (actions: readonly string[], ...resources: readonly string[]): readonly Use[] =>
  resources.flatMap((resource) => actions.map((action) => ({ action, on: resource })));
const keyed = (action: string, kinds: readonly string[]): readonly Use[] =>
  kinds.map((kind) => ({ action, on: table, context: { 'dynamodb:LeadingKeys': [`${kind}#x`] } }));

/** What on-event opens and keeps; the rest it only reads. */
const opened = ['run', 'quarantined', 'finding', 'admission', 'recheck', 'tally'];
const execution =
  (action: string) =>
  ({ stage }: Place): readonly Use[] =>
    each([`lambda:${action}`], executionOf(stage));
/** On a rule of the account's own bus, of the stage's, and of the one for Azure. */
const rule =
  (action: string) =>
  ({ stage }: Place): readonly Use[] => {
    const own = `cordon-${stage}`;
    const names = [`${own}-findings`, `${own}/${own}-findings`, `${own}-azure/${own}-azure`];
    return each([`events:${action}`], ...names.map((name) => on('events', `rule/${name}`)));
  };

/** Which rights an operation takes of which functions, by its name in the SDK. */
export const rightsFor: Readonly<Record<string, (place: Place) => readonly Use[]>> = {
  GetItem: ({ name }) =>
    name === 'on-event' ? keyed('dynamodb:GetItem', [...opened, 'wake', 'hold']) : each(['dynamodb:GetItem'], table),
  PutItem: ({ name }) => (name === 'on-event' ? keyed('dynamodb:PutItem', opened) : each(['dynamodb:PutItem'], table)),
  Query: () => each(['dynamodb:Query'], table, `${table}/index/by-group`, `${table}/index/by-due`),
  GetObject: ({ stage }) => each(['s3:GetObject'], `${bucketArn(stage)}/0a`),
  PutObject: ({ stage, name }) => [
    { action: 's3:PutObject', on: `${bucketArn(stage)}/0a`, context: { 's3:if-none-match': '*' } },
    // anchors are locked as they are put
    ...(name === 'on-schedule' ? each(['s3:PutObjectRetention'], `${bucketArn(stage)}/anchors/000001.json`) : []),
  ],
  // also what S3 asks of a reader to be told that an object is not there
  ListObjectsV2: ({ stage }) => each(['s3:ListBucket'], bucketArn(stage)),
  Invoke: execution('InvokeFunction'),
  SendDurableExecutionCallbackSuccess: execution('SendDurableExecutionCallbackSuccess'),
  GetDurableExecution: execution('GetDurableExecution'),
  // Parameter Store reads a secret of Secrets Manager as whoever asks for it
  GetParameter: ({ stage }) => [
    ...each(
      ['ssm:GetParameter'],
      on('ssm', 'parameter/cordon/slack'),
      on('ssm', `parameter/aws/reference/secretsmanager/cordon-${stage}/signing-key`),
    ),
    ...each(['secretsmanager:GetSecretValue'], on('secretsmanager', `secret:cordon-${stage}/signing-key-AbCdEf`)),
  ],
  AssumeRole: ({ stage, name }) => {
    const acts = stage === 'production' && (name === 'on-run' || name === 'on-schedule');
    return ['CordonReader', ...(acts ? ['CordonWriter'] : [])].flatMap((role) =>
      each(['sts:AssumeRole'], `arn:aws:iam::111122223333:role/${role}`),
    );
  },
  // called from Azure, where the token vouches for the caller
  AssumeRoleWithWebIdentity: () => [],
  GetWebIdentityToken: () => [
    {
      action: 'sts:GetWebIdentityToken',
      on: '*',
      context: { 'sts:IdentityTokenAudience': ['api://AzureADTokenExchange'] },
    },
  ],
  PutEvents: ({ stage }) => each(['events:PutEvents'], on('events', `event-bus/cordon-${stage}-outcomes`)),
  Publish: () => each(['sns:Publish'], on('sns', 'cordon-oncall')),
  // the doctor looks at the rules, the bus, the topic and the alias of the stage; who it is takes no right
  GetCallerIdentity: () => [],
  DescribeRule: rule('DescribeRule'),
  ListTargetsByRule: rule('ListTargetsByRule'),
  DescribeEventBus: ({ stage }) => each(['events:DescribeEventBus'], on('events', `event-bus/cordon-${stage}`)),
  ListSubscriptionsByTopic: ({ stage }) => each(['sns:ListSubscriptionsByTopic'], on('sns', `cordon-${stage}-alarms`)),
  GetAlias: ({ stage }) => each(['lambda:GetAlias'], on('lambda', `function:cordon-${stage}-on-run`)),
};

/** Operations that are in the bundle of a function which never calls them, and why it does not. */
export const neverCalled: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  'on-event': {
    GetParameter: 'signs nothing and tells nobody',
    PutEvents: 'publishes nothing',
    Query: 'reads what it knows the name of',
    GetWebIdentityToken: 'asks for it only where it hands events on',
  },
  'on-request': { PutEvents: 'leaves it to the run', Publish: 'leaves it to the run' },
  'on-run': {},
  'on-schedule': {},
};

/** What Lambda itself does with the role of a function: its log, its queues, its memory of executions. */
export function rightsOfLambda({ stage, name }: Place): readonly Use[] {
  const log = on('logs', `log-group:/aws/lambda/cordon-${stage}-${name}:log-stream:x`);
  const logs = each(['logs:CreateLogStream', 'logs:PutLogEvents'], log);
  const takes = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  if (name === 'on-event') return [...logs, ...each(takes, on('sqs', 'Events'), on('sqs', 'Forwarded'))];
  if (name !== 'on-run') return logs;
  return [
    ...logs,
    ...each(['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'], executionOf(stage)),
    ...each(['sqs:SendMessage'], on('sqs', 'DeadLetters')),
  ];
}
