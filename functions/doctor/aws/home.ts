import { DescribeEventBusCommand, EventBridgeClient, type EventBridgeClientConfig } from '@aws-sdk/client-eventbridge';
import { GetAliasCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { awsCode, awsFault } from '../../../shared/actions/aws/fault.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { parseArn } from '../../../shared/model/identifiers.ts';
import { linesOf } from '../examined.ts';
import type { Patience } from '../patience.ts';
import { isDenied, said } from './asking.ts';
import { faultIn, type Rule, ruleRights } from './rules.ts';

/** What clients are made with; tests lead them to the sandbox. */
export type HomeClients = Pick<EventBridgeClientConfig, 'region' | 'credentials' | 'requestHandler'>;

/** Where Cordon's own parts stand, by the names that serverless.yml gives them. */
export type AwsHome = {
  /** The bus that forwarders send to: `arn:aws:events:eu-west-1:111122223333:event-bus/cordon-production`. */
  readonly bus: string;
  /** As `CORDON_RUN_FUNCTION` names it: the function with its alias. */
  readonly runFunction: string;
  readonly settings: Settings;
  readonly clients: HomeClients;
};

const { ok, warning, missing } = linesOf('home');
const redeploy = 'Deploy this stage again: `npx serverless deploy --stage …` makes it as it must be.';

/** The bus that serverless.yml makes beside the functions, in the account that they run in. */
export async function homeBusOf(runFunction: string, clients: HomeClients): Promise<string> {
  const client = new STSClient({ ...clients, maxAttempts: 1 });
  const command = new GetCallerIdentityCommand();
  const { Account = '', Arn = '' } = await client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
  const name = runFunction.replace(/-on-run(:.*)?$/, '');
  return `arn:${parseArn(Arn)?.partition ?? 'aws'}:events:${await client.config.region()}:${Account}:event-bus/${name}`;
}

type Look = {
  readonly what: string;
  readonly rights: readonly string[];
  readonly see: () => Promise<readonly Examined[]>;
};

/** What could not be seen is said, with the right that it takes. */
async function seen({ what, rights, see }: Look): Promise<readonly Examined[]> {
  try {
    return await see();
  } catch (thrown) {
    const fault = awsFault(thrown);
    if (!isDenied(fault)) return [warning(`${what} cannot be seen: ${said(fault)}`, 'Ask again.')];
    const right = rights.find((one) => said(fault).includes(one)) ?? rights[0] ?? '';
    const remedy = `Grant ${right} to the role of on-request, as functions/aws/deploy/roles.yml does.`;
    return [warning(`${what} cannot be seen: ${right} is refused`, remedy, right)];
  }
}

type Place = { readonly partition: string; readonly account: string; readonly region: string; readonly prefix: string };

function placeOf({ bus }: AwsHome): Place {
  const { partition = 'aws', account = '', region = '', resource = '' } = parseArn(bus) ?? {};
  return { partition, account, region, prefix: resource.replace('event-bus/', '') };
}

/** The rules of serverless.yml: what comes goes to a queue of the stage, what touches Cordon to people, the clock to on-schedule. */
function rulesOf({ partition, account, region, prefix }: Place): readonly Rule[] {
  const within = (service: string, name: string) => (arn: string) =>
    arn.startsWith(`arn:${partition}:${service}:${region}:${account}:${name}`);
  const queue = within('sqs', `${prefix}-`);
  const people = within('sns', `${prefix}-alarms`);
  const own = [undefined, prefix].flatMap((bus) => {
    const on = bus === undefined ? {} : { bus };
    return [
      { name: `${prefix}-findings`, ...on, leadsTo: queue },
      { name: `${prefix}-calls`, ...on, leadsTo: queue },
      { name: `${prefix}-tampering`, ...on, leadsTo: people },
    ];
  });
  return [
    ...own,
    { name: `${prefix}-azure`, bus: `${prefix}-azure`, leadsTo: queue },
    { name: `${prefix}-on-schedule-rule-1`, leadsTo: within('lambda', `function:${prefix}-on-schedule`) },
  ];
}

async function rulesLines({ clients }: AwsHome, place: Place, patience: Patience): Promise<readonly Examined[]> {
  const client = new EventBridgeClient({ ...clients, maxAttempts: 1 });
  const rules = rulesOf(place);
  const wrong: Examined[] = [];
  for (const rule of rules) {
    const fault = await faultIn(client, rule, patience);
    const where = rule.bus === undefined ? '' : ` of bus ${rule.bus}`;
    if (fault) wrong.push(missing(`rule ${rule.name}${where} ${fault}: its events do not come`, redeploy));
  }
  return wrong.length > 0 ? wrong : [ok(`${rules.length} rules hand on what comes`)];
}

const Policy = z.object({
  Statement: z.array(
    z.object({
      Effect: z.string(),
      Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
    }),
  ),
});

/** Whether forwarders of an organisation may put events on the bus. */
const letsForwardersIn = (policy: string): boolean =>
  Policy.parse(JSON.parse(policy)).Statement.some(
    ({ Effect, Condition }) =>
      Effect === 'Allow' && Object.values(Condition).some((keys) => Object.hasOwn(keys, 'aws:PrincipalOrgID')),
  );

async function busLines(
  home: AwsHome,
  { account, region, prefix }: Place,
  patience: Patience,
): Promise<readonly Examined[]> {
  const { accounts, regions } = home.settings.aws;
  const alone = Object.keys(accounts).every((one) => one === account) && regions.every((one) => one === region);
  const client = new EventBridgeClient({ ...home.clients, maxAttempts: 1 });
  try {
    const { Policy: policy } = await client.send(new DescribeEventBusCommand({ Name: prefix }), {
      abortSignal: patience(),
    });
    if (policy && letsForwardersIn(policy)) return [ok(`bus ${prefix} takes events of the organisation's forwarders`)];
    if (alone) return [ok(`bus ${prefix} is there; no other account or region is to be heard`)];
    return [
      missing(
        `bus ${prefix} takes events of no organisation: other accounts and regions are not heard`,
        'Deploy this stage with --param=organizationId=o-….',
      ),
    ];
  } catch (thrown) {
    if (awsCode(thrown) === 'ResourceNotFound') return [missing(`bus ${prefix} is not there`, redeploy)];
    throw thrown;
  }
}

async function alarmLines({ clients }: AwsHome, place: Place, patience: Patience): Promise<readonly Examined[]> {
  const { partition, account, region, prefix } = place;
  const TopicArn = `arn:${partition}:sns:${region}:${account}:${prefix}-alarms`;
  const client = new SNSClient({ ...clients, maxAttempts: 1 });
  const arns: string[] = [];
  try {
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client },
      { TopicArn },
      { abortSignal: patience() },
    ))
      arns.push(...Subscriptions.map(({ SubscriptionArn = '' }) => SubscriptionArn));
  } catch (thrown) {
    if (awsCode(thrown) === 'NotFound') return [missing(`topic ${prefix}-alarms is not there`, redeploy)];
    throw thrown;
  }
  const confirmed = arns.filter((arn) => arn.startsWith('arn:'));
  if (confirmed.length > 0)
    return [ok(`alarms reach ${confirmed.length} of ${arns.length} subscribers of ${prefix}-alarms`)];
  if (arns.length === 0)
    return [missing('nobody is told of alarms', `Subscribe somebody to ${prefix}-alarms: --param=alarmEmail=….`)];
  return [
    missing('nobody who is to be told of alarms has confirmed it', 'Answer the mail of SNS, or subscribe again.'),
  ];
}

