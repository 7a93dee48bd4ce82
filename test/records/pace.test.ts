import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotYet } from '../../shared/model/error.ts';
import { type Entry, openJournal } from '../../shared/records/journal.ts';
import { pace, type Quota, reserve, type Toll } from '../../shared/records/pace.ts';
import { beforeWrite, memory } from '../support/store.ts';

const writes: Quota = { burst: 50, perSecond: 5 };
const toll = (calls: number, quota = writes): Toll => ({
  bucket: 'aws.ec2:111122223333:eu-west-1:writes',
  quota,
  calls,
});
const { signal } = new AbortController();
const secondsAfter = (from: string, instant: string): number => (Date.parse(instant) - Date.parse(from)) / 1_000;

type Gone = { readonly at: number; readonly calls: number };

/** The most calls in any stretch of time beyond what a token bucket of the quota lets through. */
function excess(gone: readonly Gone[], { burst, perSecond }: Quota): number {
  const sorted = gone.toSorted((a, b) => a.at - b.at);
  const over = sorted.flatMap(({ at: from }, first) =>
    sorted.slice(first).map(({ at: to }, more) => {
      const calls = sorted.slice(first, first + more + 1).reduce((sum, one) => sum + one.calls, 0);
      return calls - burst - (perSecond * (to - from)) / 1_000;
    }),
  );
  return Math.max(0, ...over);
}

describe('reserving calls', () => {
  test('never lets more through than the quota has room for, in whatever order and however many at once', async () => {
    const quota = fc.record({ burst: fc.integer({ min: 5, max: 60 }), perSecond: fc.integer({ min: 1, max: 30 }) });
    const wave = fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      together: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
    });
    const waves = fc.array(wave, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(quota, waves, fc.scheduler(), async (limit, all, scheduler) => {
        const store = memory();
        const read: typeof store.records.read = (...of) => scheduler.schedule(store.records.read(...of));
        const deps = { clock: store.clock, records: { ...store.records, read } };
        const gone: Gone[] = [];
        for (const { wait, together } of all) {
          store.clock.advance(wait / 1_000);
          const asked = together.map((calls, at) =>
            reserve(deps, toll(calls, limit), `run-${at}`).then((from) => gone.push({ at: Date.parse(from), calls })),
          );
          await scheduler.waitFor(Promise.all(asked));
        }
        store.close();
        expect(excess(gone, limit)).toBeLessThanOrEqual(0);
        expect(gone).toHaveLength(all.flatMap(({ together }) => together).length);
      }),
      { numRuns: 300 },
    );
  });

  test('uses the quota up but for a tenth', async () => {
    const { records, clock } = memory();
    const began = clock.now();
    const last = await Array.from({ length: 1_000 }).reduce<Promise<string>>(
      async (before) => before.then(() => reserve({ records, clock }, toll(1), 'run')),
      Promise.resolve(''),
    );
    expect(secondsAfter(began, last)).toBeCloseTo((1_000 - 45) / 4.5, 0);
  });

  test('gives up after a few collisions and comes back within two seconds', async () => {
    const store = memory();
    const lost = { ...store.records, create: async () => false, replace: async () => false };
    const thrown = await reserve({ records: lost, clock: store.clock }, toll(1), 'run').catch(
      (fault: unknown) => fault,
    );
    expect(thrown).toBeInstanceOf(NotYet);
    expect(secondsAfter(store.clock.now(), (thrown as NotYet).until)).toBeLessThanOrEqual(2); // an instance, as just shown
  });

  test('that meets another one takes the place behind it', async () => {
    const store = memory();
    await reserve(store, toll(45), 'run');
    const records = beforeWrite(store.records, 'pace', () => reserve(store, toll(9), 'other'));
    const from = await reserve({ records, clock: store.clock }, toll(9), 'run');
    expect(secondsAfter(store.clock.now(), from)).toBeCloseTo(4, 1);
  });
});

describe('a step', () => {
  const run = async (store: ReturnType<typeof memory>, id: string) => ({
    journal: await openJournal(store, id),
    order: { id },
    signal,
  });

  test('goes at once while there is room, and leaves no trace', async () => {
    const store = memory();
    const one = await run(store, 'one');
    await pace(store, one, 'isolate', toll(2));
    expect(one.journal.entries).toEqual([]);
  });

  test('waits out what is less than a second', async () => {
    const store = memory();
    const began = store.clock.now();
    await reserve(store, toll(45), 'others');
    await pace(store, await run(store, 'one'), 'isolate', toll(4));
    expect(secondsAfter(began, store.clock.now())).toBeCloseTo(4 / 4.5, 1);
  });

  test('that has to come back has its place, and takes no second one', async () => {
    const store = memory();
    await reserve(store, toll(90), 'others');
    const one = await run(store, 'one');
    const first = await pace(store, one, 'isolate', toll(1)).catch((fault: unknown) => fault);
    await one.journal.commit();
    const again = await pace(store, await run(store, 'one'), 'isolate', toll(1)).catch((fault: unknown) => fault);
    expect(first).toMatchObject({ code: 'paced', retryable: true });
    expect(again).toEqual(first);
    store.clock.moveTo((first as NotYet).until); // as just shown
    await pace(store, await run(store, 'one'), 'isolate', toll(1));
    const from = await reserve(store, toll(1), 'next');
    expect(secondsAfter((first as NotYet).until, from)).toBeCloseTo(1 / 4.5, 1); // as above
  });

  test('that has made its calls reserves anew for the next attempt', async () => {
    const store = memory();
    await reserve(store, toll(90), 'others');
    const one = await run(store, 'one');
    const first = await pace(store, one, 'isolate', toll(1)).catch((fault: unknown) => fault);
    const intent: Entry = { type: 'intent', step: 'isolate', digest: '', changes: [], captured: {}, startedAt: '' };
    await one.journal.commit(intent);
    const second = await pace(store, one, 'isolate', toll(1)).catch((fault: unknown) => fault);
    expect((second as NotYet).until > (first as NotYet).until).toBe(true); // both reserve far ahead
  });
});
