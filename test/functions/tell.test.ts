import { describe, expect, it } from 'vitest';
import { createHandler as onSchedule } from '../../functions/aws/on-schedule.ts';
import { createRunner } from '../../functions/local/runner.ts';
import { round } from '../../functions/round.ts';
import { Json } from '../../shared/model/json.ts';
import type { Channel } from '../../shared/ports/notifier.ts';
import { post } from '../../shared/records/outbox.ts';
import { heard } from '../support/console.ts';
import { doors } from '../support/doors.ts';
import { askNotice } from '../support/notices.ts';

heard();

async function waiting() {
  const { deps, engine } = doors();
  const told: string[] = [];
  const channel: Channel = { name: 'desk', send: async ({ id }) => `${told.push(id)}` };
  const notifier = { channels: [channel], channelsFor: () => [channel] };
  await post(deps, { id: 'one', to: 'channel:desk', body: Json.parse(askNotice()) });
  return { deps: { ...deps, notifier }, engine, told };
}

describe('what waits in the outbox', () => {
  it('goes out with every look of on-schedule on Lambda, once', async () => {
    const { deps, told } = await waiting();
    await onSchedule(deps)();
    await onSchedule(deps)();
    expect(told).toEqual([askNotice().id]);
  });

  it('goes out though runs cannot be started, which is still said', async () => {
    const { deps, told } = await waiting();
    const records = {
      ...deps.records,
      listDue: async (...[kind, ...rest]: Parameters<typeof deps.records.listDue>) => {
        if (kind === 'run') throw new Error('no runs today');
        return deps.records.listDue(kind, ...rest);
      },
    };
    await expect(onSchedule({ ...deps, records })()).rejects.toThrow('no runs today');
    expect(told).toEqual([askNotice().id]);
  });

  it('goes out with every look of the runner on one machine', async () => {
    const { deps, engine, told } = await waiting();
    const runner = createRunner({
      engine,
      report: () => undefined,
      sweepSeconds: 3_600,
      round: (starter, signal) => round({ ...deps, starter }, signal),
    });
    await runner.look();
    await runner.close();
    expect(told).toEqual([askNotice().id]);
  });
});
