import { app } from '@azure/functions';
import { log } from '../log.ts';
import type { RoundDeps } from '../round.ts';
import type { SentMetrics } from './azure-monitor-metrics.ts';
import { runsQueue, starting } from './bindings.ts';

export type ScheduleDeps = Omit<RoundDeps, 'starter' | 'metrics'> & { readonly metrics?: SentMetrics };

/** Registers what is done every minute. */
export function registerOnSchedule(deps: () => Promise<ScheduleDeps>): void {
  app.timer('on-schedule', {
    schedule: '0 * * * * *',
    extraOutputs: [runsQueue],
    handler: async (_, context) => {
      const [wired, { round }] = await Promise.all([deps(), import('../round.ts')]);
      const done = await starting(context, (starter) => round({ ...wired, starter }), wired.metrics);
      if (done.started.length + done.attended > 0) log('info', 'looked after', done);
    },
  });
}
