import type * as eventBridge from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import { table } from '../rows.ts';
import { resourcePolicies } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { buses } from './event-buses.ts';
import { AwsFault } from './protocol/fault.ts';

/** A rule of a bus: where what it takes goes. */
export type RuleRow = { readonly enabled: boolean; readonly targets: readonly string[] };

/** Keyed by ARN. */
export const eventRules = table<RuleRow>('aws.events.rules');

type Place = Pick<Call, 'partition' | 'account' | 'region'>;

/** The ARN of a rule; that of the default bus leaves the bus out. */
export const ruleArn = ({ partition, account, region }: Place, name: string, bus = 'default'): string =>
  `arn:${partition}:events:${region}:${account}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;

const absent = (what: string) => new AwsFault('ResourceNotFoundException', `${what} does not exist.`, { status: 400 });

function ruleOf(name: string, bus: string | undefined, call: Call): { readonly arn: string; readonly row: RuleRow } {
  const arn = ruleArn(call, name, bus);
  const row = call.view.get(eventRules, arn);
  if (row) return { arn, row };
  throw absent(`Rule ${name}`);
}

const busArn = ({ partition, account, region }: Place, name: string): string =>
  name.startsWith('arn:') ? name : `arn:${partition}:events:${region}:${account}:event-bus/${name}`;

const operations = operationsOf<typeof eventBridge>()({
  DescribeRule: {
    on: ({ Name = '', EventBusName }, call) => ruleArn(call, Name, EventBusName),
    does({ Name = '', EventBusName }, call) {
      const { arn, row } = ruleOf(Name, EventBusName, call);
      return { Name, Arn: arn, EventBusName: EventBusName ?? 'default', State: row.enabled ? 'ENABLED' : 'DISABLED' };
    },
  },
  ListTargetsByRule: {
    on: ({ Rule = '', EventBusName }, call) => ruleArn(call, Rule, EventBusName),
    does({ Rule = '', EventBusName }, call) {
      const { targets } = ruleOf(Rule, EventBusName, call).row;
      return { Targets: targets.map((Arn, at) => ({ Id: `target-${at + 1}`, Arn })) };
    },
  },
  DescribeEventBus: {
    on: ({ Name = 'default' }, call) => busArn(call, Name),
    does({ Name = 'default' }, call) {
      const Arn = busArn(call, Name);
      if (!call.view.get(buses, Arn)) throw absent(`Event bus ${Name}`);
      const document = call.view.get(resourcePolicies, Arn)?.document;
      return { Name, Arn, ...(document !== undefined && { Policy: document }) };
    },
  },
});

/** Rules of EventBridge, as far as they are read. */
export const eventRulesNoun = awsNoun({
  name: 'eventRules',
  scope: 'region',
  estate: z
    .array(
      z.strictObject({
        name: z.string(),
        bus: z.string().default('default'),
        enabled: z.boolean().default(true),
        targets: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  seed(rows, named, place) {
    for (const { name, bus, enabled, targets } of named)
      rows.put(eventRules, ruleArn(place, name, bus), { enabled, targets });
  },
  operations: { events: operations },
});
