import {
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  DescribeDeliveryChannelsCommand,
  StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';

/** Its id, which comes after the name, is known to nobody beforehand. */
const recorder = 'arn:{partition}:config:{region}:{account}:configuration-recorder/{recorderName}/*';

/** Config refuses to start a recorder that has nowhere to deliver. */
async function refuseWithoutChannel(aws: AwsSession, recorder: string, abortSignal: AbortSignal): Promise<void> {
  const command = new DescribeDeliveryChannelsCommand({});
  const { DeliveryChannels = [] } = await aws.client(ConfigServiceClient).send(command, { abortSignal });
  if (DeliveryChannels.length > 0) return;
  throw new InvalidInput({
    code: 'by-hand',
    message: `AWS Config has no delivery channel in ${aws.account} ${aws.region}: recorder ${recorder} cannot be started`,
    remedy: 'Make the delivery channel again (PutDeliveryChannel), then start the recorder.',
  });
}

/**
 * Starts the recorder of AWS Config again (docs.aws.amazon.com/config/latest/APIReference, StartConfigurationRecorder).
 * One that AWS made for a service of its own cannot be started by anybody else.
 */
export const configStartRecorder = awsAction({
  id: 'aws.config.start-recorder',
  title: 'Start the recorder of AWS Config again',
  target: 'aws.config.recorder',
  d3fend: 'D3-RC',
  cutsNothing: true,
  input: z.strictObject({
    recorderName: z.string().min(1).max(256).default('default').describe('The recorder; AWS calls it default.'),
  }),
  value: z.enum(['recording', 'stopped']),
  permissions: {
    read: [
      { allow: 'config:DescribeConfigurationRecorderStatus', on: recorder },
      { allow: 'config:DescribeDeliveryChannels', on: '*' },
    ],
    write: [{ allow: 'config:StartConfigurationRecorder', on: recorder }],
  },
  settles: { seconds: 5 },
  keeps: 'The recorder stays on: Cordon holds no right to stop it.',
  cautions: [
    'What changed while it stood still is recorded as it is now, not how it came to be.',
    'A recorder or a delivery channel that was deleted is not made again.',
  ],
  examples: [{ recorderName: 'default' }],
}).does({
  async capture(aws, { recorderName }, { signal: abortSignal }) {
    const command = new DescribeConfigurationRecorderStatusCommand({ ConfigurationRecorderNames: [recorderName] });
    const found = await unlessAbsent(['NoSuchConfigurationRecorder'], () =>
      aws.client(ConfigServiceClient).send(command, { abortSignal }),
    );
    const [status] = found?.ConfigurationRecordersStatus ?? [];
    if (!status) return {};
    if (!status.recording) await refuseWithoutChannel(aws, recorderName, abortSignal);
    return { [recorderName]: status.recording ? 'recording' : 'stopped' };
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((name) => [name, 'recording'])),
  async apply(aws, { resource: ConfigurationRecorderName, to }, { signal: abortSignal }) {
    if (to !== 'recording') return; // it stays as it is: no right to stop a recorder is held
    const command = new StartConfigurationRecorderCommand({ ConfigurationRecorderName });
    await aws.client(ConfigServiceClient).send(command, { abortSignal });
  },
});
