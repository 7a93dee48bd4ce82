import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { awsFault } from '../../actions/aws/fault.ts';
import { CordonError, ProviderError } from '../../model/error.ts';
import type { Publisher } from '../../ports/publisher.ts';
import type { RemediationEvent } from '../../model/remediation-event.ts';
import type { Credentials } from './sessions.ts';

/** Who puts events on a bus, and over what transport where that is not the network. */
export type BusOptions = {
  /** The SDK's own chain when left out. */
  readonly credentials?: () => Promise<Credentials>;
  readonly requestHandler?: object;
};

const deadlineMilliseconds = 10_000;
/** docs.aws.amazon.com/eventbridge, PutEvents. */
const mostEntries = 10;

const isArn = (text: string): boolean => text.startsWith('arn:');

/** The event as EventBridge takes it: `source` is `cordon`, the detail is the OCSF event. */
export const entryOf = (event: RemediationEvent, bus: string): PutEventsRequestEntry => ({
  EventBusName: bus,
  Source: 'cordon',
  DetailType: event.class_name,
  Time: new Date(event.time),
  Resources: event.observables.map(({ value }) => value).filter(isArn),
  Detail: JSON.stringify(event),
});

function fault(thrown: unknown): CordonError {
  const known = awsFault(thrown);
  if (!(known instanceof ProviderError)) throw known;
  const message = known.status > 0 ? `EventBridge says ${known.code}` : 'EventBridge did not answer';
  // a bus that is missing, or a right, somebody may put right meanwhile
  return new CordonError({ code: known.status > 0 ? 'refused' : 'no-answer', message, retryable: true });
}

/** Puts at most ten entries; throws `CordonError` unless EventBridge has taken all of them. */
export async function putEntries(
  client: EventBridgeClient,
  entries: PutEventsRequestEntry[],
  signal: AbortSignal,
): Promise<string> {
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]);
  const answer = await client.send(new PutEventsCommand({ Entries: entries }), { abortSignal }).catch((thrown) => {
    throw fault(thrown);
  });
  const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
  if (refused !== undefined)
    throw new CordonError({ code: 'refused', message: `EventBridge refused an event: ${refused}`, retryable: true });
  return answer.$metadata.requestId ?? '';
}

/** An event bus of EventBridge, in its own region. All events of a call go again where one was refused: they name themselves. */
export function eventBus(arn: string, options: BusOptions = {}): Publisher {
  const [, , , region = ''] = arn.split(':');
  return {
    name: 'event-bus',
    async publish(events, signal) {
      // credentials may last for minutes only: a client for each run asks for them anew
      const client = new EventBridgeClient({ region, maxAttempts: 1, ...options });
      try {
        const answers: string[] = [];
        for (let at = 0; at < events.length; at += mostEntries) {
          const entries = events.slice(at, at + mostEntries).map((event) => entryOf(event, arn));
          answers.push(await putEntries(client, entries, signal));
        }
        return answers.join(' ');
      } finally {
        client.destroy();
      }
    },
  };
}
