import { app, type InvocationContext } from '@azure/functions';
import { messageOf as reasonOf } from '../../shared/model/error.ts';
import { openForwarded } from '../../shared/ingest/forwarded.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import { type PlaybookSet, playbookSet } from '../../shared/playbook/playbook-set.ts';
import { setAside } from '../../shared/run/set-aside.ts';
import { type Intake, type IntakeDeps, openIntake } from '../intake.ts';
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
import { hubTrigger, messageOf } from './event-triggers.ts';
import { fromInbox, toInbox } from './inbox.ts';
import { lagSeconds } from './lag-seconds.ts';
import { alertsToRelay } from './on-relay.ts';

export type EventDeps = Omit<IntakeDeps, 'starter'> & {
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
  return starting(context, async (starter) => {
    const intake = openIntake({ ...rest, starter }, playbooks, requestId);
    const requester = { kind: 'event', id: `${functionName}:${requestId}` } as const;
    try {
      return await work((message) => intake.take(message, requester, { requestId }));
    } finally {
      await intake.close(oldestAgeSeconds);
    }
  });
}

async function receiveIn(context: InvocationContext, deps: Ready, message: Json): Promise<void> {
  await taking(context, deps, null, (take) => take(message));
}

/**
 * Each message of a batch by itself: a hub knows no failed message, only a batch that comes again as a whole. What
 * cannot be opened now goes to the inbox. Throws only where the inbox cannot hold it either; then the batch comes
 * again, which opens no run twice.
 */
async function receiveBatch(context: InvocationContext, deps: Ready, given: readonly unknown[]): Promise<void> {
  const messages = given.map(messageOf);
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

/** What the inbox could not do is tried once more; then it is kept aside and people are told. */
async function lastTry(context: InvocationContext, deps: Ready, entry: Json): Promise<void> {
  try {
    await receiveIn(context, deps, await fromInbox(deps.evidence, entry));
  } catch (thrown) {
    log('error', 'an event is set aside', faultFields(thrown));
    await setAside(deps, {
      message: { event: entry },
      source: null,
      problem: `An event could not be taken in all tries: ${reasonOf(thrown)}.`,
      remedy: 'Mend what stands against it and send the event again.',
      requester: `${context.functionName}:${context.invocationId}`,
    });
  }
}

/**
 * Registers what takes events: Event Grid (Event Grid schema and CloudEvents; a fault of ours is thrown, so that
 * Event Grid delivers again), the Event Hub of Defender's continuous export, the inbox behind it, and what is left of it.
 * `on-forwarded` is for the topic that nobody but the forwarder in the other cloud may publish to, and for no other:
 * it alone opens the forwarder's envelopes.
 */
export function registerOnEvent(wired: () => Promise<EventDeps>): void {
  let compiled: PlaybookSet | undefined;
  const deps = async (): Promise<Ready> => {
    const { playbooks, ...rest } = await wired();
    compiled = compiled?.all === playbooks ? compiled : playbookSet(playbooks);
    return { ...rest, playbooks: compiled };
  };
  app.eventGrid('on-event-grid', {
    extraOutputs: [runsQueue],
    handler: async (event: unknown, context) => receiveIn(context, await deps(), messageOf(event)),
  });
  app.eventGrid('on-forwarded', {
    extraOutputs: [runsQueue],
    handler: async (event: unknown, context) => receiveIn(context, await deps(), openForwarded(messageOf(event))),
  });
  app.eventHub('on-event-hub', {
    ...hubTrigger,
    extraOutputs: [runsQueue, inboxQueue, relayQueue],
    handler: async (messages: unknown, context) =>
      receiveBatch(context, await deps(), Array.isArray(messages) ? messages : [messages]),
  });
  app.storageQueue('on-inbox', {
    queueName: inboxQueueName,
    connection: storage,
    extraOutputs: [runsQueue],
    handler: async (message: unknown, context) => {
      const ready = await deps();
      await receiveIn(context, ready, await fromInbox(ready.evidence, messageOf(message)));
    },
  });
  app.storageQueue('on-inbox-poison', {
    queueName: inboxPoisonQueueName,
    connection: storage,
    extraOutputs: [runsQueue],
    handler: async (message: unknown, context) => lastTry(context, await deps(), messageOf(message)),
  });
}
