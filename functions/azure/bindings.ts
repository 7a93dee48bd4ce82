import { type InvocationContext, output } from '@azure/functions';
import type { Starter } from '../../shared/ports/starter.ts';
import type { SentMetrics } from './azure-monitor-metrics.ts';

/** The app setting that names the storage account of the queues; an identity-based connection. */
export const storage = 'AzureWebJobsStorage';
export const runsQueueName = 'cordon-runs';
export const inboxQueueName = 'cordon-inbox';
/** Where the host puts what it could not hand over in the tries that host.json grants: the process died of it, say. */
export const inboxPoisonQueueName = `${inboxQueueName}-poison`;
export const relayQueueName = 'cordon-relay';

/** The orchestration that keeps a waiting run, the activity it calls, and the event that wakes it. */
export const orchestrationName = 'run';
export const turnName = 'turn';
export const wakeName = 'wake';

/** Runs to carry on, each as `{ runId }`. */
export const runsQueue = output.storageQueue({ queueName: runsQueueName, connection: storage });
/** Messages of an Event Hub that could not be opened yet: a hub goes on, a queue brings them again. */
export const inboxQueue = output.storageQueue({ queueName: inboxQueueName, connection: storage });

/** Alerts that are to be published, each as it was exported. */
export const relayQueue = output.storageQueue({ queueName: relayQueueName, connection: storage });

/** What a queue message holds (learn.microsoft.com/azure/storage/queues: 64 KB), as base64, with a line of ours around it. */
export const queueBytes = 47 * 1_024;

/**
 * Does some work with a starter whose runs leave with the invocation's own output. Where the invocation fails
 * nothing leaves; the next delivery, or the sweep, finds the runs and starts them. What was measured is sent then; an
 * invocation that runs wait for does not stay until it is there: the next one does, or the end of the app.
 */
export async function starting<T>(
  { extraOutputs }: InvocationContext,
  work: (starter: Starter) => Promise<T>,
  metrics?: SentMetrics,
): Promise<T> {
  const runIds = new Set<string>();
  const start = async (runId: string) => void runIds.add(runId);
  const result = await work({ start }).finally(async () => {
    const sent = metrics?.flush();
    if (runIds.size === 0) await sent;
  });
  if (runIds.size > 0)
    extraOutputs.set(
      runsQueue,
      [...runIds].map((runId) => ({ runId })),
    );
  return result;
}
