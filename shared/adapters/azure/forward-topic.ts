import { type Forwarded, forwardedAs } from '../../ingest/forwarded.ts';
import { CordonError } from '../../model/error.ts';
import { shortDigest } from '../../model/json.ts';
import type { Forwarder } from '../../ports/forwarder.ts';
import { cloudEventTopic, type TopicOptions } from './cloud-event-topic.ts';

/** What Event Grid takes in one event (learn.microsoft.com/azure/event-grid/quotas-limits). */
const mostBytes = 1_048_576;
const envelopeBytes = 4_096;

/** Hands events on to the home's topic in Event Grid, as CloudEvents; the same event has the same id. */
export function forwardToTopic(endpoint: string, cloud: Forwarded['cloud'], options: TopicOptions): Forwarder {
  const send = cloudEventTopic(endpoint, options);
  return {
    async forward(event, receivedAt, signal) {
      const data: Forwarded = { cloud, receivedAt, event };
      const bytes = Buffer.byteLength(JSON.stringify(data));
      if (bytes > mostBytes - envelopeBytes)
        throw new CordonError({
          code: 'too-large',
          message: `an event of ${bytes} bytes is too large for the home's topic`,
          remedy: 'It is kept where this deployment keeps what it could not hand on; take it to the home by hand.',
        });
      const [id, type] = [shortDigest(event), forwardedAs.cloudEventType];
      const time = new Date(receivedAt);
      await send([{ id, type, source: `/cordon/${cloud}`, time, datacontenttype: 'application/json', data }], signal);
    },
  };
}
