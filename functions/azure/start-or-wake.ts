import type { InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { orchestrationName, wakeName } from './bindings.ts';

/** An instance in one of these goes on by itself; in any other it may be started anew under the same id. */
const alive = ['Pending', 'Running', 'ContinuedAsNew', 'Suspended'];

/**
 * Sees to it that a waiting run is come back to: its orchestration is woken, or started where there is none. Two that
 * start it at once are told apart by the extension, which refuses the second; its message comes again. Loads the SDK
 * with its HTTP client: import it when it is first needed.
 */
export async function startOrWake(context: InvocationContext, runId: string): Promise<void> {
  const client = getClient(context);
  const isAlive = await client.getStatus(runId).then(
    ({ runtimeStatus }) => alive.includes(runtimeStatus),
    () => false, // there is none, or the extension does not answer: then starting one says so
  );
  if (isAlive) await client.raiseEvent(runId, wakeName, null);
  else await client.startNew(orchestrationName, { instanceId: runId });
}
