import { expect, test } from 'vitest';
import { Leased, lease, leaseSeveral } from '../../shared/records/leases.ts';
import { memory } from '../support/store.ts';

test('a lease that is kept lasts as long as its owner keeps it', async () => {
  const deps = memory();
  const { keep, free } = await lease(deps, 'key', 'one');
  for (let minutes = 0; minutes < 4; minutes += 0.5) {
    await keep();
    deps.clock.advance(31);
    await keep();
    await expect(lease(deps, 'key', 'two')).rejects.toBeInstanceOf(Leased);
  }
  await free();
  await lease(deps, 'key', 'two');
});

test('a lease is not written again while less than half of it is over', async () => {
  const deps = memory();
  const { keep } = await lease(deps, 'key', 'one');
  deps.clock.advance(29);
  await Promise.all([keep(), keep()]);
  expect((await deps.records.read('lease', 'key'))?.version).toBe(1);
  deps.clock.advance(2);
  await Promise.all([keep(), keep()]);
  expect((await deps.records.read('lease', 'key'))?.version).toBe(2);
});

test.each(['two', 'one'])(
  'who wakes after the lease was taken by another turn, of run %s, keeps nothing',
  async (owner) => {
    const deps = memory();
    const { keep, free } = await lease(deps, 'key', 'one');
    deps.clock.advance(61);
    await lease(deps, 'key', owner);
    await expect(keep()).rejects.toBeInstanceOf(Leased);
    await free();
    expect((await deps.records.read('lease', 'key'))?.body).toMatchObject({ owner });
  },
);

test('several leases are kept together: one that is gone is enough to stop', async () => {
  const deps = memory();
  const { keep } = await leaseSeveral(deps, ['a', 'b'], 'one');
  deps.clock.advance(61);
  await lease(deps, 'b', 'two');
  await expect(keep()).rejects.toBeInstanceOf(Leased);
});
