import { app, input, trigger } from '@azure/functions';
import { log } from '../log.ts';
import type { Visit, VisitEngine } from '../visit.ts';
import type { SentMetrics } from './azure-monitor-metrics.ts';
import { orchestrationName, runsQueueName, storage, turnName } from './bindings.ts';

/** host.json lets an invocation run for ten minutes. */
const secondsLeft = 575;
const durableClient = input.generic({ type: 'durableClient' });

export type RunEngine = Omit<VisitEngine, 'metrics'> & { readonly metrics?: SentMetrics };

/** Only what has ended was measured, and nothing waits for that any more. */
async function oneVisit(
  engine: () => Promise<RunEngine>,
  message: unknown,
): Promise<{ runId: string; visited: Visit }> {
  const { runIdIn, visit } = await import('../visit.ts'); // what takes an event does not wait for it to load
  const runId = runIdIn(message);
  const wired = await engine();
  const visited = await visit(wired, runId, secondsLeft);
  log('info', 'a run stands', { runId, ...visited });
  if (visited.againAt === null) await wired.metrics?.flush();
  return { runId, visited };
}

/**
 * Registers what carries runs on. A message of the queue is a turn at once, so that a containment waits for one queue
 * and not for three; what then still waits is kept by an orchestration of the run's own id
 * (learn.microsoft.com/azure/azure-functions/durable), which has its turns as activities.
 */
export function registerOnRun(engine: () => Promise<RunEngine>): void {
  app.storageQueue('on-run', {
    queueName: runsQueueName,
    connection: storage,
    extraInputs: [durableClient],
    handler: async (message: unknown, context) => {
      const { runId, visited } = await oneVisit(engine, message);
      if (visited.againAt !== null) {
        const { startOrWake } = await import('./start-or-wake.ts');
        await startOrWake(context, runId);
      }
      return visited;
    },
  });
  app.generic(orchestrationName, {
    trigger: trigger.generic({ type: 'orchestrationTrigger' }),
    handler: async (given: unknown, context) => (await import('./keep-run.ts')).orchestrator(given, context),
  });
  app.generic(turnName, {
    trigger: trigger.generic({ type: 'activityTrigger' }),
    handler: async (message: unknown) => (await oneVisit(engine, message)).visited,
  });
}
