import { describe, expect, it } from 'vitest';
import { coldStart } from '../../functions/cold-start.ts';
import { createHandler as onEvent, handler } from '../../functions/aws/on-event.ts';
import { createHandler as onRun } from '../../functions/aws/on-run.ts';
import { createHandler as onSchedule } from '../../functions/aws/on-schedule.ts';
import { heard } from '../support/console.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { readRun } from '../../shared/run/turn.ts';
import { doors, failingOn, lambdaContext, leakedKey, leakedKeyAgain, sqsEvent } from '../support/doors.ts';

const day = '2026-11-20';
const lines = heard();
const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };

describe('on-event on Lambda', () => {
  it('fails nothing but the record whose write failed, and keeps the one that can never be read', async () => {
    const { deps, started } = doors();
    const events = Array.from({ length: 8 }, (_, at) => JSON.stringify(leakedKeyAgain(at)));
    const lost = JSON.stringify(leakedKeyAgain(99));
    const bodies = [...events.slice(0, 4), 'not { json', ...events.slice(4), lost];
    const records = failingOn(deps.records, 'b0000000000000000000000000000099');
    const answer = await onEvent({ ...deps, records })(sqsEvent(bodies), lambdaContext());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-9' }] });
    expect(new Set(started).size).toBe(8);
    expect(lines.join()).toMatch(/a message will come again.*message-9.*store-down/);
    expect(lines.join()).not.toMatch(/accessKeyDetails/);
    expect(await quarantinedOn(deps, day)).toMatchObject([
      { head: 'not { json', problem: 'The message is not JSON.', requester: 'sqs:message-4' },
    ]);
  });

  it('opens one run for a delivery that comes twice, and starts it again', async () => {
    const { deps, started } = doors();
    const handle = onEvent(deps);
    const event = sqsEvent([JSON.stringify(leakedKey())]);
    await handle(event, lambdaContext());
    await handle(event, lambdaContext());
    expect(await deps.records.list('run', day)).toHaveLength(1);
    expect(started).toHaveLength(2);
    expect(new Set(started).size).toBe(1);
  });

  it('brings a record again whose run could not be started, and finds the run it opened', async () => {
    const { deps, started } = doors();
    let broken = true;
    const starter = {
      async start(runId: string) {
        if (broken) throw new Error('no Lambda today');
        await deps.starter.start(runId);
      },
    };
    const handle = onEvent({ ...deps, starter });
    const event = sqsEvent([JSON.stringify(leakedKey())]);
    expect(await handle(event, lambdaContext())).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    broken = false;
    expect(await handle(event, lambdaContext())).toEqual({ batchItemFailures: [] });
    expect(started).toHaveLength(1);
    expect(await deps.records.list('run', day)).toHaveLength(1);
  });

  it('says when it is called, and not before, which variable is missing', async () => {
    expect(await handler(sqsEvent(['{}']), lambdaContext()).catch((thrown: Error) => thrown.message)).toMatch(
      /^CORDON_RUN_FUNCTION: is not set$/,
    );
  });
});

describe('on-run on Lambda', () => {
  it('carries an event to containment: the key of the attacker no longer works', async () => {
    const { deps, engine, sandbox, started, known } = doors();
    known(leakedKey());
    expect(sandbox.can(key)).toBe(true);
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    const standing = await onRun(engine)({ runId: started[0] }, lambdaContext());
    expect(standing).toMatchObject({ status: 'ended', result: { outcome: 'contained' } });
    expect(sandbox.can(key)).toBe(false);
  });

  it('leaves a wait that is longer than its time to the sweep, which starts the run when it is due', async () => {
    const { deps, engine, sandbox, started, known } = doors();
    known(leakedKey());
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    const [runId = ''] = started.splice(0);
    const standing = await onRun(engine)({ runId }, lambdaContext(61_000));
    expect(standing).toMatchObject({ status: 'waiting', waitsFor: null });
    const sweep = onSchedule(deps);
    expect(await sweep()).toEqual({ started: [] });
    sandbox.clock.moveTo(standing.dueAt ?? '');
    expect(await sweep()).toEqual({ started: [runId] });
    expect(await onRun(engine)({ runId }, lambdaContext())).toMatchObject({ result: { outcome: 'contained' } });
    expect(await sweep()).toEqual({ started: [] });
  });

  it('changes nothing where a run has ended, and refuses what is no run', async () => {
    const { deps, engine, started, known } = doors();
    known(leakedKey());
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    const [runId = ''] = started;
    await onRun(engine)({ runId }, lambdaContext());
    const before = await readRun(deps.records, runId);
    expect(await onRun(engine)({ runId }, lambdaContext())).toMatchObject({ status: 'ended' });
    expect(await readRun(deps.records, runId)).toEqual(before);
    await expect(onRun(engine)({ runId: '../../x' }, lambdaContext())).rejects.toMatchObject({ code: 'bad-run-event' });
  });
});

describe('two invocations of on-run for one run at the same time', () => {
  it('make its changes once: the slower one stops and says where the run stands', async () => {
    const { deps, engine, sandbox, started, known } = doors();
    known(leakedKey());
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    const [runId = ''] = started;
    const both = await Promise.all([1, 2].map(() => onRun(engine)({ runId }, lambdaContext())));
    expect(both.map(({ status }) => status).filter((status) => status === 'ended').length).toBeGreaterThanOrEqual(1);
    expect(await readRun(deps.records, runId)).toMatchObject({ result: { outcome: 'contained' } });
    expect(sandbox.recorder.calls.filter(({ operation }) => operation.endsWith('UpdateAccessKey'))).toHaveLength(1);
  });
});

describe('a cold start', () => {
  it('begins at once, is made once, and is tried anew after it failed', async () => {
    let made = 0;
    const ready = coldStart(async () => {
      made += 1;
      if (made === 1) throw new Error('the store is not there yet');
      return made;
    });
    expect(made).toBe(1);
    await new Promise(setImmediate); // nobody has asked: the failure stays unheard
    expect(await ready()).toBe(2);
    expect(await ready()).toBe(2);
  });
});

describe('on-schedule on Lambda', () => {
  it('starts a run whose start was lost', async () => {
    const { deps, started } = doors();
    const lost = { ...deps, starter: { start: async () => undefined } };
    await onEvent(lost)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    expect(started).toEqual([]);
    const [run] = await deps.records.list('run', day);
    expect(await onSchedule(deps)()).toEqual({ started: [run?.id] });
  });

  it('tries every run and then says which could not be started', async () => {
    const { deps } = doors();
    await onEvent(deps)(
      sqsEvent([leakedKeyAgain(1), leakedKeyAgain(2)].map((event) => JSON.stringify(event))),
      lambdaContext(),
    );
    const tried: string[] = [];
    const starter = {
      async start(runId: string) {
        tried.push(runId);
        throw new Error('throttled');
      },
    };
    await expect(onSchedule({ ...deps, starter })()).rejects.toMatchObject({ code: 'not-started', retryable: true });
    expect(tried).toHaveLength(2);
  });
});
