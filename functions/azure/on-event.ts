import { app, type InvocationContext } from '@azure/functions';
import { CordonError, messageOf as reasonOf } from '../../shared/model/error.ts';
import { openForwarded } from '../../shared/ingest/forwarded.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import type { Starter } from '../../shared/ports/starter.ts';
import { type PlaybookSet, playbookSet } from '../../shared/playbook/playbook-set.ts';
import { setAside } from '../../shared/run/set-aside.ts';
import { accountSetAside, type Intake, type IntakeDeps, openIntake } from '../intake.ts';
import { faultFields, log } from '../log.ts';
import {
  inboxPoisonQueueName,
  inboxQueue,
  inboxQueueName,
  relayQueue,
  runsQueue,
  starting,
  storage,
} from './bindings.ts';
import type { SentMetrics } from './azure-monitor-metrics.ts';
import { hubTrigger, isLate, messageOf, signalsTrigger } from './event-triggers.ts';
import { fromInbox, toInbox } from './inbox.ts';
import { lagSeconds } from './lag-seconds.ts';
import { alertsToRelay } from './on-relay.ts';
import { orLater, type Waiting } from './waiting.ts';

/** For so long an event is tried before it is set aside. */
const patienceSeconds = 1_800;

export type EventDeps = Omit<IntakeDeps, 'starter' | 'metrics'> & {
  readonly metrics?: SentMetrics;
  readonly playbooks: readonly Playbook[];
  readonly notifier: Notifier;
  /** Whether exported alerts go to the relay too. */
  readonly relays?: boolean;
};

/** The same, compiled once for all invocations of a process. */
type Ready = Omit<EventDeps, 'playbooks'> & { readonly playbooks: PlaybookSet };

/** Opens the intake of an invocation, and closes it whatever becomes of its work. */
async function taking<T>(
  context: InvocationContext,
  deps: Ready,
  oldestAgeSeconds: number | null,
  work: (take: (message: Json) => ReturnType<Intake['take']>) => Promise<T>,
): Promise<T> {
  const { functionName, invocationId: requestId } = context;
  const { playbooks, ...rest } = deps;
  const worked = async (starter: Starter): Promise<T> => {
    const intake = openIntake({ ...rest, starter }, playbooks, requestId);
    const requester = { kind: 'event', id: `${functionName}:${requestId}` } as const;
    try {
      return await work((message) => intake.take(message, requester, { requestId }));
    } finally {
      await intake.close(oldestAgeSeconds);
    }
  };
  return starting(context, worked, deps.metrics);
}

async function receiveIn(context: InvocationContext, deps: Ready, message: Json): Promise<void> {
  await taking(context, deps, null, (take) => take(message));
}

/**
 * Each message of a batch by itself: a hub knows no failed message, only a batch that comes again as a whole. What
 * cannot be opened now goes to the inbox. Throws only where the inbox cannot hold it either; then the batch comes
 * again, which opens no run twice.
 */
async function receiveBatch(context: InvocationContext, deps: Ready, given: unknown): Promise<void> {
  const messages = (Array.isArray(given) ? given : [given]).map(messageOf);
  const left: Json[] = [];
  const lag = lagSeconds(context, deps.clock.now());
  log('info', 'a batch of the hub', { messages: messages.length, lagSeconds: lag, requestId: context.invocationId });
  await taking(context, deps, lag, async (take) => {
    for (const message of messages) {
      try {
        await take(message);
      } catch (thrown) {
        log('error', 'a message goes to the inbox', faultFields(thrown));
        left.push(await toInbox(deps.evidence, message));
      }
    }
  });
  if (left.length > 0) context.extraOutputs.set(inboxQueue, left);
  const alerts = deps.relays ? alertsToRelay(messages) : [];
  if (alerts.length > 0) context.extraOutputs.set(relayQueue, alerts);
}

/** One event of Event Grid, which delivers what is thrown again, until it is late: then the inbox takes it over. */
async function receiveFromGrid(context: InvocationContext, deps: Ready, given: Json, message = given): Promise<void> {
  try {
    await receiveIn(context, deps, message);
  } catch (thrown) {
    if (!isLate(given, deps.clock.now())) throw thrown;
    log('error', 'a message goes to the inbox', faultFields(thrown));
    context.extraOutputs.set(inboxQueue, [await toInbox(deps.evidence, message)]);
  }
}

