import {
  CreateDetectorCommand,
  type DetectorFeatureConfiguration,
  GetDetectorCommand,
  GuardDutyClient,
  paginateListDetectors,
  UpdateDetectorCommand,
} from '@aws-sdk/client-guardduty';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { type AwsSession, awsAction } from './aws-action.ts';

const Standing = z.enum(['ENABLED', 'DISABLED']);
type Standing = z.output<typeof Standing>;

const detectors = 'arn:{partition}:guardduty:{region}:{account}:detector/*';

const keyOf = ({ account, region }: AwsSession): string => `${account}/${region}/detector`;
const featureKey = (aws: AwsSession, name: string): string => `${keyOf(aws)}/${name}`;

/** The one detector that an account has in a region, if any. */
async function findDetector(aws: AwsSession, { signal: abortSignal }: StepContext): Promise<string | undefined> {
  const pages = paginateListDetectors({ client: aws.client(GuardDutyClient) }, {}, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ DetectorIds = [] }) => DetectorIds)[0];
}

/** GuardDuty itself says which features there are, and refuses others. */
const configured = (Name: string, Status: Standing): DetectorFeatureConfiguration =>
  ({ Name, Status }) as DetectorFeatureConfiguration;

/**
 * Switches GuardDuty on again in a region, with the features that are named (docs.aws.amazon.com/guardduty/latest/APIReference,
 * UpdateDetector). Where the detector is gone a new one is made (CreateDetector), which has another id.
 */
export const guarddutyEnableDetector = awsAction({
  id: 'aws.guardduty.enable-detector',
  title: 'Switch GuardDuty on again',
  target: 'aws.guardduty.detector',
  d3fend: 'D3-RC',
  cutsNothing: true,
  input: z.strictObject({
    features: z
      .array(z.string().regex(/^[A-Z0-9_]{1,64}$/, 'a feature as GuardDuty names it: S3_DATA_EVENTS'))
      .max(20)
      .default([])
      .describe('Protections to switch on as well, as S3_DATA_EVENTS; others are left as they are.'),
  }),
  value: Standing,
  permissions: {
    read: [
      { allow: 'guardduty:ListDetectors', on: '*' },
      { allow: 'guardduty:GetDetector', on: detectors },
    ],
    write: [
      { allow: 'guardduty:ListDetectors', on: '*' },
      { allow: 'guardduty:UpdateDetector', on: detectors },
      { allow: 'guardduty:CreateDetector', on: '*' },
      { allow: 'guardduty:TagResource', on: detectors },
    ],
  },
  settles: { seconds: 5 },
  keeps: 'GuardDuty stays on: Cordon holds no right to delete a detector, and does not suspend one.',
  cautions: [
    'A detector that was deleted is made anew under another id: its findings, filters, lists and members are lost.',
    'A new detector has the features that AWS gives one by default, and costs what they cost.',
    'GuardDuty’s service-linked role has to be there still: Cordon makes no roles.',
    'Where another account administers GuardDuty, some features can be switched on there alone.',
  ],
  examples: [{}, { features: ['S3_DATA_EVENTS', 'RUNTIME_MONITORING'] }],
}).does({
  async capture(aws, { features }, step) {
    const DetectorId = await findDetector(aws, step);
    const nothing = Object.fromEntries(features.map((name) => [featureKey(aws, name), null]));
    if (DetectorId === undefined) return { [keyOf(aws)]: null, ...nothing };
    const command = new GetDetectorCommand({ DetectorId });
    const found = await aws.client(GuardDutyClient).send(command, { abortSignal: step.signal });
    const seen = features.map((name) => {
      const known = found.Features?.find(({ Name }) => Name === name);
      return [featureKey(aws, name), known?.Status === 'ENABLED' ? 'ENABLED' : 'DISABLED'] as const;
    });
    const status: Standing = found.Status === 'ENABLED' ? 'ENABLED' : 'DISABLED';
    return { [keyOf(aws)]: status, ...Object.fromEntries(seen) };
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((key) => [key, 'ENABLED'])),
  async apply(aws, { resource, from, to }, step) {
    if (to !== 'ENABLED') return; // it stays as it is: nothing is switched off
    const client = aws.client(GuardDutyClient);
    const { key: ClientToken, runId, signal: abortSignal } = step;
    const isDetector = resource === keyOf(aws);
    if (isDetector && from === null) {
      const command = new CreateDetectorCommand({ Enable: true, ClientToken, Tags: { 'cordon:run': runId } });
      await client.send(command, { abortSignal });
      return;
    }
    const DetectorId = await findDetector(aws, step);
    const wanted = isDetector ? { Enable: true } : { Features: [configured(resource.split('/').at(-1) ?? '', to)] };
    await client.send(new UpdateDetectorCommand({ DetectorId, ...wanted }), { abortSignal });
  },
});
