import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import type { Json } from '../../model/json.ts';
import { ProviderError } from '../../model/error.ts';

type Options = {
  /** `https://<account>.queue.core.windows.net`. */
  readonly endpoint: string;
  readonly credential: TokenCredential;
  /** The transport, where it is not the network. */
  readonly httpClient?: HttpClient;
};

/** Puts a message into a queue, to be seen after so many seconds (at most seven days). Throws `ProviderError`. */
export type PutMessage = (queue: string, message: Json, afterSeconds: number) => Promise<void>;

const deadlineMilliseconds = 10_000;

/**
 * Queues of a storage account (learn.microsoft.com/rest/api/storageservices/put-message). What is put never expires; it
 * is base64, as the Functions host reads it. Needs the role Storage Queue Data Message Sender.
 */
export function storageQueues({ endpoint, credential, httpClient = createDefaultHttpClient() }: Options): PutMessage {
  return async (queue, message, afterSeconds) => {
    const abortSignal = AbortSignal.timeout(deadlineMilliseconds);
    const token = await credential.getToken('https://storage.azure.com/.default', { abortSignal });
    const encoded = Buffer.from(JSON.stringify(message)).toString('base64');
    const request = createPipelineRequest({
      url: `${endpoint}/${queue}/messages?visibilitytimeout=${afterSeconds}&messagettl=-1`,
      method: 'POST',
      headers: createHttpHeaders({
        authorization: `Bearer ${token?.token ?? ''}`,
        'content-type': 'application/xml',
        'x-ms-version': '2021-12-02',
        'x-ms-date': new Date().toUTCString(),
      }),
      body: `<QueueMessage><MessageText>${encoded}</MessageText></QueueMessage>`,
      abortSignal,
    });
    const { status } = await httpClient.sendRequest(request);
    if (status !== 201)
      throw new ProviderError({
        code: `http-${status}`,
        message: `the storage queue ${queue} answered ${status}`,
        remedy: 'The home identity needs the role Storage Queue Data Contributor on the account of the host.',
        status,
        indeterminate: status >= 500,
        retryable: true,
      });
  };
}
