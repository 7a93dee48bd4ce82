import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const exposed = readEvent('health/exposed-credentials');
const abuse = readEvent('health/abuse-report');
const prod = '111122223333';
const key = 'AKIACIDEPLOY00000001';
const eventArn =
  'arn:aws:health:us-east-1::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/AWS_RISK_CREDENTIALS_EXPOSED-0a1b2c3d4e';

function findings(event: Json): readonly Finding[] {
  const { reading } = normalise(event);
  return reading.kind === 'findings' ? reading.findings : [];
}

describe('exposed credentials become a finding', () => {
  test('of the key and its user, in the account they are of', () => {
    const finding = findingIn(withMembers(exposed, { account: '999988887777' }));
    expect(finding).toMatchObject({
      ...{ id: `${eventArn}#${key}`, provider: 'health', type: 'AWS_RISK_CREDENTIALS_EXPOSED', status: 'new' },
      ...{ account: prod, region: 'us-east-1', severity: 'Unknown', link: { eventArn } },
      ...{ createdAt: '2026-11-20T08:57:54.000Z', updatedAt: '2026-11-20T09:01:55.000Z' },
    });
    expect(finding.resources).toEqual([
      {
        ...{ type: 'aws.iam.access-key', id: `arn:aws:iam::${prod}:user/ci-deploy#${key}`, name: key },
        ...{ account: prod, region: '', role: 'affected', userName: 'ci-deploy', accessKeyId: key },
      },
      {
        ...{ type: 'aws.iam.user', id: `arn:aws:iam::${prod}:user/ci-deploy`, name: 'ci-deploy' },
        ...{ account: prod, region: '', role: 'related', userName: 'ci-deploy', accessKeyId: key },
      },
    ]);
  });

  test.each([
    ['nothing says whose key it is', { 'detail.eventMetadata': undefined }],
    ['what is said is of another key', { 'detail.eventMetadata.publicKey': 'AKIAOTHER00000000001' }],
    ['what is said is no name', { 'detail.eventMetadata.userName': 'ci-deploy/../admin' }],
  ])('of the key alone where %s', (_, members) => {
    expect(findingIn(withMembers(exposed, members)).resources).toEqual([
      {
        ...{ type: 'aws.iam.access-key', id: key, name: key, accessKeyId: key },
        ...{ account: prod, region: '', role: 'affected' },
      },
    ]);
  });

  test('once, though a copy comes to a second region', () => {
    const copy = { region: 'us-west-2', 'detail.backupEvent': 'true', 'detail.eventRegion': 'global', id: 'another' };
    const { time: _, ...rest } = withMembers(exposed, copy);
    expect(findingIn(rest)).toEqual(findingIn(exposed));
  });

  test.each([
    ['CLOSED', 'IMPAIRED', 'resolved'],
    ['closed', 'IMPAIRED', 'resolved'],
    ['open', 'RESOLVED', 'resolved'],
    ['open', 'PENDING', 'new'],
  ])('of an event that is %s for an entity that is %s it is %s', (statusCode, status, said) => {
    const members = { 'detail.statusCode': statusCode, 'detail.affectedEntities.0.status': status };
    expect(findingIn(withMembers(exposed, members))).toMatchObject({ id: `${eventArn}#${key}`, status: said });
  });

  test('of the account where it names nothing in it', () => {
    const type = 'AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE';
    const finding = findingIn(withMembers(exposed, { 'detail.affectedEntities': [], 'detail.eventTypeCode': type }));
    expect(finding).toMatchObject({ id: `${eventArn}#${prod}`, type, account: prod });
    expect(primaryOf(finding)).toMatchObject({ type: 'aws.account', id: `arn:aws:iam::${prod}:root` });
  });
});

describe('an event about several things', () => {
  test('becomes a finding for each, in the region that each is in', () => {
    expect(
      findings(abuse).map(({ type, account, region, resources: [one] }) => [type, account, region, one?.id]),
    ).toEqual([
      ['AWS_ABUSE_DOS_REPORT', prod, 'eu-west-1', `arn:aws:ec2:eu-west-1:${prod}:instance/i-0aa11bb22cc33dd44`],
      ['AWS_ABUSE_DOS_REPORT', prod, 'eu-west-1', `arn:aws:ec2:eu-west-1:${prod}:instance/i-0dd44ee55ff667788`],
    ]);
  });

  test('loses none on its second page', () => {
    const page = withMembers(abuse, {
      'detail.page': '2',
      'detail.totalPages': '2',
      'detail.affectedEntities': [{ entityValue: 'i-0bb22cc33dd44ee55' }],
      'detail.eventRegion': 'eu-west-1',
    });
    const all = [...findings(abuse), ...findings(page)];
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
    expect(all.at(-1)?.resources[0]).toMatchObject({ type: 'aws.ec2.instance', instanceId: 'i-0bb22cc33dd44ee55' });
  });

  test('keeps what it can read beside what it cannot', () => {
    const entities = [{ entityValue: 'i-0bb22cc33dd44ee55' }, { entityValue: null }, 'text'];
    const { reading } = normalise(withMembers(abuse, { 'detail.affectedEntities': entities }));
    expect(reading).toMatchObject({
      kind: 'findings',
      findings: [{ account: prod }],
      rest: [{ kind: 'malformed', problem: 'detail.affectedEntities.1: has no value.' }, { kind: 'malformed' }],
    });
  });
});

test.each([
  [prod, 'aws.account'],
  ['arn:aws:s3:::northwind-website', 'aws.s3.bucket'],
  [`arn:aws:iam::${prod}:user/ci-deploy`, 'aws.iam.user'],
  [`arn:aws:iam::${prod}:role/web-server`, 'aws.iam.role'],
  [`arn:aws:lambda:eu-west-1:${prod}:function:orders`, 'aws.lambda.function'],
  ['198.51.100.44', 'other'],
  ['ACCESS_KEY_ID_HERE', 'other'],
])('the entity %s is %s', (entity, type) => {
  const event = withMembers(exposed, { 'detail.affectedEntities.0.entityValue': entity });
  expect(primaryOf(findingIn(event))).toMatchObject({ type, account: prod, role: 'affected' });
});

test.each(['AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', 'AWS_EBS_VOLUME_LOST', 'XAWS_RISK_X'])(
  '%s is about operations',
  (code) => {
    expect(normalise(withMembers(exposed, { 'detail.eventTypeCode': code })).reading).toEqual({
      kind: 'ignored',
      reason: `Health event "${code}" of "RISK" is about operations, not security.`,
    });
  },
);

test.each([
  [{ 'detail.eventArn': `arn:aws:guardduty:us-east-1:${prod}:x` }],
  [{ 'detail.startTime': 'soon' }],
  [{ 'detail.affectedAccount': undefined, account: 'nobody' }],
  [{ 'detail.affectedEntities': 'all' }],
])('%j is kept for a person', (members) => {
  expect(normalise(withMembers(exposed, members)).reading.kind).toBe('malformed');
});
