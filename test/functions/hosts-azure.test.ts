import { afterEach, describe, expect, it } from 'vitest';
import { readRun } from '../../shared/run/turn.ts';
import { northwind } from '../support/company.ts';
import { durableExtension } from '../support/durable-extension.ts';
import { functionsHost } from '../support/functions-host.ts';
import { type Host, type HostOptions, type Process, startProcess } from '../support/host.ts';
import { hostContract } from '../support/host-contract.ts';
import { type Lasting, lasting, processOn } from '../support/killing.ts';
import { disableKey, leakedKey, openOne } from '../support/road.ts';

const host = functionsHost();
const { registerOnRun } = await import('../../functions/azure/on-run.ts');

/** The process that the registered functions live in; each host brings its own. */
const at: { process?: Process } = {};
registerOnRun(async () => {
  if (at.process) return at.process.engine;
  throw new Error('no process');
});

type Extension = Awaited<ReturnType<typeof durableExtension>>;

/** Azure Durable Functions: the real SDK replays histories, and its real client starts and wakes over the loopback. */
const openFunctions = async (
  on: Lasting,
  { version, death }: HostOptions = {},
): Promise<Host & { extension: Extension }> => {
  const extension = await durableExtension(host, on.sandbox.clock, death);
  let serves = version;
  let process = startProcess(on, serves);
  return {
    extension,
    starter: { start: async (runId) => extension.send({ runId }) },
    async settle() {
      await extension.work(() => {
        if (!process.alive) process = startProcess(on, serves);
        at.process = process;
        return process;
      });
    },
    pass: async (until) => extension.pass(until),
    deploy(next) {
      serves = next;
      process = startProcess(on, serves);
    },
    forget: extension.forget,
    get checkpoints() {
      return extension.checkpoints;
    },
    close: extension.close,
  };
};

hostContract('Azure Durable Functions', openFunctions);

describe('the orchestration of a run', () => {
  const asks = disableKey('approve: { by: [on-call], within: 10d }');
  const open: Host[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  async function waiting() {
    const on = lasting(northwind());
    const one = await openFunctions(on);
    open.push(one);
    const runId = await openOne(
      processOn(on, (effect) => effect()),
      asks,
      leakedKey(),
    );
    await one.starter.start(runId);
    await one.settle();
    return { on, one, runId, instance: () => one.extension.instances.get(runId) };
  }

  it('has the id of the run, and is one however often the run is started', async () => {
    const { one, runId, instance } = await waiting();
    for (let start = 0; start < 65; start += 1) {
      await one.starter.start(runId);
      await one.settle();
    }
    expect([...one.extension.instances.keys()]).toEqual([runId]);
    expect(instance()?.status).toBe('Running');
    expect(instance()?.history.length).toBeLessThan(200);
    expect(instance()?.timers).toHaveLength(1);
  });

  it('keeps a history that does not grow with the days it waits, with timers of no more than a day', async () => {
    const { on, one, instance } = await waiting();
    for (let day = 0; day < 8; day += 1) {
      const before = on.sandbox.clock.milliseconds;
      await one.pass('9999-12-31T00:00:00.000Z');
      await one.settle();
      expect(on.sandbox.clock.milliseconds - before).toBeLessThanOrEqual(86_400_000);
      expect(instance()?.history.length).toBeLessThan(12);
    }
  });

  it('ends after the run, with no timer left behind', async () => {
    const { on, one, runId, instance } = await waiting();
    for (let round = 0; round < 20 && instance()?.status === 'Running'; round += 1) {
      await one.pass('9999-12-31T00:00:00.000Z');
      await one.settle();
    }
    expect(instance()).toMatchObject({ status: 'Completed', timers: [], tasks: [] });
    expect(await readRun(on.store.records, runId)).toMatchObject({ result: { outcome: 'lapsed' } });
  });
});
