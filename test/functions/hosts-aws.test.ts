import { afterAll, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../functions/aws/on-run.ts';
import { lambdaStarter } from '../../shared/adapters/aws/starter.ts';
import { northwind } from '../support/company.ts';
import { type DurableLambda, durableLambda } from '../support/durable-lambda.ts';
import { type Host, type HostOptions, startProcess, type Version } from '../support/host.ts';
import { hostContract } from '../support/host-contract.ts';
import { type Lasting, lasting, processOn } from '../support/killing.ts';
import { disableKey, leakedKey, openOne } from '../support/road.ts';

vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
afterAll(() => void vi.unstubAllEnvs());

/** Lambda durable functions: the real SDK replays in the function, and the real client starts and wakes it. */
const openLambda = async (
  on: Lasting,
  { version, death }: HostOptions = {},
): Promise<Host & { lambda: DurableLambda }> => {
  const { clock } = on.sandbox;
  const lambda = durableLambda(clock, death);
  const boot = (serves: Version | undefined) => {
    const process = startProcess(on, serves);
    return { process, handler: createHandler(process.engine, { durableExecutionClient: lambda.client }) };
  };
  let serves = version;
  let booted = boot(serves);
  const home = async () => ({ records: on.store.records, clock });
  const { requestHandler } = lambda;
  return {
    lambda,
    starter: lambdaStarter({ functionName: 'cordon-on-run:durable', region: 'eu-west-1', home, requestHandler }),
    async settle() {
      await lambda.work(() => {
        if (!booted.process.alive) booted = boot(serves);
        const { process, handler } = booted;
        return { handler, dead: process.dead, kill: process.kill };
      });
    },
    async pass(until) {
      return lambda.pass(until);
    },
    deploy(next) {
      serves = next;
      booted = boot(serves);
    },
    forget: lambda.forget,
    get checkpoints() {
      return lambda.checkpoints;
    },
    close: async () => undefined,
  };
};

hostContract('Lambda durable functions', openLambda);

describe('the execution of a run', () => {
  const asks = disableKey('approve: { by: [on-call], within: 4h }');

  async function waiting() {
    const on = lasting(northwind());
    const one = await openLambda(on);
    const around = processOn(on, (effect) => effect());
    const runId = await openOne(around, asks, leakedKey());
    const start = async () => {
      await one.starter.start(runId);
      await one.settle();
    };
    await start();
    const executions = () => [...one.lambda.executions.values()];
    return { on, runId, start, executions, clock: on.sandbox.clock, lambda: one.lambda };
  }

  it('has the name of the run and is one, however often it is started', async () => {
    const { runId, start, executions } = await waiting();
    for (let time = 0; time < 20; time += 1) await start();
    expect(executions()).toMatchObject([{ name: runId, status: 'RUNNING' }]);
    expect(executions()[0]?.operations.size).toBeLessThan(100);
  });

  it('is replaced at once where somebody wants to wake it and it is lost, by one that the next finds', async () => {
    const { runId, start, executions, clock } = await waiting();
    for (const execution of executions()) execution.status = 'STOPPED';
    await start();
    await start();
    clock.advance(60);
    await start();
    expect(executions()).toMatchObject([
      { name: runId, status: 'STOPPED' },
      { name: `${runId}-20261120T0900`, status: 'RUNNING' },
    ]);
  });

  it('is replaced when it was lost before its first wait, once the run is overdue', async () => {
    const on = lasting(northwind());
    const { lambda, starter } = await openLambda(on);
    const runId = await openOne(
      processOn(on, (effect) => effect()),
      asks,
      leakedKey(),
    );
    await starter.start(runId);
    for (const execution of lambda.executions.values()) execution.status = 'FAILED';
    for (let minute = 0; minute < 5; minute += 1) {
      await starter.start(runId);
      expect(lambda.executions.size).toBe(1);
      on.sandbox.clock.advance(60);
    }
    on.sandbox.clock.advance(60);
    for (let minute = 0; minute < 30; minute += 1) {
      await starter.start(runId);
      for (const execution of lambda.executions.values()) execution.status = 'FAILED';
      on.sandbox.clock.advance(60);
    }
    expect(lambda.executions.size).toBe(4); // its own, and one for each quarter of an hour that has begun
  });

  it('is told by Lambda no more than which run, and nothing when it is woken', async () => {
    const { runId, start, lambda } = await waiting();
    lambda.bodies.length = 0;
    await start();
    lambda.forget();
    await start();
    expect(lambda.bodies.filter((body) => body !== '')).toEqual([JSON.stringify({ runId })]);
  });
});
