import { DescribeRuleCommand, type EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { awsCode } from '../../../shared/actions/aws/fault.ts';
import type { Patience } from '../patience.ts';

/** A rule of EventBridge by its name, and whether one of its targets is where its events have to go. */
export type Rule = { readonly name: string; readonly bus?: string; readonly leadsTo: (arn: string) => boolean };

/** The rights that looking at a rule takes. */
export const ruleRights = ['events:DescribeRule', 'events:ListTargetsByRule'] as const;

/** What keeps a rule from handing events on; nothing where it does. Throws what is no answer. */
export async function faultIn(
  client: EventBridgeClient,
  { name, bus, leadsTo }: Rule,
  patience: Patience,
): Promise<'is not there' | 'is switched off' | 'leads somewhere else' | undefined> {
  const on = bus === undefined ? {} : { EventBusName: bus };
  try {
    const { State } = await client.send(new DescribeRuleCommand({ Name: name, ...on }), { abortSignal: patience() });
    if (State === 'DISABLED') return 'is switched off';
    const { Targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: name, ...on }), {
      abortSignal: patience(),
    });
    return Targets.some(({ Arn = '' }) => leadsTo(Arn)) ? undefined : 'leads somewhere else';
  } catch (thrown) {
    if (awsCode(thrown) === 'ResourceNotFound') return 'is not there';
    throw thrown;
  }
}
