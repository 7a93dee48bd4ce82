import { app } from '@azure/functions';
import { type Json, type JsonObject, own } from '../../shared/model/json.ts';
import { isExportedAlert } from '../../shared/report/relayed-alert.ts';
import type { PublishAlert } from '../../shared/adapters/azure/alert-relay.ts';
import { log } from '../log.ts';
import { relayQueueName, storage } from './bindings.ts';
import { fitsQueue } from './inbox.ts';

const deadlineMilliseconds = 20_000;

/** The alerts among messages of the hub that can go to the relay's queue; what is too large for it is logged and left. */
export function alertsToRelay(messages: readonly Json[]): readonly JsonObject[] {
  const alerts = messages.filter(isExportedAlert);
  for (const alert of alerts.filter((one) => !fitsQueue(one)))
    log('error', 'an alert is too large to be relayed', { alert: own(alert, 'SystemAlertId') });
  return alerts.filter(fitsQueue);
}

/**
 * Registers the relay, where it is switched on: alerts that came from the hub, and from nowhere else, go out to a topic.
 * It has a queue of its own, so that a topic that does not answer holds up no containment.
 */
export function registerOnRelay(publish: () => Promise<PublishAlert>): void {
  app.storageQueue('on-relay', {
    queueName: relayQueueName,
    connection: storage,
    handler: async (message: unknown) => {
      const alert = message as Json; // the host has parsed it
      if (!isExportedAlert(alert)) return log('error', 'what is no exported alert is not relayed', {});
      await (await publish())(alert, AbortSignal.timeout(deadlineMilliseconds));
    },
  });
}
