import type * as config from '@aws-sdk/client-config-service';
import * as z from 'zod';
import { type Rows, table } from '../rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Recorder = z.strictObject({
  name: z.string().default('default'),
  recording: z.boolean().default(true),
  /** Where what is recorded goes; left out where the channel is gone. */
  channel: z.string().exactOptional(),
});

/** The customer's recorder of a region, with its delivery channel. */
export type RecorderRow = z.output<typeof Recorder> & { readonly account: string; readonly region: string };

/** Keyed by `account/region`. */
export const recorders = table<RecorderRow>('aws.config.recorders');

type Place = { readonly account: string; readonly region: string };
const keyOf = ({ account, region }: Place): string => `${account}/${region}`;

/** Whether changes of resources are recorded there. */
export const isRecording = (rows: Pick<Rows, 'get'>, place: Place): boolean =>
  rows.get(recorders, keyOf(place))?.recording === true;

/** The recorder of a region; throws what Config answers where there is none of that name. */
function recorderOf(name: string | undefined, call: Call): RecorderRow {
  const found = call.view.get(recorders, keyOf(call));
  if (found && found.name === (name ?? found.name)) return found;
  throw new AwsFault(
    'NoSuchConfigurationRecorderException',
    `Cannot find configuration recorder with the specified name '${name ?? ''}'.`,
    { status: 400 },
  );
}

const put = ({ world }: Call, row: RecorderRow): void => world.rows.put(recorders, keyOf(row), row);

const arnOf = ({ partition, account, region, view }: Call, name: string | undefined): string =>
  `arn:${partition}:config:${region}:${account}:configuration-recorder/${name ?? view.get(recorders, keyOf({ account, region }))?.name ?? 'default'}/rec-7f3a91c2`;

const operations = operationsOf<typeof config>()({
  DescribeConfigurationRecorderStatus: {
    on: ({ ConfigurationRecorderNames: [name] = [] }, call) => arnOf(call, name),
    does({ ConfigurationRecorderNames: [name] = [] }, call) {
      const found = name === undefined ? call.view.get(recorders, keyOf(call)) : recorderOf(name, call);
      return {
        ConfigurationRecordersStatus: found
          ? [{ name: found.name, recording: found.recording, lastStatus: 'Success' as const }]
          : [],
      };
    },
  },
  DescribeDeliveryChannels: {
    does(_, call) {
      const channel = call.view.get(recorders, keyOf(call))?.channel;
      return { DeliveryChannels: channel === undefined ? [] : [{ name: 'default', s3BucketName: channel }] };
    },
  },
  StartConfigurationRecorder: {
    on: ({ ConfigurationRecorderName: name }, call) => arnOf(call, name),
    does({ ConfigurationRecorderName: name }, call) {
      const found = recorderOf(name, call);
      if (found.channel === undefined)
        throw new AwsFault('NoAvailableDeliveryChannelException', 'Delivery channel is not available.', {
          status: 400,
        });
      put(call, { ...found, recording: true });
      return {};
    },
  },
  StopConfigurationRecorder: {
    on: ({ ConfigurationRecorderName: name }, call) => arnOf(call, name),
    does({ ConfigurationRecorderName: name }, call) {
      put(call, { ...recorderOf(name, call), recording: false });
      return {};
    },
  },
  DeleteDeliveryChannel: {
    does(_, call) {
      const { channel: _gone, ...found } = recorderOf(undefined, call);
      if (found.recording)
        throw new AwsFault(
          'LastDeliveryChannelDeleteFailedException',
          'Failed to delete last specified delivery channel with name default, because there is a running configuration recorder.',
          { status: 400 },
        );
      put(call, found);
      return {};
    },
  },
});

/** What AWS Config records in a region, and where it delivers that. */
export const configRecorders = awsNoun({
  name: 'configRecorder',
  scope: 'region',
  estate: Recorder.optional(),
  seed(rows, recorder, place) {
    if (recorder) rows.put(recorders, keyOf(place), { ...recorder, account: place.account, region: place.region });
  },
  operations: { config: operations },
});
