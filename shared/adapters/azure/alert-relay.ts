import type { JsonObject } from '../../model/json.ts';
import { relayedAlert } from '../../report/relayed-alert.ts';
import { cloudEventTopic, type TopicOptions } from './cloud-event-topic.ts';

/** Publishes one exported alert; the same one may be published twice, under the same id. Throws `CordonError`. */
export type PublishAlert = (alert: JsonObject, signal: AbortSignal) => Promise<void>;

/**
 * The relay: alerts of Defender for Cloud as CloudEvents on a topic of one's own. Defender itself publishes none of
 * them to Event Grid (learn.microsoft.com/azure/defender-for-cloud/continuous-export).
 */
export function alertRelay(
  endpoint: string,
  { stage, ...options }: TopicOptions & { readonly stage: string },
): PublishAlert {
  const send = cloudEventTopic(endpoint, options);
  return async (alert, signal) =>
    send([{ ...(await relayedAlert(alert, stage)), datacontenttype: 'application/json' }], signal);
}
