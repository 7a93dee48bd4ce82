import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineRequestOptions,
} from '@azure/core-rest-pipeline';
import type { StoragePipelineOptions } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { azureStores } from '../../functions/azure/stores.ts';
import { openHome } from '../../functions/environment.ts';
import { httpResponse } from '../../shared/sandbox/http.ts';
import { listen } from '../../shared/sandbox/mount.ts';
import { createTable } from '../support/azure-stores.ts';
import { type BlobsServer, startBlobs } from '../support/blobs-server.ts';
import { startTables, type TablesServer } from '../support/tables-server.ts';

const whole = {
  CORDON_SETTINGS: '{}',
  CORDON_PLAYBOOKS: '[]',
  CORDON_RECORDS: 'tables:northwindcordon/records',
  CORDON_EVIDENCE: 'blob:northwindcordon/evidence/production',
};

let tables: TablesServer;
let blobs: BlobsServer;
let identity: Awaited<ReturnType<typeof listen>>;
/** What the managed identity was asked for: resource and client id. */
let asked: (readonly (string | null)[])[];
/** Hosts that were called, and with whose token. */
let called: string[];

beforeEach(async () => {
  [tables, blobs] = await Promise.all([startTables(), startBlobs('evidence')]);
  await createTable('records', { credential: tables.credential, tables: tables.endpoint, blobs: blobs.endpoint });
  [asked, called] = [[], []];
});
afterEach(() => Promise.all([tables.stop(), blobs.stop()]));

// MSAL remembers for the whole process where it asks.
beforeAll(async () => {
  identity = await listen(async ({ url: { searchParams } }) => {
    asked.push([searchParams.get('resource'), searchParams.get('client_id')]);
    const token = `token-for-${searchParams.get('client_id') ?? 'system'}`;
    const body = { access_token: token, expires_on: '4102444800', resource: 'storage', token_type: 'Bearer' };
    return httpResponse(200, { 'content-type': 'application/json' }, JSON.stringify(body));
  });
  vi.stubEnv('IDENTITY_ENDPOINT', identity.url);
  vi.stubEnv('IDENTITY_HEADER', 'secret of the function app');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await identity.close();
});

/** Leads what goes to the account to the servers here; blob clients have headers of an older class. */
const transport: HttpClient = {
  async sendRequest(request) {
    const { host, pathname, search } = new URL(request.url);
    const headers = createHttpHeaders(JSON.parse(String(request.headers)));
    called.push(`${host} ${headers.get('authorization')}`);
    const url = (host.includes('.table.') ? tables.endpoint : blobs.endpoint) + pathname + search;
    const { method, body, abortSignal, streamResponseStatusCodes } = request;
    const given: PipelineRequestOptions = { url, method, headers, allowInsecureConnection: true };
    const sent = Object.assign(createPipelineRequest(given), { body, abortSignal, streamResponseStatusCodes });
    const answer = await createDefaultHttpClient().sendRequest(sent);
    return Object.assign(answer, {
      request,
      headers: Object.assign(answer.headers, { toJson: () => answer.headers.toJSON() }),
    });
  },
};
const httpClient = transport as unknown as NonNullable<StoragePipelineOptions['httpClient']>; // it answers in both ways

const home = (environment: Record<string, string>) =>
  openHome(environment, '.', azureStores(environment, { tables: { httpClient: transport }, blobs: { httpClient } }));

describe('a home in Azure', () => {
  it('calls nothing before it is used', async () => {
    await home(whole);
    expect([asked, called]).toEqual([[], []]);
  });

  it('keeps records in its table and evidence in its container, as its own identity', async () => {
    const { records, evidence } = await home(whole);
    expect(await records.create({ kind: 'run', id: 'a', body: 1 })).toBe(true);
    expect(await records.read('run', 'a')).toMatchObject({ body: 1 });
    const digest = await evidence.put([1]);
    expect(await evidence.get(digest)).toEqual([1]);
    expect([...blobs.blobs.keys()].map(decodeURIComponent)).toEqual([`/evidence/production/${digest}`]);
    expect(new Set(called)).toEqual(
      new Set([
        'northwindcordon.table.core.windows.net Bearer token-for-system',
        'northwindcordon.blob.core.windows.net Bearer token-for-system',
      ]),
    );
    expect(asked[0]).toEqual([expect.stringMatching(/^https:\/\/storage\.azure\.com\/?$/), null]);
  });

  it('asks as the identity it is told to', async () => {
    const { records } = await home({ ...whole, CORDON_AZURE_HOME_CLIENT_ID: 'c0ffee00-0000-4000-8000-000000000001' });
    await records.read('run', 'a');
    expect(called[0]).toMatch(/Bearer token-for-c0ffee00-0000-4000-8000-000000000001$/);
  });

  it.each([
    [
      'no table',
      { CORDON_RECORDS: 'tables:northwindcordon' },
      /^CORDON_RECORDS: "northwindcordon" names no tables store/,
    ],
    ['no such table', { CORDON_RECORDS: 'tables:northwindcordon/a-b' }, /names no tables store/],
    ['another host', { CORDON_RECORDS: 'tables:evil.example/records' }, /names no tables store/],
    ['a store of another cloud', { CORDON_RECORDS: 'dynamodb:records' }, /there is no store "dynamodb"/],
    ['no container', { CORDON_EVIDENCE: 'blob:northwindcordon' }, /^CORDON_EVIDENCE: .* names no blob store/],
    ['no evidence', { CORDON_EVIDENCE: '' }, /^CORDON_EVIDENCE: is not set/],
  ])('says which variable is wrong: %s', async (_, wrong, message) => {
    await expect(home({ ...whole, ...wrong })).rejects.toThrow(message);
  });
});
