import { app } from '@azure/functions';
import { log } from '../log.ts';
import { type RoundDeps, round } from '../round.ts';
import { runsQueue, starting } from './bindings.ts';

/** Registers what is done every minute. */
export function registerOnSchedule(deps: () => Promise<Omit<RoundDeps, 'starter'>>): void {
  app.timer('on-schedule', {
    schedule: '0 * * * * *',
    extraOutputs: [runsQueue],
    handler: async (_, context) => {
      const wired = await deps();
      const done = await starting(context, (starter) => round({ ...wired, starter }));
      if (done.started.length + done.attended > 0) log('info', 'looked after', done);
    },
  });
}
