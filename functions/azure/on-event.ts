import { app, type InvocationContext } from '@azure/functions';
import { CordonError } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Starter } from '../../shared/ports/starter.ts';
import { type PlaybookSet, playbookSet } from '../../shared/playbook/playbook-set.ts';
import { type ReceiveDeps, receive } from '../../shared/run/receive.ts';
import { faultFields, log } from '../log.ts';
import { inboxQueue, inboxQueueName, runsQueue, starting, storage } from './bindings.ts';

export type EventDeps = Omit<ReceiveDeps, 'starter'> & { readonly playbooks: readonly Playbook[] };

/** What a queue message holds (learn.microsoft.com/azure/storage/queues: 64 KB), as base64. */
const queueBytes = 48 * 1_024;

/** A message as the host hands it over: parsed JSON, text that is none, or bytes. */
const messageOf = (message: unknown): Json => (Buffer.isBuffer(message) ? message.toString('utf8') : (message as Json)); // the host has parsed it

/** The same, compiled once for all invocations of a process. */
type Ready = Omit<ReceiveDeps, 'starter'> & { readonly playbooks: PlaybookSet };
type Invocation = { readonly context: InvocationContext; readonly deps: Ready; readonly starter: Starter };

async function take({ context, deps, starter }: Invocation, message: Json): Promise<void> {
  const { playbooks, ...rest } = deps;
  const requester = { kind: 'event', id: `${context.functionName}:${context.invocationId}` } as const;
  for (const one of await receive({ ...rest, starter }, playbooks, message, requester))
    log(one.kind === 'quarantined' ? 'warn' : 'info', one.kind, one);
}

const receiveIn = (context: InvocationContext, deps: Ready, message: unknown): Promise<void> =>
  starting(context, (starter) => take({ context, deps, starter }, messageOf(message)));

/** What the inbox can hold; throws where a message is too large for it. */
function inboxed(messages: readonly Json[]): readonly Json[] {
  if (messages.every((message) => Buffer.byteLength(JSON.stringify(message)) <= queueBytes)) return messages;
  throw new CordonError({
    code: 'not-opened',
    message: 'a message could not be opened and is too large for the inbox',
    remedy: 'The batch comes again by itself.',
    retryable: true,
  });
}

/**
 * Each message of a batch by itself: a hub knows no failed message, only a batch that comes again as a whole. What
 * cannot be opened now goes to the inbox; what is too large for it makes the batch come again, which opens no run twice.
 */
async function receiveBatch(context: InvocationContext, deps: Ready, messages: readonly unknown[]): Promise<void> {
  const left: Json[] = [];
  await starting(context, async (starter) => {
    for (const message of messages.map(messageOf)) {
      try {
        await take({ context, deps, starter }, message);
      } catch (thrown) {
        log('error', 'a message goes to the inbox', faultFields(thrown));
        left.push(message);
      }
    }
  });
  if (left.length > 0) context.extraOutputs.set(inboxQueue, inboxed(left));
}

/**
 * Registers what takes events: Event Grid (Event Grid schema and CloudEvents; a fault of ours is thrown, so that
 * Event Grid delivers again), the Event Hub of Defender's continuous export, and the inbox behind it.
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
    handler: async (event: unknown, context) => receiveIn(context, await deps(), event),
  });
  app.eventHub('on-event-hub', {
    connection: 'CORDON_EVENT_HUB',
    eventHubName: '%CORDON_EVENT_HUB_NAME%',
    consumerGroup: '%CORDON_EVENT_HUB_CONSUMER_GROUP%',
    cardinality: 'many',
    // a message that fails for ever, and is too large to be set aside, must not hold up those behind it for ever
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: 10,
      minimumInterval: { seconds: 5 },
      maximumInterval: { minutes: 5 },
    },
    extraOutputs: [runsQueue, inboxQueue],
    handler: async (messages: unknown, context) =>
      receiveBatch(context, await deps(), Array.isArray(messages) ? messages : [messages]),
  });
  app.storageQueue('on-inbox', {
    queueName: inboxQueueName,
    connection: storage,
    extraOutputs: [runsQueue],
    handler: async (message: unknown, context) => receiveIn(context, await deps(), message),
  });
}
