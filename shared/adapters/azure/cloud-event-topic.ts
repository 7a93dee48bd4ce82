import type { TokenCredential } from '@azure/core-auth';
import { type HttpClient, RestError } from '@azure/core-rest-pipeline';
import { EventGridPublisherClient, type SendCloudEventInput } from '@azure/eventgrid';
import { CordonError } from '../../model/error.ts';

/** Who publishes to a topic, and over what transport where that is not the network. */
export type TopicOptions = { readonly credential: TokenCredential; readonly httpClient?: HttpClient };

const deadlineMilliseconds = 10_000;

function fault(thrown: unknown): CordonError {
  const status = thrown instanceof RestError ? thrown.statusCode : undefined;
  const message = status === undefined ? 'Event Grid did not answer' : `Event Grid answered ${status}`;
  // what is malformed or too large never gets better; a topic that is missing, or a right, may
  const final = status === 400 || status === 413;
  return new CordonError({ code: status === undefined ? 'no-answer' : 'refused', message, retryable: !final });
}

/**
 * A topic of Event Grid with the input schema CloudEvents 1.0, reached with an identity, never with a key. What it
 * answers sends events; it throws `CordonError` saying whether trying again makes sense.
 */
export function cloudEventTopic(endpoint: string, { credential, httpClient }: TopicOptions) {
  const client = new EventGridPublisherClient(endpoint, 'CloudEvent', credential, {
    retryOptions: { maxRetries: 0 },
    ...(httpClient && { httpClient }),
  });
  return async (events: SendCloudEventInput<unknown>[], signal: AbortSignal): Promise<void> => {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]);
    try {
      await client.send(events, { abortSignal });
    } catch (thrown) {
      throw fault(thrown);
    }
  };
}
