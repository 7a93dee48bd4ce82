import { describe, expect, it } from 'vitest';
import { coldStart } from '../../functions/cold-start.ts';
import { createHandler as onEvent, handler } from '../../functions/aws/on-event.ts';
import { createHandler as onRun } from '../../functions/aws/on-run.ts';
import { createHandler as onSchedule } from '../../functions/aws/on-schedule.ts';
import { heard } from '../support/console.ts';
import { durableLambda } from '../support/durable-lambda.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { readRun } from '../../shared/run/turn.ts';
import { type Doors, doors, failingOn, lambdaContext, leakedKey, leakedKeyAgain, sqsEvent } from '../support/doors.ts';

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

/** Lambda with on-run behind it. */
function lambdaOf({ engine, sandbox }: Doors) {
  const lambda = durableLambda(sandbox.clock);
  const handler = onRun(engine, { durableExecutionClient: lambda.client });
  const alive = { handler, dead: new Promise<never>(() => undefined), kill: () => undefined };
  return { ...lambda, work: () => lambda.work(() => alive) };
}

describe('on-run on Lambda', () => {
  it('carries an event to containment: the key of the attacker no longer works', async () => {
    const company = doors();
    const { deps, sandbox, started, known } = company;
    const { start, work, executions } = lambdaOf(company);
    known(leakedKey());
    expect(sandbox.can(key)).toBe(true);
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    start(started[0] ?? '', JSON.stringify({ runId: started[0] }));
    await work();
    expect([...executions.values()]).toMatchObject([{ status: 'SUCCEEDED', invocations: 1 }]);
    expect(await readRun(deps.records, started[0] ?? '')).toMatchObject({ result: { outcome: 'contained' } });
    expect(sandbox.can(key)).toBe(false);
  });

  it('changes nothing where a run has ended, and fails what is no run', async () => {
    const company = doors();
    const { deps, started, known } = company;
    const { start, work, executions } = lambdaOf(company);
    known(leakedKey());
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    const [runId = ''] = started;
    start('first', JSON.stringify({ runId }));
    await work();
    const before = await readRun(deps.records, runId);
    start('second', JSON.stringify({ runId }));
    start('third', JSON.stringify({ runId: '../../x' }));
    start('fourth', JSON.stringify({ runId: 'a'.repeat(26) }));
    await work();
    const status = [...executions.values()].map((execution) => execution.status);
    expect(status).toEqual(['SUCCEEDED', 'SUCCEEDED', 'FAILED', 'FAILED']);
    expect(await readRun(deps.records, runId)).toEqual(before);
  });
});

describe('two executions of on-run for one run at the same time', () => {
  it('make its changes once: the slower one stops, and comes again when the other should be done', async () => {
    const company = doors();
    const { deps, sandbox, started, known } = company;
    known(leakedKey());
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    const [runId = ''] = started;
    const both = [lambdaOf(company), lambdaOf(company)];
    for (const { start } of both) start(runId, JSON.stringify({ runId }));
    await Promise.all(both.map(({ work }) => work()));
    for (const { pass, work } of both) while (pass('2026-11-20T10:00:00.000Z')) await work();
    expect(both.flatMap(({ executions }) => [...executions.values()].map(({ status }) => status))).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
    ]);
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
    expect(await onSchedule(deps)()).toEqual({ started: [run?.id], attended: 0 });
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
