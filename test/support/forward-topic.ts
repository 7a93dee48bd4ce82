import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import type { Json } from '../../shared/model/json.ts';

export const topicEndpoint = 'https://cordon-home.westeurope-1.eventgrid.azure.net/api/events';
const mostBytes = 1_048_576;

/** A topic of Event Grid as a publisher meets it: it takes batches of CloudEvents under a token, until it is down. */
export function forwardTopic() {
  const taken: Json[] = [];
  const topic = { down: false, taken };
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const body = String(request.body);
      const answer = (status: number) => ({ request, status, headers: createHttpHeaders(), bodyAsText: '' });
      if (topic.down) return answer(503);
      if (!request.headers.get('authorization')?.startsWith('Bearer ')) return answer(401);
      if (!request.headers.get('content-type')?.startsWith('application/cloudevents-batch+json')) return answer(415);
      if (Buffer.byteLength(body) > mostBytes) return answer(413);
      taken.push(...(JSON.parse(body) as Json[])); // a batch is a list
      return answer(200);
    },
  };
  const credential = {
    getToken: async (scopes: string | string[]) => ({
      token: `token for ${String(scopes)}`,
      expiresOnTimestamp: Date.parse('2100-01-01T00:00:00Z'),
    }),
  };
  return Object.assign(topic, { options: { httpClient, credential } });
}
