import { type InvocationContext, output } from '@azure/functions';
import type { Starter } from '../../shared/ports/starter.ts';

/** The app setting that names the storage account of the queues; an identity-based connection. */
export const storage = 'AzureWebJobsStorage';
export const runsQueueName = 'cordon-runs';
export const inboxQueueName = 'cordon-inbox';
/** Where the host puts what the inbox could not do in the tries that host.json grants. */
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

/** What a queue message holds (learn.microsoft.com/azure/storage/queues: 64 KB), as base64. */
export const queueBytes = 48 * 1_024;

/**
 * Does some work with a starter whose runs leave with the invocation's own output. Where the invocation fails
 * nothing leaves; the next delivery, or the sweep, finds the runs and starts them.
 */
export async function starting<T>(
  { extraOutputs }: InvocationContext,
  work: (starter: Starter) => Promise<T>,
): Promise<T> {
  const runIds = new Set<string>();
  const result = await work({
    async start(runId) {
      runIds.add(runId);
    },
  });
  if (runIds.size > 0)
    extraOutputs.set(
      runsQueue,
      [...runIds].map((runId) => ({ runId })),
    );
  return result;
}
