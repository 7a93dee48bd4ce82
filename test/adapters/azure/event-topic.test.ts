import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { eventTopic } from '../../../shared/adapters/azure/event-topic.ts';
import { manyRemediations } from '../../support/remediations.ts';

const endpoint = 'https://cordon.westeurope-1.eventgrid.azure.net/api/events';
const signal = new AbortController().signal;
const credential = {
  getToken: async (scopes: string | string[]) => ({
    token: `token for ${String(scopes)}`,
    expiresOnTimestamp: Date.parse('2100-01-01T00:00:00Z'),
  }),
};

/** A topic that answers with one status, and what it was sent. */
function topic(status: number) {
  const sent: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      sent.push(request);
      return { request, status, headers: createHttpHeaders(), bodyAsText: '' };
    },
  };
  return { sent, publisher: eventTopic(endpoint, { credential, stage: 'production', httpClient }) };
}

describe('an Event Grid topic', () => {
  test('takes CloudEvents under an identity, with the OCSF event as data', async () => {
    const { sent, publisher } = topic(200);
    const events = manyRemediations(2);
    await publisher.publish(events, signal);
    const [request] = sent;
    expect(request?.url).toMatch(/^https:\/\/cordon\.westeurope-1\.eventgrid\.azure\.net\/api\/events\?api-version=/);
    expect(request?.headers.get('content-type')).toMatch(/^application\/cloudevents-batch\+json/);
    expect(request?.headers.get('authorization')).toBe('Bearer token for https://eventgrid.azure.net/.default');
    expect(JSON.parse(String(request?.body))).toMatchObject(
      events.map((data) => ({
        specversion: '1.0',
        id: data.metadata.uid,
        type: 'cordon.remediation.v1',
        source: '/cordon/production',
        subject: data.metadata.correlation_uid,
        data: JSON.parse(JSON.stringify(data)),
      })),
    );
  });

  test.each([
    [400, false],
    [413, false],
    [401, true],
    [429, true],
    [503, true],
  ])('that answers %d is tried again: %s', async (status, retryable) => {
    const { sent, publisher } = topic(status);
    await expect(publisher.publish(manyRemediations(1), signal)).rejects.toMatchObject({
      code: 'refused',
      message: `Event Grid answered ${status}`,
      retryable,
    });
    expect(sent).toHaveLength(1);
  });
});