const fromEntry = async (context: InvocationContext, deps: Ready, entry: Json): Promise<void> =>
  receiveIn(context, deps, await fromInbox(deps.evidence, entry));

/**
 * What the inbox could not do for half an hour is tried once more, unless the process died of the last try; then it is
 * kept aside and people are told. Throws where it cannot be kept either: then it goes on waiting.
 */
async function lastTry(context: InvocationContext, deps: Ready, entry: Json): Promise<void> {
  const deliveries = Number(context.triggerMetadata?.['dequeueCount'] ?? 1);
  try {
    if (deliveries > 1) throw new CordonError({ code: 'no-end', message: 'the last try came to no end' });
    await fromEntry(context, deps, entry);
  } catch (thrown) {
    log('error', 'an event is set aside', faultFields(thrown));
    await setAside(deps, {
      message: { event: entry },
      source: null,
      problem: `An event could not be taken in all tries: ${reasonOf(thrown)}.`,
      remedy: 'Mend what stands against it and send the event again.',
      requester: `${context.functionName}:${context.invocationId}`,
    });
    await accountSetAside(deps, context.invocationId);
  }
}

/**
 * Registers what takes events: Event Grid (Event Grid schema and CloudEvents; a fault of ours is thrown, so that
 * Event Grid delivers again), the Event Hub of Defender's continuous export, the inbox behind it, and what the host put
 * aside from there. What cannot be taken waits in the inbox until it is taken, or set aside with a notice.
 * `on-forwarded` is for the topic that nobody but the forwarder in the other cloud may publish to, and for no other:
 * it alone opens the forwarder's envelopes. With `signals` there is a second hub, for what Entra and Defender XDR send.
 */
export function registerOnEvent(wired: () => Promise<EventDeps>, waiting: Waiting, signals = false): void {
  let compiled: PlaybookSet | undefined;
  const deps = async (): Promise<Ready> => {
    const { playbooks, ...rest } = await wired();
    compiled = compiled?.all === playbooks ? compiled : playbookSet(playbooks);
    return { ...rest, playbooks: compiled };
  };
  app.eventGrid('on-event-grid', {
    extraOutputs: [runsQueue, inboxQueue],
    handler: async (event: unknown, context) => receiveFromGrid(context, await deps(), messageOf(event)),
  });
  app.eventGrid('on-forwarded', {
    extraOutputs: [runsQueue, inboxQueue],
    handler: async (event: unknown, context) => {
      const message = messageOf(event);
      await receiveFromGrid(context, await deps(), message, openForwarded(message));
    },
  });
  app.eventHub('on-event-hub', {
    ...hubTrigger,
    extraOutputs: [runsQueue, inboxQueue, relayQueue],
    handler: async (messages: unknown, context) => receiveBatch(context, await deps(), messages),
  });
  if (signals)
    app.eventHub('on-signals', {
      ...signalsTrigger,
      extraOutputs: [runsQueue, inboxQueue],
      // no alert comes this way but one that somebody made up
      handler: async (messages: unknown, context) =>
        receiveBatch(context, { ...(await deps()), relays: false }, messages),
    });
  app.storageQueue('on-inbox', {
    queueName: inboxQueueName,
    connection: storage,
    extraOutputs: [runsQueue],
    handler: async (message: unknown, context) =>
      orLater(waiting, inboxQueueName, messageOf(message), async (entry, waitedSeconds) =>
        (waitedSeconds < patienceSeconds ? fromEntry : lastTry)(context, await deps(), entry),
      ),
  });
  app.storageQueue('on-inbox-poison', {
    queueName: inboxPoisonQueueName,
    connection: storage,
    extraOutputs: [runsQueue],
    handler: async (message: unknown, context) =>
      orLater(waiting, inboxQueueName, messageOf(message), async (entry) => lastTry(context, await deps(), entry)),
  });
}
