import {
  CloudTrailClient,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  DescribeDeliveryChannelsCommand,
  StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import {
  CreateDetectorCommand,
  GetDetectorCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  UpdateDetectorCommand,
} from '@aws-sdk/client-guardduty';
import { type Probe, probesOf } from '../probe.ts';

const Name = 'northwind-audit';
const trail = `arn:aws:cloudtrail:eu-west-1:111122223333:trail/${Name}`;
const detector = '3cb0f1a2d4e5968778695a4b3c2d1e0f';
const noDetector = '00000000000000000000000000000000';
const ConfigurationRecorderName = 'default';

const cloudtrail = probesOf('cloudtrail', CloudTrailClient);
const guardduty = probesOf('guardduty', GuardDutyClient);
const config = probesOf('config', ConfigServiceClient);

const trails: readonly Probe[] = [
  cloudtrail('GetTrailStatus by ARN', (client) => client.send(new GetTrailStatusCommand({ Name: trail }))),
  cloudtrail('GetTrailStatus by name', (client) => client.send(new GetTrailStatusCommand({ Name }))),
  cloudtrail('GetTrailStatus of an unknown trail', (client) =>
    client.send(new GetTrailStatusCommand({ Name: `${trail}-unknown` })),
  ),
  cloudtrail('StopLogging', (client) => client.send(new StopLoggingCommand({ Name: trail }))),
  cloudtrail('GetTrailStatus of a stopped trail', (client) => client.send(new GetTrailStatusCommand({ Name: trail }))),
  cloudtrail('StartLogging', (client) => client.send(new StartLoggingCommand({ Name: trail }))),
  cloudtrail('StartLogging of an unknown trail', (client) =>
    client.send(new StartLoggingCommand({ Name: `${trail}-unknown` })),
  ),
  cloudtrail('GetEventSelectors', (client) => client.send(new GetEventSelectorsCommand({ TrailName: trail }))),
  cloudtrail('PutEventSelectors', (client) => {
    const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true }];
    return client.send(new PutEventSelectorsCommand({ TrailName: trail, EventSelectors }));
  }),
  cloudtrail('PutEventSelectors that are advanced', (client) => {
    const FieldSelectors = [{ Field: 'eventCategory', Equals: ['Management'] }];
    const AdvancedEventSelectors = [{ Name: 'management', FieldSelectors }];
    return client.send(new PutEventSelectorsCommand({ TrailName: trail, AdvancedEventSelectors }));
  }),
  cloudtrail('GetEventSelectors that are advanced', (client) =>
    client.send(new GetEventSelectorsCommand({ TrailName: trail })),
  ),
  cloudtrail('PutEventSelectors of an unknown trail', (client) => {
    const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true }];
    return client.send(new PutEventSelectorsCommand({ TrailName: `${trail}-unknown`, EventSelectors }));
  }),
];

const detectors: readonly Probe[] = [
  guardduty('ListDetectors', (client) => client.send(new ListDetectorsCommand({}))),
  guardduty('GetDetector', (client, id) => client.send(new GetDetectorCommand({ DetectorId: id(detector) }))),
  guardduty('GetDetector of an unknown one', (client) =>
    client.send(new GetDetectorCommand({ DetectorId: noDetector })),
  ),
  guardduty('UpdateDetector', (client, id) =>
    client.send(new UpdateDetectorCommand({ DetectorId: id(detector), Enable: true })),
  ),
  guardduty('UpdateDetector of a feature', (client, id) => {
    const Features = [{ Name: 'S3_DATA_EVENTS' as const, Status: 'ENABLED' as const }];
    return client.send(new UpdateDetectorCommand({ DetectorId: id(detector), Features }));
  }),
  guardduty('UpdateDetector of an unknown one', (client) =>
    client.send(new UpdateDetectorCommand({ DetectorId: noDetector, Enable: true })),
  ),
  guardduty('CreateDetector beside another', (client) => client.send(new CreateDetectorCommand({ Enable: true }))),
];

const recorders: readonly Probe[] = [
  config('DescribeConfigurationRecorderStatus', (client) =>
    client.send(
      new DescribeConfigurationRecorderStatusCommand({ ConfigurationRecorderNames: [ConfigurationRecorderName] }),
    ),
  ),
  config('DescribeConfigurationRecorderStatus of an unknown one', (client) =>
    client.send(new DescribeConfigurationRecorderStatusCommand({ ConfigurationRecorderNames: ['unknown'] })),
  ),
  config('DescribeDeliveryChannels', (client) => client.send(new DescribeDeliveryChannelsCommand({}))),
  config('StartConfigurationRecorder', (client) =>
    client.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName })),
  ),
  config('StartConfigurationRecorder of an unknown one', (client) =>
    client.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: 'unknown' })),
  ),
];

/** CloudTrail, GuardDuty and Config: what watches. Some change what later ones see. */
export const loggingProbes: readonly Probe[] = [...trails, ...detectors, ...recorders];
