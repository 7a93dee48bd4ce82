import { describe, expect, it } from 'vitest';
import type { Notice } from '../../shared/model/notice.ts';
import { messages } from '../../shared/records/outbox.ts';
import { freedRuns, halt, heldBackRuns, resume } from '../../shared/run/halt.ts';
import { statusOf } from '../../shared/run/status.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { carryOn, changing, disableKey, leakedKey, openOne, type Road, road, stateOf } from '../support/road.ts';

const why = 'looks like a false alarm';

/** A starter that only remembers. */
function remembering() {
  const started: string[] = [];
  return { started, starter: { start: async (id: string) => void started.push(id) } };
}

async function heldBack(one: Road = road()): Promise<{ one: Road; runId: string }> {
  await halt(one.deps, {}, 'maria', why);
  const runId = await openOne(one, disableKey(), leakedKey());
  expect(await carryOn(one, runId)).toMatchObject({ status: 'waiting', waitsFor: 'the kill switch' });
  return { one, runId };
}

describe('halting', () => {
  it.each([
    ['everything', () => ({})],
    ['a playbook', () => ({ playbook: 'leaked-key' })],
    ['one run', (run: string) => ({ run })],
  ])('stops changes of %s, and lifting the same switch starts them again', async (_, scopeOf) => {
    const one = road();
    const runId = await openOne(one, disableKey(), leakedKey());
    const scope = scopeOf(runId);
    await halt(one.deps, scope, 'maria', why);
    await carryOn(one, runId);
    expect(changing(one)).toEqual([]);
    expect((await heldBackRuns(one.deps)).map(({ order }) => order.id)).toEqual([runId]);
    const { started, starter } = remembering();
    const came = await resume({ ...one.deps, starter }, scope, 'jonas', 'looked at');
    expect([came.started, came.stillOn, started]).toEqual([[runId], [], [runId]]);
    expect(await carryOn(one, runId)).toMatchObject({ result: { outcome: 'contained' } });
    expect(await heldBackRuns(one.deps)).toEqual([]);
  });

  it('stops no other playbook and no other run', async () => {
    const one = road();
    await halt(one.deps, { playbook: 'close-ports' }, 'maria', why);
    const runId = await openOne(one, disableKey(), leakedKey());
    expect(await carryOn(one, runId)).toMatchObject({ result: { outcome: 'contained' } });
  });

  it('names the run that there is not', async () => {
    await expect(halt(road().deps, { run: 'a'.repeat(26) }, 'maria', why)).rejects.toMatchObject({
      code: 'no-such-run',
    });
  });

  it('leaves a run where it is that another switch holds too', async () => {
    const { one, runId } = await heldBack();
    await halt(one.deps, { playbook: 'leaked-key' }, 'maria', why);
    const { started, starter } = remembering();
    const came = await resume({ ...one.deps, starter }, {}, 'jonas', 'looked at');
    expect([came.started, came.stillOn, started]).toEqual([[], ['playbook:leaked-key'], []]);
    expect(await stateOf(one, runId)).toMatchObject({ status: 'waiting' });
    expect(changing(one)).toEqual([]);
  });

  it('ends a run that nobody resumes within a day, and forgets it', async () => {
    const { one, runId } = await heldBack();
    one.sandbox.clock.advance(86_401);
    expect(await carryOn(one, runId)).toMatchObject({ result: { outcome: 'halted' } });
    expect(await heldBackRuns(one.deps)).toEqual([]);
    expect(await freedRuns(one.deps)).toEqual([]);
    expect(await one.deps.records.list('paused', 'paused')).toEqual([]);
  });

  it('tells people who has halted what, why, and how it is lifted', async () => {
    const one = road();
    const channel = { name: 'everybody', send: async () => '' };
    const notifier = { channels: [channel], channelsFor: () => [channel] };
    await halt({ ...one.deps, notifier }, { playbook: 'leaked-key' }, 'maria', why);
    const [told] = (await messages(one.deps, 'waiting')).map(({ body }) => body as Notice); // posted by `tell` alone
    expect(told).toMatchObject({ kind: 'halted', page: true, playbook: 'leaked-key' });
    expect(told?.detail).toContain(why);
    expect(told?.commands[0]).toContain('cordon resume --playbook leaked-key');
  });
});

describe('the sweep', () => {
  it('starts what a lifted switch held back, where whoever lifted it has died before', async () => {
    const { one, runId } = await heldBack();
    const { started, starter } = remembering();
    await sweep({ ...one.deps, starter });
    expect(started).toEqual([]);
    const dies = { start: () => Promise.reject(new Error('gone')) };
    await expect(resume({ ...one.deps, starter: dies }, {}, 'jonas', 'looked at')).rejects.toMatchObject({
      code: 'not-started',
      retryable: true,
    });
    await sweep({ ...one.deps, starter });
    expect(started).toEqual([runId]);
  });
});

describe('the status', () => {
  it('shows the switches that are on and what they hold back', async () => {
    const { one, runId } = await heldBack();
    expect(await statusOf(one.deps)).toMatchObject({
      mode: 'enforce',
      switches: [{ scope: 'all', by: 'maria', why }],
      heldBack: [{ run: runId, playbook: 'leaked-key' }],
      runs: { waiting: 1 },
      containments: { held: 0 },
    });
  });

  it('shows nobody what they have no right to', async () => {
    const { one } = await heldBack();
    expect(await statusOf(one.deps, () => false)).toMatchObject({ heldBack: [], runs: { waiting: 0 } });
  });
});
