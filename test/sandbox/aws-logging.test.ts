import {
  CloudTrailClient,
  DeleteTrailCommand,
  GetTrailCommand,
  PutEventSelectorsCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  ConfigServiceClient,
  DeleteDeliveryChannelCommand,
  StartConfigurationRecorderCommand,
  StopConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateDetectorCommand, GuardDutyClient, UpdateDetectorCommand } from '@aws-sdk/client-guardduty';
import { CreateLoginProfileCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { isRecorded } from '../../shared/sandbox/aws/cloudtrail-trails.ts';
import { isRecording } from '../../shared/sandbox/aws/config-recorders.ts';
import { isWatched } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { holding, refusal } from '../support/attacker.ts';
import { northwindSandbox, production } from '../support/company.ts';

const everything = 'AKIASVCBACKUP0000001';
const place = { account: production, region: 'eu-west-1' };
const Name = `arn:aws:cloudtrail:eu-west-1:${production}:trail/northwind-audit`;

describe('CloudTrail', () => {
  it('is changed where the trail is at home alone, and records nothing once it is stopped', async () => {
    const sandbox = northwindSandbox();
    const at = (region: string) => new CloudTrailClient(holding(sandbox, everything, region));
    const stop = (region: string, name = Name) => refusal(at(region).send(new StopLoggingCommand({ Name: name })));
    expect((await at('us-east-1').send(new GetTrailCommand({ Name }))).Trail?.HomeRegion).toBe('eu-west-1');
    expect(await stop('us-east-1')).toBe('InvalidHomeRegionException');
    expect(await stop('eu-west-1', 'none')).toBe('TrailNotFoundException');
    expect(isRecorded(sandbox.rows, place)).toBe(true);
    expect(await stop('eu-west-1')).toBeUndefined();
    expect(isRecorded(sandbox.rows, place)).toBe(false);
  });

  it('answers with the selectors of the one form that it was given', async () => {
    const client = new CloudTrailClient(holding(northwindSandbox(), everything));
    const EventSelectors = [{ ReadWriteType: 'WriteOnly' as const }];
    const plain = await client.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors }));
    expect(plain).toMatchObject({ TrailARN: Name, EventSelectors });
    expect(plain).not.toHaveProperty('AdvancedEventSelectors');
    const AdvancedEventSelectors = [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }];
    const advanced = await client.send(new PutEventSelectorsCommand({ TrailName: Name, AdvancedEventSelectors }));
    expect(advanced).toMatchObject({ AdvancedEventSelectors });
    expect(advanced).not.toHaveProperty('EventSelectors');
  });

  it('records nothing where management events are left out or the trail is gone', async () => {
    const sandbox = northwindSandbox();
    const client = new CloudTrailClient(holding(sandbox, everything));
    const select = (IncludeManagementEvents: boolean) =>
      client.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors: [{ IncludeManagementEvents }] }));
    await select(false);
    expect(isRecorded(sandbox.rows, place)).toBe(false);
    await select(true);
    expect(isRecorded(sandbox.rows, place)).toBe(true);
    expect(await refusal(client.send(new PutEventSelectorsCommand({ TrailName: Name })))).toBe(
      'InvalidEventSelectorsException',
    );
    await client.send(new DeleteTrailCommand({ Name }));
    expect(isRecorded(sandbox.rows, place)).toBe(false);
  });
});

it('Config starts nothing that has nowhere to deliver, and keeps the channel of what runs', async () => {
  const sandbox = northwindSandbox();
  const client = new ConfigServiceClient(holding(sandbox, everything));
  const [recorder, channel] = [{ ConfigurationRecorderName: 'default' }, { DeliveryChannelName: 'default' }];
  const drop = () => refusal(client.send(new DeleteDeliveryChannelCommand(channel)));
  expect(await drop()).toBe('LastDeliveryChannelDeleteFailedException');
  await client.send(new StopConfigurationRecorderCommand(recorder));
  expect(isRecording(sandbox.rows, place)).toBe(false);
  expect(await drop()).toBeUndefined();
  expect(await refusal(client.send(new StartConfigurationRecorderCommand(recorder)))).toBe(
    'NoAvailableDeliveryChannelException',
  );
});

it('GuardDuty has one detector in a region, and watches what is on', async () => {
  const sandbox = northwindSandbox();
  const client = new GuardDutyClient(holding(sandbox, everything));
  expect(await refusal(client.send(new CreateDetectorCommand({ Enable: true })))).toBe('BadRequestException');
  const DetectorId = '3cb0f1a2d4e5968778695a4b3c2d1e0f';
  const Features = [{ Name: 'S3_DATA_EVENTS', Status: 'DISABLED' } as const];
  await client.send(new UpdateDetectorCommand({ DetectorId, Features }));
  expect([isWatched(sandbox.rows, place), isWatched(sandbox.rows, place, 'S3_DATA_EVENTS')]).toEqual([true, false]);
  await client.send(new UpdateDetectorCommand({ DetectorId, Enable: false }));
  expect(isWatched(sandbox.rows, place)).toBe(false);
});

it('IAM makes one password for a user, and takes no trust policy that lets nobody be named', async () => {
  const sandbox = northwindSandbox();
  const client = new IAMClient(holding(sandbox, everything));
  const password = (UserName: string) =>
    refusal(client.send(new CreateLoginProfileCommand({ UserName, Password: 'x' })));
  expect(await password('svc-backup')).toBe('EntityAlreadyExistsException');
  expect(await password('ci-deploy')).toBeUndefined();
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  const trust = client.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'backup-agent', PolicyDocument }));
  expect(await refusal(trust)).toBe('MalformedPolicyDocumentException');
});
