import { describe, expect, test } from 'vitest';
import { envelopeOf } from '../../shared/ingest/message.ts';
import { screen } from '../../shared/ingest/screen.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';

const now = '2026-11-20T09:05:00.000Z';
const screened = (event: ReturnType<typeof readEvent>, at = now) => screen(findingIn(event), envelopeOf(event), at, 24);

describe('screening', () => {
  test.each([
    ['guardduty/leaked-access-key', { act: 'enforce' }],
    ['guardduty/sample', { act: 'plan-only', reason: 'sample-finding' }],
    ['guardduty/archived', { act: 'skip', reason: 'archived-finding' }],
    ['defender/vm-brute-force-export', { act: 'enforce' }],
    ['defender/sample-alert', { act: 'plan-only', reason: 'sample-finding' }],
    ['defender/snapshot-alert', { act: 'skip', reason: 'snapshot-finding' }],
    ['defender-storage/malicious-blob', { act: 'enforce' }],
  ])('%s', (name, verdict) => {
    expect(screened(readEvent(name))).toEqual(verdict);
  });

  test('a replayed event is planned only', () => {
    const replayed = withMembers(readEvent('guardduty/leaked-access-key'), { 'replay-name': 'november' });
    expect(screened(replayed)).toEqual({ act: 'plan-only', reason: 'replayed-event' });
  });

  test('an event is stale by the time of its envelope, or else of its finding', () => {
    const stale = { act: 'plan-only', reason: 'stale-event' };
    const event = readEvent('guardduty/leaked-access-key');
    expect(screened(event, '2026-11-21T09:00:00.000Z')).toEqual({ act: 'enforce' });
    expect(screened(event, '2026-11-21T09:00:01.000Z')).toEqual(stale);
    expect(screened(withMembers(event, { time: 'soon' }), '2026-11-21T09:00:01.000Z')).toEqual(stale);
    expect(screened(readEvent('defender/vm-brute-force-export'), '2026-11-22T00:00:00.000Z')).toEqual(stale);
  });

  test('an age that cannot be told is no young one', () => {
    const finding = findingIn(readEvent('guardduty/leaked-access-key'));
    expect(screen(finding, { time: 'soon', replayed: false }, now, 24)).toMatchObject({ reason: 'stale-event' });
  });
});
