import { app } from '@azure/functions';
import type { Json } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import { type ForwardDeps, forwardEach } from '../forward.ts';
import { faultFields, log } from '../log.ts';
import { inboxPoisonQueueName, inboxQueue, inboxQueueName, storage } from './bindings.ts';
import { hubTrigger, messageOf } from './event-triggers.ts';
import { fromInbox, toInbox } from './inbox.ts';

/** What a forwarding app works with: the way home, and where it parks what is too large for a queue while the home is down. */
export type AppForwardDeps = ForwardDeps & { readonly evidence: Evidence };

/** Each message of a batch by itself; what the home does not take now goes to the inbox. */
async function forwardBatch(deps: AppForwardDeps, messages: readonly Json[]): Promise<readonly Json[]> {
  const left: Json[] = [];
  for (const message of messages) {
    try {
      await forwardEach(deps, message);
    } catch (thrown) {
      log('error', 'an event goes to the inbox', faultFields(thrown));
      left.push(await toInbox(deps.evidence, message));
    }
  }
  return left;
}

/**
 * Registers what hands events on to the home in the other cloud, in place of all that a home does. Event Grid delivers
 * again what throws; a message of the hub waits in the inbox, and after its tries among the poisoned, which are tried
 * again too. What the home never takes, because it is too large, ends in the last of these queues, which has an alarm.
 */
export function registerOnForward(wired: () => Promise<AppForwardDeps>): void {
  app.eventGrid('on-event-grid', {
    handler: async (event: unknown) => void (await forwardEach(await wired(), messageOf(event))),
  });
  app.eventHub('on-event-hub', {
    ...hubTrigger,
    extraOutputs: [inboxQueue],
    handler: async (messages: unknown, context) => {
      const batch = (Array.isArray(messages) ? messages : [messages]).map(messageOf);
      const left = await forwardBatch(await wired(), batch);
      if (left.length > 0) context.extraOutputs.set(inboxQueue, left);
    },
  });
  for (const [name, queueName] of [
    ['on-inbox', inboxQueueName],
    ['on-inbox-poison', inboxPoisonQueueName],
  ] as const)
    app.storageQueue(name, {
      queueName,
      connection: storage,
      handler: async (entry: unknown) => {
        const deps = await wired();
        await forwardEach(deps, await fromInbox(deps.evidence, messageOf(entry)));
      },
    });
}
