import { describe, expect, it } from 'vitest';
import { createRunner } from '../../functions/local/runner.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { readRun } from '../../shared/run/turn.ts';
import { northwind } from '../support/company.ts';
import { mortality, type OpenHost, startProcess, type Version } from '../support/host.ts';
import { hostContract } from '../support/host-contract.ts';
import { lasting, processOn } from '../support/killing.ts';
import { disableKey, leakedKey, openOne } from '../support/road.ts';

/** The laptop: one process, which the user starts again when it has died. It remembers nothing but its records. */
const openLaptop: OpenHost = async (on, { version, death } = {}) => {
  const { records } = on.store;
  const { clock } = on.sandbox;
  const mortal = mortality(death);
  const boot = (serves: Version | undefined) => {
    const process = startProcess(on, serves, async (effect) => {
      const fate = mortal.next();
      const answer = fate === 'dies-before' ? undefined : await effect();
      if (answer !== undefined && fate === 'lives') return answer;
      process.kill();
      return new Promise<never>(() => {});
    });
    const runner = createRunner({ engine: process.engine, report: () => undefined, sweepSeconds: 3_600 });
    return { process, runner };
  };
  let serves = version;
  let booted = boot(serves);
  const die = () => {
    booted.process.kill();
    void booted.runner.close(); // of what is dead nothing ends
  };
  const bootAgain = () => {
    die();
    booted = boot(serves);
  };
  return {
    starter: { start: (runId) => booted.runner.starter.start(runId) },
    async settle() {
      for (;;) {
        const end = await Promise.race([booted.runner.idle(), booted.process.dead]);
        if (end !== 'dead') return;
        bootAgain();
        await booted.runner.look();
      }
    },
    async pass(until) {
      const [next] = await records.listDue('run', until, 1);
      if (next?.due === undefined) return false;
      clock.moveTo(next.due);
      await booted.runner.look();
      return true;
    },
    deploy(next) {
      serves = next;
      bootAgain();
    },
    forget: bootAgain,
    get checkpoints() {
      return mortal.count;
    },
    close: async () => die(),
  };
};

hostContract('the laptop', openLaptop);

describe('a run on the laptop that sleeps', () => {
  /** A clock on which nobody's sleep is ever over. */
  const sleepless = (clock: Clock): Clock & { readonly asleep: () => Promise<void> } => {
    let fallen = Promise.withResolvers<void>();
    return {
      now: clock.now,
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          fallen.resolve();
          fallen = Promise.withResolvers();
        }),
      asleep: () => fallen.promise,
    };
  };

  it('has a turn when it is started again', async () => {
    const on = lasting(northwind());
    const one = processOn(on, (effect) => effect());
    const clock = sleepless(on.sandbox.clock);
    const runId = await openOne(one, disableKey(), leakedKey());
    const faults: unknown[] = [];
    const report = (fault: unknown) => void faults.push(fault);
    const runner = createRunner({ engine: { ...one.engine, clock }, report, sweepSeconds: 3_600 });
    await Promise.all([clock.asleep(), runner.starter.start(runId)]);
    on.sandbox.clock.advance(15);
    await runner.starter.start(runId);
    await runner.idle();
    expect(await readRun(one.deps.records, runId)).toMatchObject({ result: { outcome: 'contained' } });

    await runner.close();
    expect(faults).toEqual([]);
  });
});
