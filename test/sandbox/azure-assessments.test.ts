import { ServiceClient } from '@azure/core-client';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { own } from '../../shared/model/json.ts';
import { addAssessment } from '../../shared/sandbox/azure/defender-assessments.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, intoSandbox } from '../support/azure.ts';
import { northwind } from '../support/company.ts';
import { readEvent } from '../support/events.ts';

const assessment = readEvent('defender-assessment/public-storage-account');
const id = String(assessment['id']);
const home = 'https://management.azure.com';

function play(principal?: string) {
  const sandbox = createSandbox(northwind());
  addAssessment(sandbox.rows, assessment);
  const client = new ServiceClient({
    ...intoSandbox(sandbox),
    credential: sandbox.credential(principal ?? allowAll(sandbox)),
    credentialScopes: `${home}/.default`,
    endpoint: home,
  });
  return async (path: string) => {
    const { status, bodyAsText } = await client.sendRequest(
      createPipelineRequest({ url: `${home}${path}?api-version=2021-06-01`, method: 'GET' }),
    );
    const body: unknown = JSON.parse(bodyAsText ?? 'null');
    return { status, name: own(body, 'name'), error: own(own(body, 'error'), 'code') };
  };
}

describe('assessments of Defender for Cloud', () => {
  it('are read by their id in any case, below the resource that was assessed', async () => {
    const ask = play();
    for (const one of [id, id.toUpperCase()])
      expect(await ask(one)).toMatchObject({ status: 200, name: assessment['name'] });
  });

  it('are not found where there is none, and not shown without the right', async () => {
    expect(await play()(id.replace('northwindexports', 'northwinduploads'))).toMatchObject({
      status: 404,
      error: 'ResourceNotFound',
    });
    const stranger = '0a1b2c3d-0000-4000-8000-00000000a001';
    expect(await play(stranger)(id)).toMatchObject({ status: 403, error: 'AuthorizationFailed' });
  });
});
