import { describe, expect, test } from 'vitest';
import type { Severity } from '../../shared/model/finding.ts';
import type { RunOrder, RunResult } from '../../shared/model/run.ts';
import type { Starter } from '../../shared/ports/starter.ts';
import { firstInQueue, heldBack } from '../../shared/records/admission.ts';
import { openJournal } from '../../shared/records/journal.ts';
import { itsTurn } from '../../shared/run/admit.ts';
import { effectsOf, type Program } from '../../shared/run/effect.ts';
import { createRun, orderFor } from '../../shared/run/open.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { type Engine, turn, type WorkTable } from '../../shared/run/turn.ts';
import { northwindSettings } from '../support/company.ts';
import { disableKey, leakedKey } from '../support/road.ts';
import { memory } from '../support/store.ts';

const { signal } = new AbortController();
type Toy = { readonly act: { readonly input: null; readonly answer: string | null } };
const { waitFor } = effectsOf<Toy>();
const contained: RunResult = { outcome: 'contained', reason: 'allowed', steps: [] };

/** Runs that end when they are told to, and wait for a person until then. */
async function queueing(bound: number) {
  const store = memory();
  const deps = { ...store, settings: northwindSettings() };
  const { finding, event } = leakedKey();
  const [target] = finding.resources;
  if (!target) throw new Error('no target');
  const began: string[] = [];
  const started: string[] = [];
  const asks = new Set<string>();
  const works: WorkTable = {
    act: async (_, { order, signal: until }) => {
      began.push(order.id);
      until.throwIfAborted();
      return asks.has(order.id) ? null : 'done';
    },
  };
  function* program(): Program<RunResult> {
    yield* waitFor('act', 'act', null, '2026-11-21T09:05:00.000Z', 'a person');
    return contained;
  }
  const starter: Starter = { start: async (runId) => void started.push(runId) };
  const engine: Engine = { records: store.records, clock: store.clock, works, program, admission: { bound, starter } };
  let count = 0;
  const open = async (severity: Severity, changed: Partial<RunOrder> = {}): Promise<string> => {
    count += 1;
    store.clock.advance(1);
    const one = { ...finding, id: `finding-${count}`, severity };
    const envelope = { time: undefined, replayed: false };
    const occasion = {
      finding: one,
      event,
      envelope,
      requester: { kind: 'event', id: 'e' },
      wants: 'enforce',
    } as const;
    const order = { ...(await orderFor(deps, disableKey(), occasion, target)), ...changed } as RunOrder; // changed within its kind
    await createRun(store, order);
    return order.id;
  };
  const go = (runId: string) => turn(engine, runId, signal);
  return { store, engine, open, go, began, started, asks };
}

describe('admission', () => {
  test('lets in as many as the bound says, the most severe first and the older of the same', async () => {
    const { store, open } = await queueing(3);
    const low = await open('Low');
    const critical = await open('Critical');
    const high = await open('High');
    const later = await open('Critical');
    const order = (await firstInQueue(store.records, 10)).map(({ id }) => id.split(':').at(-1));
    expect(order).toEqual([critical, later, high, low]);
  });

  test('holds the others back without a call, and says what they wait for', async () => {
    const { open, go, asks, began } = await queueing(2);
    const [first, second] = [await open('High'), await open('High')];
    asks.add(first).add(second);
    const third = await open('High');
    expect(await go(third)).toMatchObject({ status: 'waiting', waitsFor: itsTurn, result: null });
    expect(began).toEqual([]);
  });

  test('starts the next one when a run ends, and one that comes twice is let in once', async () => {
    const { open, go, started, began } = await queueing(1);
    const first = await open('High');
    const second = await open('High');
    const third = await open('High');
    await go(second);
    await go(third);
    expect(await go(first)).toMatchObject({ status: 'ended' });
    expect(started).toEqual([second]);
    expect(await go(second)).toMatchObject({ status: 'ended' });
    expect(started).toEqual([second, third]);
    await go(second);
    expect(began).toEqual([first, second]);
  });

  test('makes room while a run waits for a person, and never holds up what the person has answered', async () => {
    const { open, go, started, asks } = await queueing(1);
    const first = await open('Low');
    asks.add(first);
    const second = await open('Low');
    await go(second);
    expect(await go(first)).toMatchObject({ waitsFor: 'a person' });
    expect(started).toEqual([second]);
    await open('Critical');
    asks.delete(first);
    expect(await go(first)).toMatchObject({ status: 'ended' });
  });

  test('lets a Critical that comes late overtake what has not begun', async () => {
    const { open, go } = await queueing(1);
    const low = await open('Low');
    const critical = await open('Critical');
    expect(await go(low)).toMatchObject({ waitsFor: itsTurn });
    expect(await go(critical)).toMatchObject({ status: 'ended' });
    expect(await go(low)).toMatchObject({ status: 'ended' });
  });

  test('never holds back a run that has begun to change something', async () => {
    const { store, open, go } = await queueing(1);
    const low = await open('Low');
    const journal = await openJournal(store, low);
    await journal.commit({ type: 'intent', step: 's', digest: '', changes: [], captured: {}, startedAt: '' });
    await open('Critical');
    expect(await go(low)).toMatchObject({ status: 'ended' });
  });

  test('does not count dry-runs, nor hold them back', async () => {
    const { store, open, go } = await queueing(1);
    await open('Critical');
    const plan = await open('Low', { mode: 'dry-run' });
    expect(await firstInQueue(store.records, 10)).toHaveLength(1);
    expect(await go(plan)).toMatchObject({ status: 'ended' });
  });

  test('is caught up by the sweep when the start of the next one was lost', async () => {
    const { store, engine, open, go, started } = await queueing(1);
    const first = await open('High');
    const second = await open('High');
    await go(second);
    await go(first);
    started.length = 0;
    const starter: Starter = { start: async (runId) => void started.push(runId) };
    await sweep({ ...store, starter, settings: { running: engine.admission?.bound ?? 0 } });
    expect(started).toEqual([second]);
  });

  test('forgets after a day what goes on and never ends', async () => {
    const { store, open, go } = await queueing(1);
    await open('Critical');
    const low = await open('Low');
    await go(low);
    store.clock.advance(90_000);
    const starter: Starter = { start: async () => {} };
    await sweep({ ...store, starter, settings: { running: 1 } });
    expect(await go(low)).toMatchObject({ status: 'ended' });
    expect(heldBack(await firstInQueue(store.records, 10))).toEqual([]);
  });
});
