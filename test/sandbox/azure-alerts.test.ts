import { ServiceClient } from '@azure/core-client';
import { createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { own } from '../../shared/model/json.ts';
import { addAlert } from '../../shared/sandbox/azure/defender-alerts.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, intoSandbox } from '../support/azure.ts';
import { northwind, readerPrincipal, subscription } from '../support/company.ts';
import { readEvent } from '../support/events.ts';

const alert = readEvent('defender/vm-brute-force-arm');
const home = 'https://management.azure.com';

function play(principal?: string) {
  const sandbox = createSandbox(northwind());
  addAlert(sandbox.rows, alert);
  const client = new ServiceClient({
    ...intoSandbox(sandbox),
    credential: sandbox.credential(principal ?? allowAll(sandbox)),
    credentialScopes: `${home}/.default`,
    endpoint: home,
  });
  const ask = async (method: HttpMethods, path: string) => {
    const request = createPipelineRequest({ url: `${home}${path}?api-version=2022-01-01`, method });
    const { status, bodyAsText } = await client.sendRequest(request);
    const body: unknown = bodyAsText ? JSON.parse(bodyAsText) : null;
    return { status, alert: own(own(body, 'properties'), 'status'), error: own(own(body, 'error'), 'code') };
  };
  return { ask };
}

const id = String(alert['id']);
const ofSubscription = id.replace(/\/resourceGroups\/[^/]+/i, '');

describe('alerts of Defender for Cloud', () => {
  it.each([
    ['inProgress', 'InProgress'],
    ['resolve', 'Resolved'],
    ['dismiss', 'Dismissed'],
    ['activate', 'Active'],
  ])('are moved by %s to %s, under the id of the group and of the subscription', async (verb, status) => {
    const { ask } = play();
    for (const one of [id, ofSubscription]) {
      expect(await ask('POST', `${one}/${verb}`)).toMatchObject({ status: 204 });
      expect(await ask('GET', one)).toMatchObject({ status: 200, alert: status });
    }
  });

  it('are not moved where there is none, by no other verb, and by nobody without the right', async () => {
    const { ask } = play();
    const none = `/subscriptions/${subscription}/providers/Microsoft.Security/locations/westeurope/alerts/none`;
    expect(await ask('POST', `${none}/resolve`)).toMatchObject({ status: 404, error: 'ResourceNotFound' });
    expect(await ask('POST', `${id}/forget`)).toMatchObject({ status: 501 });
    const reader = play(readerPrincipal);
    expect(await reader.ask('POST', `${id}/resolve`)).toMatchObject({ status: 403, error: 'AuthorizationFailed' });
  });
});
