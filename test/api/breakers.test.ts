import { expect, it } from 'vitest';
import { openBreaker, openBreakers } from '../../shared/records/breakers.ts';
import { asked } from '../support/api.ts';
import { production } from '../support/company.ts';

const patience = { hours: 24 };

it('closes the breaker of an account, with who has looked and what was found', async () => {
  const world = asked();
  const { deps, ask } = world;
  await openBreaker(deps, patience, { account: production, run: 'a'.repeat(26), why: 'too much' });
  const body = { why: 'it was our own load test' };
  expect(await ask('POST', `/breakers/${production}/close`, { as: 'ron', body })).toMatchObject({
    status: 200,
    body: { scope: production, open: false },
  });
  expect(await openBreakers(deps, patience)).toEqual([]);
  expect(await deps.records.list('breaker', 'closed')).toMatchObject([
    { body: { closedBy: 'ron', closedWhy: body.why } },
  ]);
  expect(await ask('POST', `/breakers/${production}/close`, { as: 'ron', body })).toMatchObject({ status: 404 });
});

it('wants to know why', async () => {
  const { ask } = asked();
  expect(await ask('POST', '/breakers/all/close', { as: 'ron', body: {} })).toMatchObject({ status: 400 });
});
