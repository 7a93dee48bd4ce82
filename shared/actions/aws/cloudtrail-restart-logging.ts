import {
  type AdvancedEventSelector,
  CloudTrailClient,
  type EventSelector,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import type { State, StepContext } from '../../action/action.ts';
import { InvalidInput } from '../../model/error.ts';
import { parseArn } from '../../model/identifiers.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

const TrailArn = z
  .string()
  .regex(/^arn:[\w-]+:cloudtrail:[a-z0-9-]+:\d{12}:trail\/[\w.-]{3,128}$/, 'the ARN of a trail');

const Texts = z.array(z.string());
/** The fields of PutEventSelectors as the API names them; what is left out has AWS's own default. */
const Selectors = z.union([
  z.strictObject({
    EventSelectors: z
      .array(
        z.strictObject({
          ReadWriteType: z.enum(['All', 'ReadOnly', 'WriteOnly']).default('All'),
          IncludeManagementEvents: z.boolean().default(true),
          DataResources: z.array(z.strictObject({ Type: z.string(), Values: Texts })).default([]),
          ExcludeManagementEventSources: Texts.default([]),
        }),
      )
      .min(1)
      .max(5),
  }),
  z.strictObject({
    AdvancedEventSelectors: z
      .array(
        z.strictObject({
          Name: z.string().default(''),
          FieldSelectors: z.array(
            z.strictObject({
              Field: z.string(),
              Equals: Texts.exactOptional(),
              StartsWith: Texts.exactOptional(),
              EndsWith: Texts.exactOptional(),
              NotEquals: Texts.exactOptional(),
              NotStartsWith: Texts.exactOptional(),
              NotEndsWith: Texts.exactOptional(),
            }),
          ),
        }),
      )
      .min(1)
      .max(500),
  }),
]);
type Selectors = z.output<typeof Selectors>;

const Value = z.union([z.enum(['logging', 'stopped']), Selectors]);
type Value = z.output<typeof Value>;

const trail = 'arn:{partition}:cloudtrail:*:{account}:trail/*';
const selectorsKey = (trailArn: string): string => `${trailArn}/selectors`;

/** A session in the trail's home: a trail is started and changed there alone, and only by its own account. */
async function homeOf(aws: AwsSession, trailArn: string): Promise<AwsSession> {
  const { account, region = aws.region } = parseArn(trailArn) ?? {};
  if (account !== aws.account)
    throw new InvalidInput({
      code: 'by-hand',
      message: `${trailArn} is of account ${account}: a trail of the whole organisation is started by its owner alone`,
      remedy: `Start it in account ${account}.`,
    });
  return region === aws.region ? aws : aws.elsewhere({ region });
}

/** Members that AWS leaves out where they are empty are spelt out, so that what is wanted compares with what is there. */
const spelt = ({ EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsCommandOutput): Selectors =>
  Selectors.parse(AdvancedEventSelectors.length > 0 ? { AdvancedEventSelectors } : { EventSelectors });

async function read(home: AwsSession, trailArn: string, { signal: abortSignal }: StepContext) {
  const command = new GetTrailStatusCommand({ Name: trailArn });
  return unlessAbsent(['TrailNotFound'], () => home.client(CloudTrailClient).send(command, { abortSignal }));
}

/**
 * Starts a trail that was stopped (docs.aws.amazon.com/awscloudtrail/latest/APIReference, StartLogging), and puts its
 * event selectors back where the wanted ones are given. Cordon has no right to stop a trail, so nothing takes it back.
 */
export const cloudtrailRestartLogging = awsAction({
  id: 'aws.cloudtrail.restart-logging',
  title: 'Start a CloudTrail trail again',
  target: 'aws.cloudtrail.trail',
  d3fend: 'D3-RC',
  cutsNothing: true,
  input: z.strictObject({
    trailArn: TrailArn.describe('The trail; its ARN names its home region.'),
    selectors: Selectors.optional().describe(
      'What it should log, as PutEventSelectors takes it; left alone by default.',
    ),
  }),
  value: Value,
  permissions: {
    read: [
      { allow: 'cloudtrail:GetTrailStatus', on: trail },
      { allow: 'cloudtrail:GetEventSelectors', on: trail },
    ],
    write: [
      { allow: 'cloudtrail:StartLogging', on: trail },
      { allow: 'cloudtrail:PutEventSelectors', on: trail },
    ],
  },
  settles: { seconds: 5 },
  keeps: 'Logging stays on: Cordon holds no right to stop it.',
  cautions: [
    'What was called while the trail stood still is in no log of it; event history has management events of 90 days.',
    'A bucket or a key that refuses what is delivered keeps the trail blind: the delivery error is looked at.',
    'A trail that was deleted is not made again.',
  ],
  examples: [
    { trailArn: 'arn:aws:cloudtrail:eu-west-1:111111111111:trail/audit' },
    {
      trailArn: 'arn:aws:cloudtrail:eu-west-1:111111111111:trail/audit',
      selectors: { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] },
    },
  ],
}).does({
  async capture(aws, { trailArn, selectors }, step) {
    const home = await homeOf(aws, trailArn);
    const status = await read(home, trailArn, step);
    if (!status) return {};
    const state: State<Value> = { [trailArn]: status.IsLogging ? 'logging' : 'stopped' };
    if (selectors === undefined) return state;
    const command = new GetEventSelectorsCommand({ TrailName: trailArn });
    const selected = await home.client(CloudTrailClient).send(command, { abortSignal: step.signal });
    return { ...state, [selectorsKey(trailArn)]: spelt(selected) };
  },
  plan: ({ trailArn, selectors }) => ({
    [trailArn]: 'logging',
    ...(selectors && { [selectorsKey(trailArn)]: selectors }),
  }),
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    if (to === null || to === 'stopped') return; // it stays as it is: no right to stop a trail is held
    const trailArn = resource.replace(/\/selectors$/, '');
    const client = (await homeOf(aws, trailArn)).client(CloudTrailClient);
    if (to === 'logging') return void (await client.send(new StartLoggingCommand({ Name: trailArn }), { abortSignal }));
    const given: { EventSelectors?: EventSelector[]; AdvancedEventSelectors?: AdvancedEventSelector[] } = to;
    await client.send(new PutEventSelectorsCommand({ TrailName: trailArn, ...given }), { abortSignal });
  },
  /** A trail may be on and deliver nothing. What failed before it was started again does not count. */
  async probe(aws, { trailArn }, step) {
    const status = await read(await homeOf(aws, trailArn), trailArn, step);
    const {
      LatestDeliveryError: error,
      LatestDeliveryAttemptTime: tried = '',
      StartLoggingTime: started,
    } = status ?? {};
    return !error || Date.parse(tried) < (started?.getTime() ?? 0);
  },
});
