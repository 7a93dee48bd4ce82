import type { DurableOrchestrationContext, OrchestrationContext, Task } from 'durable-functions';
import { createOrchestrator } from 'durable-functions/lib/src/util/testingUtils.js';
import { log } from '../log.ts';
import { Visit } from '../visit.ts';
import { turnName, wakeName } from './bindings.ts';

/** Wakes that one history takes before it begins anew. */
const mostWakes = 20;
/** A turn that failed is tried again after this. */
const retryMilliseconds = 60_000;
/** One timer reaches no further: the extension itself splits those of more than six days. */
const timerMilliseconds = 5 * 86_400_000;

type Orchestration = DurableOrchestrationContext;

/** One turn; answers when to come again, in milliseconds, or null when the run is over. */
function* oneTurn(df: Orchestration): Generator<Task, number | null, unknown> {
  const now = df.currentUtcDateTime.getTime();
  try {
    const { againAt } = Visit.parse(yield df.callActivity(turnName, { runId: df.instanceId }));
    return againAt === null ? null : Math.min(Date.parse(againAt), now + timerMilliseconds);
  } catch (thrown) {
    if (!df.isReplaying) log('error', 'a turn failed', { runId: df.instanceId, fault: String(thrown) });
    return now + retryMilliseconds;
  }
}

/**
 * Keeps one run going: a turn, then a wait until it is due or woken. A timer that has fired begins the history anew, so
 * that it stays short and no wait of an earlier round can take a wake from a later one; what is raised meanwhile is not
 * missed, because each history begins with a turn.
 */
function* keepRun({ df }: OrchestrationContext): Generator<Task, void, unknown> {
  for (let wakes = 0; wakes < mostWakes; wakes += 1) {
    const againAt = yield* oneTurn(df);
    if (againAt === null) return;
    const timer = df.createTimer(new Date(againAt));
    const first = yield df.Task.any([df.waitForExternalEvent(wakeName), timer]);
    if (first === timer) break;
    timer.cancel();
  }
  df.continueAsNew(null);
}

/** What the host calls with the history of a run's orchestration. Loads the SDK: import it when it is first called. */
export const orchestrator = createOrchestrator(keepRun);
