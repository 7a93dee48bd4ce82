import { expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const spend = readEvent('cost-anomaly/runaway-spend');
const [payer, prod, dev] = ['999988887777', '111122223333', '444455556666'];

function findings(event: Json): readonly Finding[] {
  const { reading } = normalise(event);
  return reading.kind === 'findings' ? reading.findings : [];
}

test('each account whose spend it is has a finding of its own, with its own share and causes', () => {
  const service = 'Amazon Elastic Compute Cloud - Compute';
  const [first, second] = findings(spend);
  expect(first).toEqual({
    id: `12345678-abcd-4f12-9456-987654321a12/${prod}`,
    provider: 'cost-anomaly',
    cloud: 'aws',
    type: 'Anomaly Detected',
    title: `$8700 more than expected for ${service}`,
    description: [
      '$9001 in all',
      `${service}, ap-southeast-1, APS1-BoxUsage:p4d.24xlarge: $8100`,
      `${service}, ap-southeast-2, APS2-BoxUsage:p4d.24xlarge: $600`,
    ].join('\n'),
    severity: 'Unknown',
    severityOriginal: '',
    status: 'new',
    account: prod,
    region: 'us-east-1',
    createdAt: '2026-11-19T00:00:00.000Z',
    updatedAt: '2026-11-20T09:03:00.000Z',
    lastSeenAt: '2026-11-20T00:00:00.000Z',
    count: 1,
    sample: false,
    snapshot: false,
    resources: [
      { type: 'aws.account', id: `arn:aws:iam::${prod}:root`, name: prod, account: prod, region: '', role: 'affected' },
    ],
    link: {
      anomalyId: '12345678-abcd-4f12-9456-987654321a12',
      monitorArn: `arn:aws:ce::${payer}:anomalymonitor/abcdef12-1234-4ea0-84cc-918a97d736ef`,
      console: expect.stringContaining('https://console.aws.amazon.com/'),
    },
  });
  expect(second).toMatchObject({ account: dev, region: 'eu-west-1', title: `$301 more than expected for ${service}` });
  expect(findings(spend)).toHaveLength(2);
});

test.each([
  ['', 'new'],
  ['YES', 'new'],
  ['NO', 'dismissed'],
  ['PLANNED_ACTIVITY', 'dismissed'],
])('the feedback %j makes it %s', (feedback, status) => {
  expect(findings(withMembers(spend, { 'detail.feedback': feedback })).map((one) => one.status)).toEqual([
    status,
    status,
  ]);
});

test.each([[null], [[]], [[{ linkedAccount: null, impact: null }]]])(
  'with the causes %j it is the account that pays',
  (rootCauses) => {
    const event = withMembers(spend, { 'detail.rootCauses': rootCauses, 'detail.impact': null });
    expect(findingIn(event)).toMatchObject({ account: payer, title: expect.stringMatching(/^an unknown amount/) });
  },
);

test('a cause in no account is kept beside the others', () => {
  const { reading } = normalise(withMembers(spend, { 'detail.rootCauses.2.linkedAccount': '../x' }));
  expect(reading).toMatchObject({
    kind: 'findings',
    findings: [{ account: prod }],
    rest: [{ kind: 'malformed', problem: 'detail.rootCauses: "../x" is no AWS account.' }],
  });
});

test('days may come without a time', () => {
  const days = { 'detail.anomalyStartDate': '2026-11-18', 'detail.anomalyEndDate': '2026-11-19' };
  expect(findings(withMembers(spend, days))[0]).toMatchObject({
    createdAt: '2026-11-18T00:00:00.000Z',
    lastSeenAt: '2026-11-19T00:00:00.000Z',
  });
});

test.each([
  [{ 'detail.anomalyId': null }],
  [{ 'detail.monitorArn': 'arn:aws:s3:::x' }],
  [{ 'detail.anomalyStartDate': 'long ago' }],
  [{ 'detail.rootCauses': 'all of them' }],
])('%j is kept for a person', (members) => {
  expect(normalise(withMembers(spend, members)).reading.kind).toBe('malformed');
});

test('another event of Cost Management is left', () => {
  expect(normalise(withMembers(spend, { 'detail-type': 'Commitment Purchase' })).reading.kind).toBe('ignored');
});
