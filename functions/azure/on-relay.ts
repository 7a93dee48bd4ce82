import { app } from '@azure/functions';
import { CordonError } from '../../shared/model/error.ts';
import { type Json, type JsonObject, own } from '../../shared/model/json.ts';
import { isExportedAlert } from '../../shared/report/relayed-alert.ts';
import type { PublishAlert } from '../../shared/adapters/azure/alert-relay.ts';
import { faultFields, log } from '../log.ts';
import { relayQueueName, storage } from './bindings.ts';
import { messageOf } from './event-triggers.ts';
import { fitsQueue } from './inbox.ts';
import { orLater, type Waiting } from './waiting.ts';

const deadlineMilliseconds = 20_000;
/** For so long an alert waits for a topic that does not take it. */
const mostSeconds = 7 * 86_400;

/** The alerts among messages of the hub that can go to the relay's queue; what is too large for it is logged and left. */
export function alertsToRelay(messages: readonly Json[]): readonly JsonObject[] {
  const alerts = messages.filter(isExportedAlert);
  for (const alert of alerts.filter((one) => !fitsQueue(one)))
    log('error', 'an alert is too large to be relayed', { alert: own(alert, 'SystemAlertId') });
  return alerts.filter(fitsQueue);
}

/** Publishes one alert. What the topic will never take, or has not taken for a week, is given up, and an alarm tells of it. */
async function relay(publish: PublishAlert, alert: JsonObject, waitedSeconds: number): Promise<void> {
  try {
    await publish(alert, AbortSignal.timeout(deadlineMilliseconds));
  } catch (thrown) {
    if (waitedSeconds < mostSeconds && !(thrown instanceof CordonError && !thrown.retryable)) throw thrown;
    log('error', 'an alert is not relayed', { alert: own(alert, 'SystemAlertId'), ...faultFields(thrown) });
  }
}

/**
 * Registers the relay, where it is switched on: alerts that came from the hub, and from nowhere else, go out to a topic.
 * It has a queue of its own, so that a topic that does not answer holds up no containment; there alerts wait for it.
 */
export function registerOnRelay(publish: () => Promise<PublishAlert>, waiting: Waiting): void {
  app.storageQueue('on-relay', {
    queueName: relayQueueName,
    connection: storage,
    handler: async (message: unknown) =>
      orLater(waiting, relayQueueName, messageOf(message), async (alert, waitedSeconds) => {
        if (!isExportedAlert(alert)) return log('error', 'what is no exported alert is not relayed', {});
        await relay(await publish(), alert, waitedSeconds);
      }),
  });
}
