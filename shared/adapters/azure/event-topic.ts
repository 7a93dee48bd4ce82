import type { SendCloudEventInput } from '@azure/eventgrid';
import type { RemediationEvent } from '../../model/remediation-event.ts';
import type { Publisher } from '../../ports/publisher.ts';
import { cloudEventTopic, type TopicOptions } from './cloud-event-topic.ts';

/** The event as Event Grid takes it: a CloudEvent whose data is the OCSF event (learn.microsoft.com/azure/event-grid/cloud-event-schema). */
export const cloudEventOf = (event: RemediationEvent, stage: string): SendCloudEventInput<RemediationEvent> => ({
  id: event.metadata.uid,
  type: 'cordon.remediation.v1',
  source: `/cordon/${encodeURIComponent(stage)}`,
  subject: event.metadata.correlation_uid,
  time: new Date(event.time),
  datacontenttype: 'application/json',
  data: event,
});

/** A topic of Event Grid as a place where programs hear how runs end. */
export function eventTopic(
  endpoint: string,
  { stage, ...options }: TopicOptions & { readonly stage: string },
): Publisher {
  const send = cloudEventTopic(endpoint, options);
  return {
    name: 'event-topic',
    async publish(events, signal) {
      await send(
        events.map((event) => cloudEventOf(event, stage)),
        signal,
      );
      return '';
    },
  };
}
