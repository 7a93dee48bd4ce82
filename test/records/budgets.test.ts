import { describe, expect, test } from 'vitest';
import { reserveBudget, spentThisHour } from '../../shared/records/budgets.ts';
import type { Records } from '../../shared/ports/records.ts';
import { memory } from '../support/store.ts';

const scopes = { playbook: 'p', account: '111122223333' };
const none = { playbook: false, account: false };
const runs = (count: number): string[] => Array.from({ length: count }, (_, at) => `run-${at}`);
/** A store whose lists are always behind: they show nothing. */
const blind = (records: Records): Records => ({ ...records, list: async () => [] });

describe('a budget', () => {
  test.each([
    ['with lists that keep up', (records: Records) => records],
    ['with lists that lag', blind],
  ])('of five lets exactly five of fifty act that come at once, %s', async (_, through) => {
    const deps = memory();
    const most = { playbook: 5, account: 20 };
    const seen = { ...deps, records: through(deps.records) };
    const answers = await Promise.all(runs(50).map((run) => reserveBudget(seen, run, scopes, most)));
    expect(answers.filter(({ playbook, account }) => !playbook && !account)).toHaveLength(5);
    expect(answers.filter(({ playbook }) => playbook)).toHaveLength(45);
    expect(await spentThisHour(deps, 'another', scopes, most)).toEqual({ playbook: true, account: false });
  });

  test('is used by a run once, however often it asks', async () => {
    for (const through of [(records: Records) => records, blind]) {
      const deps = memory();
      const most = { playbook: 3, account: 3 };
      const seen = { ...deps, records: through(deps.records) };
      for (let time = 0; time < 10; time += 1) expect(await reserveBudget(seen, 'one', scopes, most)).toEqual(none);
      expect(await deps.records.list('budget', `playbook:p:${deps.clock.now().slice(0, 13)}`)).toHaveLength(1);
      const others = await Promise.all(runs(9).map((run) => reserveBudget(seen, run, scopes, most)));
      expect(others.filter(({ playbook, account }) => !playbook && !account)).toHaveLength(2);
      expect(await reserveBudget(seen, 'one', scopes, most)).toEqual(none);
      expect(await spentThisHour(deps, 'one', scopes, most)).toEqual(none);
    }
  });

  test('of an account is shared by its playbooks, and only what they let through counts', async () => {
    const deps = memory();
    const most = { playbook: 2, account: 3 };
    const of = (playbook: string, run: string) => reserveBudget(deps, run, { ...scopes, playbook }, most);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((run) => of('p', run)))).toContainEqual({
      playbook: true,
      account: false,
    });
    expect(await of('q', 'e')).toEqual(none);
    expect(await of('q', 'f')).toEqual({ playbook: false, account: true });
    expect(await of('p', 'g')).toEqual({ playbook: true, account: false });
  });

  test('begins anew with the hour', async () => {
    const deps = memory();
    const most = { playbook: 1, account: 1 };
    await reserveBudget(deps, 'a', scopes, most);
    expect(await spentThisHour(deps, 'b', scopes, most)).toEqual({ playbook: true, account: true });
    deps.clock.advance(3_600);
    expect(await spentThisHour(deps, 'b', scopes, most)).toEqual(none);
    expect(await reserveBudget(deps, 'b', scopes, most)).toEqual(none);
  });

  test('of a playbook is not that of an account or a longer name', async () => {
    const deps = memory();
    const most = { playbook: 1, account: 1 };
    await reserveBudget(deps, 'a', { playbook: 'p', account: 'p-2' }, most);
    expect(await spentThisHour(deps, 'z', { playbook: 'p-2', account: 'q' }, most)).toEqual(none);
  });
});
