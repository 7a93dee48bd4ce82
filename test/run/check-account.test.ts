import { describe, expect, it } from 'vitest';
import { later } from '../../shared/model/duration.ts';
import type { Records } from '../../shared/ports/records.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { keepAccount } from '../../shared/run/account.ts';
import { checkAccounts } from '../../shared/run/check-account.ts';
import { receiveEach } from '../../shared/run/receive.ts';
import { doors, leakedKeyAgain } from '../support/doors.ts';

const lastDay = '2026-11-20';
const daySeconds = 86_400;

/** An event late in the day opens a run, which somebody takes out of the records; `missing` puts it back. */
async function lateInTheDay() {
  const company = doors();
  const { clock } = company.sandbox;
  const { deps } = company;
  clock.moveTo(`${lastDay}T23:30:00.000Z`);
  const taken = await receiveEach(deps, playbookSet(deps.playbooks), leakedKeyAgain(1), { kind: 'event', id: 'test' });
  await keepAccount(deps, 'invocation', taken, { failed: 0, deadLettered: 0 });
  let gone = true;
  const records: Records = {
    ...deps.records,
    list: async (kind, group, limit) => (kind === 'run' && gone ? [] : deps.records.list(kind, group, limit)),
  };
  const look = async () =>
    [...(await checkAccounts({ records, clock }))].map(([day, { runs }]) => [day, runs.unaccounted]);
  const pass = (seconds: number) => clock.moveTo(later(clock.now(), seconds));
  const putBack = () => {
    gone = false;
  };
  return { look, pass, clock, putBack };
}

describe('the look at the accounts of the days', () => {
  it('finds after midnight what went missing after the last look of the day', async () => {
    const { look, clock } = await lateInTheDay();
    clock.moveTo('2026-11-21T00:10:00.000Z');
    expect(await look()).toEqual([
      ['2026-11-21', 0],
      [lastDay, 1],
    ]);
  });

  it('looks at a day until it has been seen whole since it was over, and at no whole one again', async () => {
    const { look, clock, pass, putBack } = await lateInTheDay();
    clock.moveTo('2026-11-21T02:00:00.000Z');
    await look();
    pass(3_600);
    expect(await look()).toContainEqual([lastDay, 1]);
    putBack();
    pass(3_600);
    expect(await look()).toContainEqual([lastDay, 0]);
    pass(3_600);
    expect(await look()).toEqual([['2026-11-21', 0]]);
  });

  it('does not take a day for whole while invocations of it may still be at work', async () => {
    const { look, clock, putBack } = await lateInTheDay();
    putBack();
    clock.moveTo('2026-11-21T00:10:00.000Z');
    await look();
    clock.moveTo('2026-11-21T01:10:00.000Z');
    expect((await look()).map(([day]) => day)).toEqual(['2026-11-21', lastDay]);
    clock.moveTo('2026-11-21T02:10:00.000Z');
    expect((await look()).map(([day]) => day)).toEqual(['2026-11-21']);
  });

  it('catches up with the days in which nobody looked', async () => {
    const { look, clock, pass } = await lateInTheDay();
    await look();
    pass(3 * daySeconds);
    expect(clock.now().slice(0, 10)).toBe('2026-11-23');
    expect(await look()).toEqual([
      ['2026-11-23', 0],
      ['2026-11-22', 0],
      ['2026-11-21', 0],
      [lastDay, 1],
    ]);
  });

  it('gives a day up that was not whole for a week', async () => {
    const { look, pass } = await lateInTheDay();
    await look();
    pass(7 * daySeconds);
    expect(await look()).toContainEqual([lastDay, 1]);
    pass(daySeconds);
    expect((await look()).map(([day]) => day)).not.toContain(lastDay);
  });
});
