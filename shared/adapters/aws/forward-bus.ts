import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { type Forwarded, forwardedAs } from '../../ingest/forwarded.ts';
import { CordonError } from '../../model/error.ts';
import type { Forwarder } from '../../ports/forwarder.ts';
import { type BusOptions, putEntries } from './event-bus.ts';

/** What EventBridge takes in one entry (docs.aws.amazon.com/eventbridge, PutEvents), and the queue behind it too. */
const mostBytes = 1_048_576;
/** What the envelopes of both need beside the event. */
const envelopeBytes = 4_096;

/** Hands events on to the home's bus in EventBridge. Whose identity that is, its policy decides; the source names none. */
export function forwardToBus(arn: string, cloud: Forwarded['cloud'], options: BusOptions = {}): Forwarder {
  const [, , , region = ''] = arn.split(':');
  return {
    async forward(event, receivedAt, signal) {
      const Detail = JSON.stringify({ cloud, receivedAt, event } satisfies Forwarded);
      const bytes = Buffer.byteLength(Detail);
      if (bytes > mostBytes - envelopeBytes)
        throw new CordonError({
          code: 'too-large',
          message: `an event of ${bytes} bytes is too large for the home's bus`,
          remedy: 'It is kept where this deployment keeps what it could not hand on; take it to the home by hand.',
        });
      const client = new EventBridgeClient({ region, maxAttempts: 1, ...options });
      try {
        const { source: Source, detailType: DetailType } = forwardedAs;
        await putEntries(
          client,
          [{ EventBusName: arn, Source, DetailType, Time: new Date(receivedAt), Detail }],
          signal,
        );
      } finally {
        client.destroy();
      }
    },
  };
}
