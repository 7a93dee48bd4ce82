import { describe, expect, test } from 'vitest';
import { breakerFor, closeBreaker, noteAttempt, openBreaker, openBreakers } from '../../shared/records/breakers.ts';
import { memory } from '../support/store.ts';

const account = '111122223333';
const patience = { hours: 1 };
const opening = (run: string) => ({ account, run, why: 'too much' });

describe('a circuit breaker', () => {
  test('is opened by one of many that try at once, and by nobody while it is open', async () => {
    const deps = memory();
    const runs = Array.from({ length: 50 }, (_, at) => `run-${at}`);
    const opened = await Promise.all(runs.map((run) => openBreaker(deps, patience, opening(run))));
    expect(opened.filter(Boolean)).toHaveLength(1);
    expect(await openBreaker(deps, patience, opening('later'))).toBe(false);
    expect(await breakerFor(deps, patience, account)).toMatchObject({ open: true, opening: 1, why: 'too much' });
  });

  test('is the same one’s again that died before it told anybody', async () => {
    const deps = memory();
    expect(await openBreaker(deps, patience, opening('one'))).toBe(true);
    expect(await openBreaker(deps, patience, opening('one'))).toBe(true);
    expect(await openBreaker(deps, patience, opening('other'))).toBe(false);
  });

  test('of one account holds no other back; the one for everything does', async () => {
    const deps = memory();
    await openBreaker(deps, patience, opening('one'));
    expect(await breakerFor(deps, patience, '444455556666')).toBeUndefined();
    await openBreaker(deps, patience, { run: 'two', why: 'everywhere' });
    expect(await breakerFor(deps, patience, '444455556666')).toMatchObject({ scope: 'all' });
    expect((await openBreakers(deps, patience)).map(({ scope }) => scope).sort()).toEqual([account, 'all']);
  });

  test('closes after an hour in which nothing was tried; every attempt begins the hour anew', async () => {
    const deps = memory();
    await openBreaker(deps, patience, opening('one'));
    deps.clock.advance(3_500);
    await noteAttempt(deps, patience, account);
    deps.clock.advance(3_500);
    expect(await breakerFor(deps, patience, account)).toBeDefined();
    deps.clock.advance(100);
    expect(await breakerFor(deps, patience, account)).toBeUndefined();
    expect(await openBreakers(deps, patience)).toEqual([]);
    await noteAttempt(deps, patience, account);
    expect(await breakerFor(deps, patience, account)).toBeUndefined();
    expect(await openBreaker(deps, patience, opening('two'))).toBe(true);
    expect(await breakerFor(deps, patience, account)).toMatchObject({ opening: 2, openedBy: 'two' });
  });

  test('is closed by a person, once, and may open again', async () => {
    const deps = memory();
    expect(await closeBreaker(deps, { account, by: 'maria', why: 'looked' })).toBe(false);
    await openBreaker(deps, patience, opening('one'));
    expect(await closeBreaker(deps, { account, by: 'maria', why: 'looked' })).toBe(true);
    expect(await closeBreaker(deps, { account, by: 'maria', why: 'looked' })).toBe(false);
    expect(await breakerFor(deps, patience, account)).toBeUndefined();
    expect(await openBreaker(deps, patience, opening('one'))).toBe(true);
  });
});
