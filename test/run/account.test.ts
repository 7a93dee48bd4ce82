import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import type { Records } from '../../shared/ports/records.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { addTally, tallyOf } from '../../shared/records/tallies.ts';
import { eventMetrics } from '../../shared/report/event-metrics.ts';
import { accountOf, endOf, keepAccount } from '../../shared/run/account.ts';
import { receiveEach, type Taken } from '../../shared/run/receive.ts';
import { doors, leakedKey, leakedKeyAgain } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';

const day = '2026-11-20';
const none = { failed: 0, deadLettered: 0 };
const requester = { kind: 'event', id: 'test' } as const;

/** Takes messages one by one, as one invocation does, and keeps account of them. */
async function taken(company: ReturnType<typeof doors>, messages: readonly Json[]): Promise<readonly Taken[]> {
  const { deps } = company;
  const set = playbookSet(deps.playbooks);
  const all: Taken[] = [];
  for (const message of messages) all.push(...(await receiveEach(deps, set, message, requester)));
  await keepAccount(deps, 'invocation', all, none);
  return all;
}

const kinds = {
  opened: (number: number) => leakedKeyAgain(number),
  'skipped:no-playbook': (number: number) =>
    withMembers(readEvent('guardduty/port-probe'), { 'detail.id': `d${String(number).padStart(31, '0')}` }),
  ignored: () => readEvent('defender-storage/clean-blob'),
  quarantined: (number: number): Json => ({ id: String(number), eventType: 'Contoso.Thing', data: {} }),
} as const;
type Kind = keyof typeof kinds;

describe('the account of a day', () => {
  it('adds up, whatever comes and however often: each event ends in exactly one state', async () => {
    const kind = fc.constantFrom(...(Object.keys(kinds) as Kind[])); // the keys of a literal
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.tuple(kind, fc.nat(3)), { maxLength: 4 }), { maxLength: 4 }),
        async (invocations) => {
          const company = doors();
          for (const events of invocations)
            await taken(
              company,
              events.map(([of, number]) => kinds[of](number)),
            );
          const account = await accountOf(company.deps, day);
          const count = (of: Kind) => invocations.flat().filter(([one]) => one === of).length;
          const skips = Object.values(account.skipped).reduce((sum, one) => sum + one, 0);
          expect(account.received).toBe(invocations.flat().length);
          expect(account.received).toBe(account.opened + account.ignored + account.quarantined + skips);
          expect(account.opened).toBe(count('opened'));
          expect(account.ignored).toBe(count('ignored'));
          expect(account.quarantined).toBe(count('quarantined'));
          const { open, waiting, ended, counted, unaccounted } = account.runs;
          expect([open + waiting + ended, unaccounted]).toEqual([counted, 0]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('tells runs that somebody has taken out of the records', async () => {
    const company = doors();
    await taken(company, [leakedKeyAgain(1), leakedKeyAgain(2)]);
    const records: Records = {
      ...company.deps.records,
      list: async (kind, group, limit) =>
        (await company.deps.records.list(kind, group, limit)).slice(kind === 'run' ? 1 : 0),
    };
    expect((await accountOf({ records }, day)).runs).toMatchObject({ counted: 2, open: 1, unaccounted: 1 });
  });

  it('has a state for events whose last try failed, beside the deliveries that come again', async () => {
    const company = doors();
    await taken(company, [leakedKeyAgain(1)]);
    await keepAccount(company.deps, 'later', [], { failed: 3, deadLettered: 2 });
    const account = await accountOf(company.deps, day);
    expect(account).toMatchObject({ received: 3, opened: 1, deadLettered: 2, failed: 3 });
  });

  it('counts a run on the day that it is on record, whenever its event is accounted for', async () => {
    const company = doors();
    const { clock } = company.sandbox;
    clock.moveTo('2026-11-20T23:59:58.000Z');
    const set = playbookSet(company.deps.playbooks);
    const early = await receiveEach(company.deps, set, leakedKeyAgain(1), requester);
    clock.moveTo('2026-11-21T00:00:01.000Z');
    const late = await receiveEach(company.deps, set, leakedKeyAgain(2), requester);
    await keepAccount(company.deps, 'over midnight', [...early, ...late], none);
    for (const one of [day, '2026-11-21'])
      expect((await accountOf(company.deps, one)).runs).toMatchObject({ counted: 1, open: 1, unaccounted: 0 });
  });

  it('counts an event of many findings once, by the first of what they came to', async () => {
    const one: Taken = {
      source: 'guardduty',
      became: [
        { kind: 'skipped', finding: 'a', playbook: null, reason: 'no-playbook' },
        { kind: 'opened', finding: 'b', runId: 'r', playbook: 'p', target: 't', fresh: true },
      ],
    };
    expect(endOf(one)).toBe('opened');
  });

  it('loses no count where many count at the same time', async () => {
    const { deps } = doors();
    await Promise.all(Array.from({ length: 40 }, (_, at) => addTally(deps, `invocation-${at % 3}`, { events: 1 })));
    expect(await tallyOf(deps, day)).toEqual({ events: 40 });
  });

  it('gives up, and says so, where others keep writing first', async () => {
    const { deps } = doors();
    const records: Records = { ...deps.records, create: async () => false, replace: async () => false };
    await expect(addTally({ ...deps, records }, 'x', { events: 1 })).rejects.toMatchObject({
      code: 'tally-contended',
      retryable: true,
    });
  });
});

describe('the metrics of an invocation', () => {
  it('count events, findings, runs, skips and what came again', async () => {
    const company = doors();
    const all = await taken(company, [leakedKey(), leakedKey(), readEvent('guardduty/port-probe'), { strange: true }]);
    const measured = eventMetrics(all, { failed: 2, deadLettered: 1, oldestAgeSeconds: 7 });
    const told = measured.map(({ name, value, dimensions }) => [name, value, Object.values(dimensions).join()]);
    expect(told).toEqual([
      ['EventsReceived', 4, ''],
      ['EventsQuarantined', 1, ''],
      ['EventsFailed', 2, ''],
      ['EventsDeadLettered', 1, ''],
      ['FindingsReceived', 3, ''],
      ['DuplicatesSuppressed', 1, ''],
      ['RunsStarted', 1, 'leaked-key'],
      ['Skipped', 1, 'no-playbook'],
      ['OldestEventAgeSeconds', 7, ''],
    ]);
  });
});
