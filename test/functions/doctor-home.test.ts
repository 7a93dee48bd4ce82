import { beforeAll, describe, expect, it } from 'vitest';
import { type AwsHome, examineAwsHome, homeBusOf } from '../../functions/doctor/aws/home.ts';
import { patienceWithin } from '../../functions/doctor/patience.ts';
import type { Examined } from '../../shared/model/examined.ts';
import { buses } from '../../shared/sandbox/aws/event-buses.ts';
import { eventRules, ruleArn } from '../../shared/sandbox/aws/event-rules.ts';
import { resourcePolicies, users } from '../../shared/sandbox/aws/iam-rows.ts';
import { type FunctionRow, functions } from '../../shared/sandbox/aws/lambda-rows.ts';
import { topics } from '../../shared/sandbox/aws/sns-topics.ts';
import { type Resource, stackOf } from '../support/cloud-formation.ts';
import { identities, northwindSandbox, northwindSettings, security as home } from '../support/company.ts';
import { packaged } from '../support/packaged.ts';
import { policiesOf } from '../support/stack-rights.ts';

const stack: { made: Readonly<Record<string, Resource>> } = { made: {} };
beforeAll(async () => {
  stack.made = stackOf(await packaged('production'));
}, 120_000);

const region = 'eu-west-1';
const place = { partition: 'aws', account: home, region };
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${home}:${rest}`;
const bus = arn('events', 'event-bus/cordon-production');
const alarms = arn('sns', 'cordon-production-alarms');
const runs = arn('lambda', 'function:cordon-production-on-run');
const regions = [region];

/** What serverless.yml makes, where everything stands as it should; asked with the rights that it gives to on-request. */
function deployed(without?: string) {
  const sandbox = northwindSandbox();
  const { rows } = sandbox;
  for (const name of ['', '-azure']) rows.put(buses, `${bus}${name}`, { account: home, region });
  const forwarders = {
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: bus },
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-northwind1' } },
      },
    ],
  };
  rows.put(resourcePolicies, bus, { account: home, document: JSON.stringify(forwarders) });
  const queue = arn('sqs', 'cordon-production-Events-1A2B3C');
  const rule = (name: string, target: string, on?: string) =>
    rows.put(eventRules, ruleArn(place, `cordon-production-${name}`, on), { enabled: true, targets: [target] });
  for (const on of [undefined, 'cordon-production']) {
    rule('findings', queue, on);
    rule('calls', queue, on);
    rule('tampering', alarms, on);
  }
  rule('azure', arn('sqs', 'cordon-production-Forwarded-4D5E6F'), 'cordon-production-azure');
  rule('on-schedule-rule-1', arn('lambda', 'function:cordon-production-on-schedule'));
  const mail = { protocol: 'email', endpoint: 'oncall@northwind.example', confirmed: true };
  rows.put(topics, alarms, { account: home, region, subscriptions: [mail] });
  const [known] = [...rows.all(functions)].map(([, row]) => row);
  if (!known) throw new Error('the estate has no function');
  const row: FunctionRow = {
    ...known,
    arn: runs,
    name: 'cordon-production-on-run',
    aliases: { durable: { version: '7' } },
  };
  rows.put(functions, runs, row);

  const role = Object.values(stack.made).find(
    ({ Properties }) => Properties['RoleName'] === 'cordon-production-request',
  );
  const documents = policiesOf(role).map(({ Statement, ...rest }) => ({
    ...rest,
    Statement: Statement.map(({ Action, ...one }) => ({ ...one, Action: Action?.filter((each) => each !== without) })),
  }));
  const key = `${home}/cordon-home`;
  const user = rows.get(users, key);
  if (!user) throw new Error('the estate has no such user');
  const filled = documents.map((one) => ({ ...one, Statement: one.Statement.filter(({ Action }) => Action?.length) }));
  const inline = Object.fromEntries(filled.map((one, at) => [`own-${at}`, JSON.stringify(one)]));
  rows.put(users, key, { ...user, inline });
  return sandbox;
}

type Sandbox = ReturnType<typeof deployed>;
const settings = northwindSettings();
const patient = ({ requestHandler }: Sandbox, aws = { ...settings.aws, regions }): AwsHome => ({
  ...{ bus, runFunction: 'cordon-production-on-run:durable', settings: { ...settings, aws } },
  clients: { region, credentials: identities.aws, requestHandler },
});
const examined = (sandbox: Sandbox): Promise<readonly Examined[]> => examineAwsHome(patient(sandbox), patienceWithin());
const wrong = async (sandbox: Sandbox) => (await examined(sandbox)).filter(({ mark }) => mark !== 'ok');

describe('the home in AWS', () => {
  it('is found whole with the rights of on-request, which are all that it takes', async () => {
    const sandbox = deployed();
    const all = await examined(sandbox);
    expect(all.map(({ mark, what }) => `${mark}: ${what}`)).toEqual([
      'ok: 8 rules hand on what comes',
      "ok: bus cordon-production takes events of the organisation's forwarders",
      'ok: alarms reach 1 of 1 subscribers of cordon-production-alarms',
      'ok: runs are carried by cordon-production-on-run, version 7',
    ]);
    expect(sandbox.recorder.calls.filter(({ mutating }) => mutating)).toEqual([]);
  });

  it.each([
    'events:DescribeRule',
    'events:ListTargetsByRule',
    'events:DescribeEventBus',
    'sns:ListSubscriptionsByTopic',
    'lambda:GetAlias',
  ])('says what cannot be seen without %s, and sees the rest', async (right) => {
    const all = await examined(deployed(right));
    expect(all.filter(({ mark }) => mark !== 'ok')).toMatchObject([{ mark: 'warning', right }]);
    expect(all).toHaveLength(4);
  });

  it('finds its bus by the account that the functions are in', async () => {
    const { clients } = patient(deployed());
    expect(await homeBusOf('cordon-production-on-run:durable', clients)).toBe(bus);
  });

  it.each([
    ['is gone', (sandbox: Sandbox, one: string) => sandbox.rows.delete(eventRules, one), 'is not there'],
    [
      'is off',
      (sandbox: Sandbox, one: string) => sandbox.rows.put(eventRules, one, { enabled: false, targets: [] }),
      'is switched off',
    ],
    [
      'leads to a queue of somebody else',
      (sandbox: Sandbox, one: string) =>
        sandbox.rows.put(eventRules, one, {
          enabled: true,
          targets: [`arn:aws:sqs:${region}:111122223333:cordon-production-x`],
        }),
      'leads somewhere else',
    ],
  ])('names a rule that %s', async (_, change, said) => {
    const sandbox = deployed();
    change(sandbox, ruleArn(place, 'cordon-production-findings', 'cordon-production'));
    expect(await wrong(sandbox)).toMatchObject([
      {
        mark: 'missing',
        what: `rule cordon-production-findings of bus cordon-production ${said}: its events do not come`,
      },
    ]);
  });

  it('names a bus that takes events of no organisation, unless nobody else is to be heard', async () => {
    const sandbox = deployed();
    sandbox.rows.delete(resourcePolicies, bus);
    expect(await wrong(sandbox)).toMatchObject([
      { mark: 'missing', remedy: expect.stringContaining('--param=organizationId=') },
    ]);
    const { [home]: own } = settings.aws.accounts;
    const alone = patient(sandbox, { ...settings.aws, regions, accounts: own ? { [home]: own } : {} });
    expect((await examineAwsHome(alone, patienceWithin())).every(({ mark }) => mark === 'ok')).toBe(true);
    sandbox.rows.delete(buses, bus);
    expect(await wrong(sandbox)).toMatchObject([{ mark: 'missing', what: 'bus cordon-production is not there' }]);
  });

  it('tells alarms that reach nobody: no subscription, or none that is confirmed', async () => {
    const sandbox = deployed();
    const mail = { protocol: 'email', endpoint: 'oncall@northwind.example', confirmed: false };
    sandbox.rows.put(topics, alarms, { account: home, region, subscriptions: [mail] });
    expect(await wrong(sandbox)).toMatchObject([{ what: 'nobody who is to be told of alarms has confirmed it' }]);
    sandbox.rows.put(topics, alarms, { account: home, region });
    expect(await wrong(sandbox)).toMatchObject([{ what: 'nobody is told of alarms' }]);
    sandbox.rows.delete(topics, alarms);
    expect(await wrong(sandbox)).toMatchObject([{ what: 'topic cordon-production-alarms is not there' }]);
  });

  it('tells a function without the alias that runs are started by', async () => {
    const sandbox = deployed();
    const row = sandbox.rows.get(functions, runs);
    if (row) sandbox.rows.put(functions, runs, { ...row, aliases: {} });
    expect(await wrong(sandbox)).toMatchObject([
      { mark: 'missing', what: 'cordon-production-on-run has no alias durable: no run can be started' },
    ]);
  });
});
