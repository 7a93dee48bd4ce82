import { describe, expect, it } from 'vitest';
import { canonical, type Json } from '../../shared/model/json.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { receive } from '../../shared/run/receive.ts';
import { doors, leakedKey, leakedKeyAgain } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';

const day = '2026-11-20';
const requester = { kind: 'event', id: 'test' } as const;

function receiver() {
  const company = doors();
  const take = (message: Json) => receive(company.deps, playbookSet(company.deps.playbooks), message, requester);
  return { ...company, take, kept: () => quarantinedOn(company.deps, day) };
}

describe('receive', () => {
  it('opens a run, starts it, and says so', async () => {
    const { take, started, deps } = receiver();
    const received = await take(JSON.stringify(leakedKey()));
    expect(received).toMatchObject([{ kind: 'opened', playbook: 'leaked-key', fresh: true, runId: started[0] }]);
    expect(await deps.records.list('run', day)).toMatchObject([
      { body: { status: 'open', order: { mode: 'enforce', requester } } },
    ]);
  });

  it('takes text and JSON alike, and arrays message by message', async () => {
    const { take, started } = receiver();
    const strange = { specversion: '1.0', type: 'Contoso.Thing' };
    const received = await take([leakedKeyAgain(1), strange, leakedKeyAgain(2)]);
    expect(received.map(({ kind }) => kind)).toEqual(['opened', 'quarantined', 'opened']);
    expect(new Set(started).size).toBe(2);
  });

  it('does not start a run that has ended', async () => {
    const { take, started, deps } = receiver();
    await take(leakedKey());
    const [run] = await deps.records.list('run', day);
    if (!run) throw new TypeError('no run');
    const ended = { ...run, body: { ...Object(run.body), status: 'ended', dueAt: null, endedAt: deps.clock.now() } };
    expect(await deps.records.replace(ended, run.version)).toBe(true);
    expect(await take(leakedKey())).toMatchObject([{ kind: 'opened', fresh: false }]);
    expect(started).toHaveLength(1);
  });

  it.each([
    ['archived', readEvent('guardduty/archived'), 'archived-finding', null],
    ['of no playbook', readEvent('guardduty/port-probe'), 'no-playbook', null],
    ['a snapshot', readEvent('defender/snapshot-alert'), 'snapshot-finding', null],
  ])('leaves what is %s, with the reason', async (_, event, reason, playbook) => {
    const { take, started } = receiver();
    expect(await take(event)).toMatchObject([{ kind: 'skipped', reason, playbook }]);
    expect(started).toEqual([]);
  });

  it('ignores what a known source has to say without a finding, and keeps nothing of it', async () => {
    const { take, kept } = receiver();
    expect(await take(readEvent('defender-storage/clean-blob'))).toMatchObject([
      { kind: 'ignored', source: 'defender-storage' },
    ]);
    expect(await kept()).toEqual([]);
  });

  it('only plans for samples, replays and what is old', async () => {
    const { take, deps } = receiver();
    await take(withMembers(readEvent('guardduty/leaked-access-key'), { 'replay-name': 'archive' }));
    expect(await deps.records.list('run', day)).toMatchObject([
      { body: { order: { mode: 'dry-run', modeReason: 'replayed-event' } } },
    ]);
  });
});

describe('what can never be used', () => {
  const detail = withMembers(readEvent('guardduty/leaked-access-key'), { 'detail.accountId': 7 });

  it.each<[string, Json, object]>([
    ['no JSON', 'GET / HTTP/1.1', { head: 'GET / HTTP/1.1', event: null, source: null }],
    ['nothing', '', { head: '', event: null }],
    ['another kind of event', { source: 'aws.batch', 'detail-type': 'x', detail: {} }, { source: null, head: null }],
    ['another shape', detail, { source: 'guardduty', head: null }],
    ['too deep', '['.repeat(1_000), { head: '['.repeat(1_000) }],
  ])('is kept with its problem and the way out: %s', async (_, message, kept) => {
    const company = receiver();
    const [received] = await company.take(message);
    expect(received).toMatchObject({ kind: 'quarantined', problem: expect.stringMatching(/\S/) });
    const [one] = await company.kept();
    expect(one).toMatchObject({ ...kept, remedy: expect.stringMatching(/\S/), requester: 'test' });
    if (one?.event) expect(canonical((await company.deps.evidence.get(one.event)) ?? null)).toBe(canonical(message));
  });

  it('is kept once, however often it comes', async () => {
    const { take, kept } = receiver();
    const ids = [];
    for (const _ of [1, 2, 3])
      ids.push(...(await take('<xml/>')).map((one) => (one.kind === 'quarantined' ? one.id : '')));
    expect(new Set(ids).size).toBe(1);
    expect(await kept()).toHaveLength(1);
  });

  it.each([
    ['control characters', '\u0000'.repeat(2_000_000)],
    ['the longest letters', '\uFFFF'.repeat(10_000)],
    ['half a pair', '\uD800'.repeat(10_000)],
    ['quotes', '"'.repeat(10_000)],
  ])('fits the store, if it is made of %s', async (_, message) => {
    const { take, kept } = receiver();
    expect(await take(message)).toMatchObject([{ kind: 'quarantined' }]);
    expect((await kept())[0]?.head?.length).toBeLessThanOrEqual(4_096);
  });

  it('is not a finding that is larger than a record: its run is opened', async () => {
    const { take, kept, started } = receiver();
    const tags = Array.from({ length: 50 }, (_, at) => ({ key: `k${at}`, value: 'v'.repeat(500) }));
    const event = withMembers(readEvent('guardduty/leaked-access-key'), {
      'detail.description': JSON.stringify(tags),
    });
    expect(await take(event)).toMatchObject([{ kind: 'opened', fresh: true }]);
    expect(started).toHaveLength(1);
    expect(await kept()).toEqual([]);
  });

  it('is a delivery of far too many messages', async () => {
    const { take, kept } = receiver();
    expect(await take(`[${'1,'.repeat(5_000)}1]`)).toHaveLength(1);
    expect(await kept()).toMatchObject([{ problem: 'The delivery holds 5001 messages.' }]);
  });
});
