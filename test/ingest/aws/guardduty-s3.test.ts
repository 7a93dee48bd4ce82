import { describe, expect, test } from 'vitest';
import { guarddutyS3 } from '../../../shared/ingest/aws/guardduty-s3.ts';
import { recognise } from '../../../shared/ingest/recognise.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const malicious = readEvent('guardduty-s3/malicious-object');
const object = 'detail.s3ObjectDetails';
const arn = 'arn:aws:s3:::northwind-uploads/incoming/Invoice 4711.docm';
const version = 'Hq3vXb9kTzR1nLw5sYc7dGf0jPm2aEuK';
const eTag = '98d1280e8f886d36b4106d524c0214c3';

describe('a scan of an S3 object that found a threat becomes a finding', () => {
  test('about the one version that was scanned, with its bucket beside it', () => {
    expect(recognise(malicious)).toBe(guarddutyS3);
    expect(findingIn(malicious)).toEqual({
      id: `${arn}#${version}#${eTag}`,
      provider: 'guardduty-s3',
      cloud: 'aws',
      type: 'GuardDuty Malware Protection Object Scan Result/THREATS_FOUND',
      title: 'Malware found in an S3 object',
      description:
        'GuardDuty found EICAR-Test-File (not a virus) in incoming/Invoice 4711.docm of the bucket northwind-uploads.',
      severity: 'High',
      severityOriginal: 'THREATS_FOUND',
      status: 'new',
      account: '111122223333',
      region: 'eu-west-1',
      createdAt: '2026-11-20T09:00:12.000Z',
      updatedAt: '2026-11-20T09:00:12.000Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          type: 'aws.s3.object',
          id: arn,
          name: 'incoming/Invoice 4711.docm',
          account: '111122223333',
          region: 'eu-west-1',
          role: 'affected',
          bucket: 'northwind-uploads',
          key: 'incoming/Invoice 4711.docm',
          versionId: version,
          eTag,
        },
        {
          type: 'aws.s3.bucket',
          id: 'arn:aws:s3:::northwind-uploads',
          name: 'northwind-uploads',
          account: '111122223333',
          region: 'eu-west-1',
          role: 'related',
          bucket: 'northwind-uploads',
        },
      ],
      link: {
        eventId: '6f1d2c3b-4a59-4e68-9d77-000000000041',
        protectionPlan: 'arn:aws:guardduty:eu-west-1:111122223333:malware-protection-plan/b4c7f464ab3a4c5d6e7f',
      },
    });
  });

  test('as the finding that GuardDuty makes of the same scan names it', () => {
    const [scanned] = findingIn(malicious).resources;
    const found = findingIn(readEvent('guardduty/s3-object')).resources.find(({ role }) => role === 'affected');
    expect(found).toMatchObject({ ...scanned });
  });

  test('the same over a second scan, and another one for other content', () => {
    const again = withMembers(malicious, { time: '2026-11-20T10:00:00Z', id: 'another' });
    expect(findingIn(again)).toMatchObject({ id: findingIn(malicious).id, updatedAt: '2026-11-20T10:00:00.000Z' });
    for (const [member, value] of [
      ['eTag', 'c0ffee'],
      ['versionId', 'other'],
      ['objectKey', 'x'],
      ['bucketName', 'other-bucket'],
    ] as const)
      expect(findingIn(withMembers(malicious, { [`${object}.${member}`]: value })).id).not.toBe(
        findingIn(malicious).id,
      );
  });

  test('without a version where the bucket keeps none, and in another partition', () => {
    const plain = withMembers(malicious, {
      [`${object}.versionId`]: undefined,
      'detail.scanResultDetails.threats': null,
    });
    expect(findingIn(plain).resources[0]).not.toHaveProperty('versionId');
    const plan = 'arn:aws-us-gov:guardduty:us-gov-west-1:111122223333:malware-protection-plan/x';
    const there = withMembers(malicious, { resources: [plan], region: 'us-gov-west-1' });
    expect(findingIn(there).resources[1]?.id).toBe('arn:aws-us-gov:s3:::northwind-uploads');
  });
});

describe('what makes no finding says why', () => {
  test.each([
    ['NO_THREATS_FOUND', 'COMPLETED'],
    ['UNSUPPORTED', 'SKIPPED'],
    ['ACCESS_DENIED', 'SKIPPED'],
    ['FAILED', 'FAILED'],
  ])('a scan that ended with %s', (scanResultStatus, scanStatus) => {
    const other = withMembers(malicious, {
      'detail.scanResultDetails.scanResultStatus': scanResultStatus,
      'detail.scanStatus': scanStatus,
    });
    const reason = `The scan ended with "${scanResultStatus}", not THREATS_FOUND.`;
    expect(guarddutyS3.read(other)).toEqual({ kind: 'ignored', reason });
  });

  test('a scan without a result', () => {
    const skipped = withMembers(malicious, { 'detail.scanResultDetails': null, 'detail.scanStatus': 'SKIPPED' });
    expect(guarddutyS3.read(skipped)).toMatchObject({ reason: 'The scan ended with "SKIPPED", not THREATS_FOUND.' });
    expect(guarddutyS3.read(withMembers(malicious, { detail: {} }))).toMatchObject({
      kind: 'malformed',
      problem: 'detail.scanResultDetails.scanResultStatus: not a text.',
    });
  });

  test('a clean object', () => {
    expect(guarddutyS3.read(readEvent('guardduty-s3/clean-object')).kind).toBe('ignored');
  });

  test.each([
    ['account', '1', 'account: an AWS account id has 12 digits.'],
    ['region', '../x', 'region: an AWS region looks like eu-west-1.'],
    ['time', undefined, 'time: Invalid input: expected string, received undefined.'],
    [`${object}.bucketName`, 'a/b', 'detail.s3ObjectDetails.bucketName: an S3 bucket name.'],
    [`${object}.objectKey`, '', expect.stringMatching(/^detail\.s3ObjectDetails\.objectKey: /)],
    [`${object}.objectKey`, 'a\ud800', 'detail.s3ObjectDetails.objectKey: half a character.'],
  ])('a wrong %s', (path, value, problem) => {
    expect(guarddutyS3.read(withMembers(malicious, { [path]: value }))).toMatchObject({ kind: 'malformed', problem });
  });
});