async function aliasLines({ clients, runFunction }: AwsHome, patience: Patience): Promise<readonly Examined[]> {
  const [FunctionName = '', Name = ''] = runFunction.split(':');
  const client = new LambdaClient({ ...clients, maxAttempts: 1 });
  try {
    const { FunctionVersion } = await client.send(new GetAliasCommand({ FunctionName, Name }), {
      abortSignal: patience(),
    });
    return [ok(`runs are carried by ${FunctionName}, version ${FunctionVersion}`)];
  } catch (thrown) {
    if (awsCode(thrown) === 'ResourceNotFound')
      return [missing(`${FunctionName} has no alias ${Name}: no run can be started`, redeploy)];
    throw thrown;
  }
}

/**
 * What stands around the functions, as serverless.yml makes it: rules, the bus, who is told of alarms, what carries runs.
 * What lies in queues is not looked at: alarms tell of it, and whether they reach anybody is.
 */
export async function examineAwsHome(home: AwsHome, patience: Patience): Promise<readonly Examined[]> {
  const place = placeOf(home);
  const looks: readonly Look[] = [
    { what: 'The rules', rights: ruleRights, see: () => rulesLines(home, place, patience) },
    { what: 'The bus', rights: ['events:DescribeEventBus'], see: () => busLines(home, place, patience) },
    {
      what: 'Who is told of alarms',
      rights: ['sns:ListSubscriptionsByTopic'],
      see: () => alarmLines(home, place, patience),
    },
    { what: 'What carries runs', rights: ['lambda:GetAlias'], see: () => aliasLines(home, patience) },
  ];
  const all: Examined[] = [];
  for (const look of looks) all.push(...(await seen(look)));
  return all;
}
