import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const pressed = readEvent('security-hub-action/isolate');
const control = readEvent('security-hub/public-bucket');
const first = 'detail.findings.0';

function findingsIn(event: Json): readonly Finding[] {
  const { reading } = normalise(event);
  return reading.kind === 'findings' ? reading.findings : [];
}
const ids = (event: Json) => findingsIn(event).map(({ id }) => id);

describe('the button of a person in Security Hub', () => {
  test('is one finding for each that was selected, under the name of the action', () => {
    const [instance, key] = findingsIn(pressed);
    const { id, ...selected } = findingIn(readEvent('security-hub/guardduty-compromised-instance'));
    expect(instance).toEqual({
      ...selected,
      id: expect.stringMatching(/^9e2f4c11-6b7a-4d52-8f3e-000000000021\/[a-z2-7]{26}$/),
      provider: 'security-hub-action',
      type: 'Cordon isolate',
      status: 'new',
      createdAt: '2026-11-20T09:04:55.000Z',
      updatedAt: '2026-11-20T09:04:55.000Z',
      link: {
        ...selected.link,
        findingId: selected.link.findingArn,
        productArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty',
        originalProvider: 'guardduty',
        originalFinding: id,
        originalType: 'Backdoor:EC2/C&CActivity.B',
        actionArn: 'arn:aws:securityhub:eu-west-1:111122223333:action/custom/CordonIsolate',
      },
    });
    expect(key).toMatchObject({ account: '111122223333', severity: 'Medium' });
    expect(key?.resources[0]).toMatchObject({ type: 'aws.iam.access-key', role: 'affected' });
  });

  test('does not say who pressed it, whoever wrote a note on the finding', () => {
    const Note = { Text: 'please isolate', UpdatedBy: 'astrid.holm', UpdatedAt: '2026-11-20T09:04:00.000Z' };
    const [finding] = findingsIn(withMembers(pressed, { [`${first}.Note`]: Note }));
    expect(JSON.stringify(finding)).not.toContain('astrid.holm');
  });

  test('counts anew with every press, and once with every delivery', () => {
    const again = withMembers(pressed, { id: '9e2f4c11-6b7a-4d52-8f3e-000000000099' });
    expect(ids(pressed)).toEqual(ids(structuredClone(pressed)));
    expect(new Set([...ids(pressed), ...ids(again)]).size).toBe(4);
  });

  test.each<[string, Readonly<Record<string, Json>>, string]>([
    ['a check that failed', {}, 'new'],
    [
      'one that passed, which Security Hub resolves itself',
      { Compliance: { Status: 'PASSED' }, Workflow: { Status: 'RESOLVED' } },
      'new',
    ],
    ['one that could not be made', { Compliance: { Status: 'WARNING' } }, 'new'],
    ['what somebody was told of', { Workflow: { Status: 'NOTIFIED' } }, 'new'],
    ['what a person resolved', { Workflow: { Status: 'RESOLVED' } }, 'resolved'],
    ['what a person suppressed', { Workflow: { Status: 'SUPPRESSED' } }, 'dismissed'],
    ['what is archived', { RecordState: 'ARCHIVED', Compliance: { Status: 'PASSED' } }, 'archived'],
  ])('is pressed on %s', (_, members, status) => {
    const [selected] = (control['detail'] as { findings: Json[] }).findings; // the fixture has one
    const findings = [{ ...Object(selected), ...members }];
    expect(findingsIn(withMembers(pressed, { 'detail.findings': findings }))).toMatchObject([
      { status, link: { originalProvider: 'security-hub', originalType: 'S3.8' } },
    ]);
  });

  test('keeps what can be read beside what cannot', () => {
    expect(normalise(withMembers(pressed, { [`${first}.Id`]: null })).reading).toMatchObject({
      findings: [{ severity: 'Medium' }],
      rest: [{ kind: 'malformed' }],
    });
  });

  test('says nothing where the results of an insight were sent', () => {
    expect(normalise({ ...pressed, 'detail-type': 'Security Hub Insight Results' })).toMatchObject({
      source: 'security-hub-action',
      reading: { kind: 'ignored', reason: 'The results of an insight are counts: they name no finding to act on.' },
    });
  });

  test.each<[string, Readonly<Record<string, Json | undefined>>]>([
    ['no id, by which presses are told apart', { id: undefined }],
    ['no time', { time: null }],
    ['no name', { 'detail.actionName': '' }],
    ['no action', { resources: [] }],
    ['the ARN of something else', { resources: ['arn:aws:securityhub:eu-west-1:111122223333:hub/default'] }],
    ['no list of findings', { 'detail.findings': {} }],
  ])('is malformed with %s', (_, members) => {
    expect(normalise(withMembers(pressed, members)).reading).toMatchObject({
      kind: 'malformed',
      problem: expect.stringMatching(/\.$/),
    });
  });
});
