import { app } from '@azure/functions';
import type { ReceiveDeps } from '../../shared/run/receive.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { log } from '../log.ts';
import { runsQueue, starting } from './bindings.ts';

/** Registers what starts, every minute, the runs that are due and those whose start was lost. */
export function registerOnSchedule(deps: () => Promise<Pick<ReceiveDeps, 'records' | 'clock'>>): void {
  app.timer('on-schedule', {
    schedule: '0 * * * * *',
    extraOutputs: [runsQueue],
    handler: async (_, context) => {
      const home = await deps();
      const swept = await starting(context, (starter) => sweep({ ...home, starter }));
      if (swept.started.length > 0) log('info', 'swept', swept);
    },
  });
}
