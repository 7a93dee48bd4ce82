import { describe, expect, it } from 'vitest';
import { administratorBy, letIn } from '../../../shared/ingest/aws/cloudtrail-powers.ts';
import { detectorLosses, recorderLosses, trailLosses } from '../../../shared/ingest/aws/cloudtrail-losses.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const own = '111122223333';
const document = (...statements: Json[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allowing = (Action: Json, Resource: Json = '*'): string => document({ Effect: 'Allow', Action, Resource });
const trusting = (Principal: Json, Effect = 'Allow'): string =>
  document({ Effect, Principal, Action: 'sts:AssumeRole' });

describe('a call takes from a trail', () => {
  it.each<[string, string, Json, readonly string[] | undefined]>([
    ['the logging', 'StopLogging', { name: 'all' }, ['logging']],
    ['the trail', 'DeleteTrail', { name: 'all' }, ['trail']],
    ['other regions', 'UpdateTrail', { name: 'all', isMultiRegionTrail: false }, ['other-regions']],
    [
      'several parts',
      'UpdateTrail',
      { includeGlobalServiceEvents: false, enableLogFileValidation: false },
      ['global-services', 'validation'],
    ],
    ['nothing, where it only turns things on', 'UpdateTrail', { isMultiRegionTrail: true }, undefined],
    ['nothing, where it starts', 'StartLogging', { name: 'all' }, undefined],
    [
      'management events',
      'PutEventSelectors',
      { eventSelectors: [{ readWriteType: 'ReadOnly', includeManagementEvents: true }] },
      ['management-events'],
    ],
    [
      'nothing, where one selector takes them all in',
      'PutEventSelectors',
      { eventSelectors: [{ includeManagementEvents: false }, { includeManagementEvents: true, readWriteType: 'All' }] },
      undefined,
    ],
    [
      'management events, where advanced selectors narrow them',
      'PutEventSelectors',
      {
        advancedEventSelectors: [
          {
            fieldSelectors: [
              { field: 'eventCategory', equals: ['Management'] },
              { field: 'readOnly', equals: ['true'] },
            ],
          },
        ],
      },
      ['management-events'],
    ],
    [
      'nothing, where advanced selectors take them all in',
      'PutEventSelectors',
      { advancedEventSelectors: [{ fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }] }] },
      undefined,
    ],
    ['nothing, where the request is of no known shape', 'PutEventSelectors', 'secret', undefined],
  ])('%s', (_, operation, request, lost) => expect(trailLosses({ operation, request })).toEqual(lost));
});

describe('a call takes from GuardDuty and Config', () => {
  it.each<[string, string, Json, object]>([
    ['the detector', 'DeleteDetector', {}, { lost: ['detector'], features: [] }],
    ['the monitoring', 'UpdateDetector', { enable: false }, { lost: ['monitoring'], features: [] }],
    [
      'a feature, whichever way it is spelt',
      'UpdateDetector',
      {
        features: [
          { name: 'RUNTIME_MONITORING', status: 'DISABLED' },
          { name: 'EKS_AUDIT_LOGS', status: 'ENABLED' },
        ],
        dataSources: { s3Logs: { enable: false }, kubernetes: { auditLogs: { enable: true } } },
      },
      { lost: ['features'], features: ['RUNTIME_MONITORING', 'S3_DATA_EVENTS'] },
    ],
    ['nothing', 'UpdateDetector', { enable: true, findingPublishingFrequency: 'SIX_HOURS' }, { features: [] }],
  ])('%s', (_, operation, request, lost) => expect(detectorLosses({ operation, request })).toEqual(lost));

  it('a recorder, or its recording', () => {
    const lost = (operation: string) => recorderLosses({ operation, request: {} });
    expect(lost('StopConfigurationRecorder')).toEqual(['recording']);
    expect(lost('DeleteConfigurationRecorder')).toEqual(['recorder']);
    expect(lost('StartConfigurationRecorder')).toBeUndefined();
  });
});

describe('a call makes an administrator', () => {
  const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
  it.each<[string, string, Json, string | undefined]>([
    ['by AWS’s own policy', 'AttachUserPolicy', { policyArn: administrator }, administrator],
    [
      'in another partition',
      'AttachRolePolicy',
      { policyArn: 'arn:aws-cn:iam::aws:policy/IAMFullAccess' },
      'arn:aws-cn:iam::aws:policy/IAMFullAccess',
    ],
    [
      'not by a namesake',
      'AttachUserPolicy',
      { policyArn: `arn:aws:iam::${own}:policy/AdministratorAccess` },
      undefined,
    ],
    ['not by taking it away', 'DetachUserPolicy', { policyArn: administrator }, undefined],
    ['by everything on everything', 'PutUserPolicy', { policyName: 'p', policyDocument: allowing('*') }, 'p'],
    ['by all of IAM', 'PutRolePolicy', { policyName: 'p', policyDocument: allowing(['s3:*', 'IAM:*']) }, 'p'],
    [
      'by all but a little',
      'PutRolePolicy',
      { policyName: 'p', policyDocument: document({ Effect: 'Allow', NotAction: 'account:*', Resource: '*' }) },
      'p',
    ],
    [
      'not by all but IAM',
      'PutRolePolicy',
      { policyName: 'p', policyDocument: document({ Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }) },
      undefined,
    ],
    [
      'not by much on one thing',
      'PutUserPolicy',
      { policyName: 'p', policyDocument: allowing('*', 'arn:aws:s3:::b') },
      undefined,
    ],
    [
      'not by forbidding',
      'PutUserPolicy',
      { policyName: 'p', policyDocument: document({ Effect: 'Deny', Action: '*', Resource: '*' }) },
      undefined,
    ],
    ['not by what is no policy', 'PutUserPolicy', { policyName: 'p', policyDocument: '{' }, undefined],
  ])('%s', (_, operation, request, policy) => expect(administratorBy(operation, request)).toBe(policy));
});

describe('a trust policy lets in', () => {
  const stranger = 'arn:aws:iam::210987654321:root';
  it.each<[string, string, readonly string[] | undefined]>([
    ['another account', trusting({ AWS: [stranger, `arn:aws:iam::${own}:role/deploy`] }), [stranger]],
    ['another account by its number', trusting({ AWS: '210987654321' }), ['210987654321']],
    ['everybody', trusting('*'), ['*']],
    ['nobody new, where it is the account itself', trusting({ AWS: own }), undefined],
    ['nobody, where it is a service', trusting({ Service: 'ec2.amazonaws.com' }), undefined],
    ['nobody, where it forbids', trusting({ AWS: stranger }, 'Deny'), undefined],
    ['nobody, where a role has been deleted that stood in it', trusting({ AWS: 'AROAEXAMPLEROLE000001' }), undefined],
  ])('%s', (_, policyDocument, expected) =>
    expect(letIn('UpdateAssumeRolePolicy', { policyDocument }, own)).toEqual(expected),
  );

  it('stands on the role that the call made as well', () => {
    const event = withMembers(readEvent('cloudtrail/key-for-other-user'), {
      'detail.eventName': 'CreateRole',
      'detail.responseElements': null,
      'detail.requestParameters': { roleName: 'support', assumeRolePolicyDocument: trusting({ AWS: stranger }) },
    });
    expect(findingIn(event).resources[0]).toMatchObject({ type: 'aws.iam.role', letsIn: [stranger] });
  });
});
