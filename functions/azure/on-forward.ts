import { app, type InvocationContext } from '@azure/functions';
import { CordonError } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import { type ForwardDeps, forwardEach } from '../forward.ts';
import { faultFields, forHost, log } from '../log.ts';
import { inboxPoisonQueueName, inboxQueue, inboxQueueName, storage } from './bindings.ts';
import { hubTrigger, isLate, messageOf, signalsTrigger } from './event-triggers.ts';
import { fromInbox, toInbox } from './inbox.ts';
import { orLater, type Waiting } from './waiting.ts';

/** What a forwarding app works with: the way home, and where it keeps what is too large for a queue or for the home. */
export type AppForwardDeps = Omit<ForwardDeps, 'aside'> & { readonly evidence: Evidence };

/** Keeps what the home will never take; the line it leaves in the log raises an alarm. */
async function keepAside(evidence: Evidence, event: Json, fault: CordonError): Promise<void> {
  const kept = await evidence.put(event);
  log('error', 'an event is kept and not handed on', { evidence: kept, ...faultFields(fault) });
}

async function handOn(deps: AppForwardDeps, message: Json): Promise<void> {
  await forwardEach({ ...deps, aside: (event, fault) => keepAside(deps.evidence, event, fault) }, message);
}

/** What the host put aside is tried once, unless the process died of that: then it is kept. */
async function lastTry(deps: AppForwardDeps, message: Json, context: InvocationContext): Promise<void> {
  if (Number(context.triggerMetadata?.['dequeueCount'] ?? 1) === 1) await handOn(deps, message);
  else await keepAside(deps.evidence, message, new CordonError({ code: 'no-end', message: 'a try came to no end' }));
}

/** Each message of a batch by itself; what the home does not take now goes to the inbox. */
async function forwardBatch(deps: AppForwardDeps, messages: readonly Json[]): Promise<readonly Json[]> {
  const left: Json[] = [];
  for (const message of messages) {
    try {
      await handOn(deps, message);
    } catch (thrown) {
      log('error', 'an event goes to the inbox', faultFields(thrown));
      left.push(await toInbox(deps.evidence, message));
    }
  }
  return left;
}

/**
 * Registers what hands events on to the home in the other cloud, in place of all that a home does. Event Grid delivers
 * again what throws, until it is late; a message of the hub waits in the inbox until the home takes it, however long
 * that is. What the home will never take, because it is too large, is kept as evidence, and an alarm tells of it.
 */
export function registerOnForward(wired: () => Promise<AppForwardDeps>, waiting: Waiting, signals = false): void {
  app.eventGrid('on-event-grid', {
    extraOutputs: [inboxQueue],
    handler: async (given: unknown, context) => {
      const [deps, event] = [await wired(), messageOf(given)];
      try {
        await handOn(deps, event);
      } catch (thrown) {
        if (!isLate(event, deps.clock.now())) throw forHost(thrown);
        log('error', 'an event goes to the inbox', faultFields(thrown));
        context.extraOutputs.set(inboxQueue, [await toInbox(deps.evidence, event)]);
      }
    },
  });
  for (const [name, trigger] of [
    ['on-event-hub', hubTrigger],
    ...(signals ? ([['on-signals', signalsTrigger]] as const) : []),
  ] as const)
    app.eventHub(name, {
      ...trigger,
      extraOutputs: [inboxQueue],
      handler: async (messages: unknown, context) => {
        const batch = (Array.isArray(messages) ? messages : [messages]).map(messageOf);
        const left = await forwardBatch(await wired(), batch);
        if (left.length > 0) context.extraOutputs.set(inboxQueue, left);
      },
    });
  for (const [name, queueName, work] of [
    ['on-inbox', inboxQueueName, handOn],
    ['on-inbox-poison', inboxPoisonQueueName, lastTry],
  ] as const)
    app.storageQueue(name, {
      queueName,
      connection: storage,
      handler: async (given: unknown, context) =>
        orLater(waiting, inboxQueueName, messageOf(given), async (entry) => {
          const deps = await wired();
          await work(deps, await fromInbox(deps.evidence, entry), context);
        }),
    });
}
