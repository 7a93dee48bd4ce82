import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { CordonError, InvalidInput } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { heard } from '../support/console.ts';
import { type Doors, doors, failingOn, leakedKey } from '../support/doors.ts';
import { readEvent } from '../support/events.ts';
import { functionsHost, http, inQueue, runIdsOf } from '../support/functions-host.ts';

const host = functionsHost();
const [{ registerOnWebhook }, { identifyByToken }] = await Promise.all([
  import('../../functions/azure/on-webhook.ts'),
  import('../../functions/azure/identify.ts'),
]);

const day = '2026-11-20';
const issuer = 'https://login.example/v2.0';
const audience = 'api://cordon';
const playbookIdentity = '0a1b2c3d-0000-4000-8000-00000000d001';
const pair = await generateKeyPair('RS256', { extractable: true });
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }] });
const token = (subject: string, of = audience) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setSubject(subject)
    .setIssuer(issuer)
    .setAudience(of)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(pair.privateKey);

const at: { company: Doors; fault?: unknown } = { company: doors() };
const enter = (company: Doors = doors({ senders: [playbookIdentity] })): Doors => {
  at.company = company;
  delete at.fault;
  return company;
};
const lines = heard();

beforeAll(() => {
  registerOnWebhook(async () => {
    if (at.fault !== undefined) throw at.fault;
    return { ...at.company.deps, identify: identifyByToken({ issuer, audience, keys }) };
  });
});

const validation = (validationCode: Json): Json => [
  {
    id: '1',
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    topic: '/subscriptions/x',
    subject: '',
    eventTime: '2026-11-20T09:00:00Z',
    data: { validationCode, validationUrl: 'https://eventgrid.example/validate?id=1' },
    dataVersion: '2',
  },
];
type Sent = { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };
/** What the playbook of the company sends, with its token. */
const send = async ({ headers, ...sent }: Sent) => {
  const authorization = `Bearer ${await token(playbookIdentity)}`;
  const all = { authorization, 'content-type': 'application/json', ...headers };
  return host.invoke('on-webhook', http({ method: 'POST', path: '/events', ...sent, headers: all }));
};
const alert = readEvent('defender/vm-brute-force-arm');

describe('events over HTTP on Functions', () => {
  it('come in at a route of their own, which the host lets everybody reach', () => {
    const [trigger] = Object.values(host.functions.get('on-webhook')?.bindings ?? {});
    expect(trigger).toMatchObject({ type: 'httpTrigger', route: 'events', authLevel: 'anonymous' });
  });

  it('open their runs before they are answered', async () => {
    const { deps } = enter();
    const invoked = await send({ body: alert });
    const [runId] = runIdsOf(invoked);
    expect(invoked.http).toMatchObject({ status: 200, body: { received: 1, runs: [runId] } });
    expect(await deps.records.list('run', day)).toMatchObject([
      { id: runId, body: { order: { requester: { kind: 'event', id: `http:${playbookIdentity}` } } } },
    ]);
    expect((await send({ body: alert })).http).toMatchObject({ status: 200, body: { runs: [runId] } });
    expect(await deps.records.list('run', day)).toHaveLength(1);
  });

  it.each([
    ['an alert of the Activity Log', 'application/json', readEvent('activity-log/security-rule-written-alert')],
    ['one CloudEvent', 'application/cloudevents+json', readEvent('activity-log/security-rule-written-cloudevent')],
    [
      'CloudEvents',
      'application/cloudevents-batch+json; charset=utf-8',
      [readEvent('activity-log/storage-account-notified')],
    ],
    ['Event Grid events', 'application/json; charset=utf-8', [readEvent('activity-log/security-rule-written')]],
  ])('are taken: %s', async (_, contentType, body) => {
    enter();
    const answer = (await send({ headers: { 'content-type': contentType }, body })).http;
    expect(answer).toMatchObject({ status: 200, body: { received: 1, runs: [] } });
    expect(lines.join('\n')).toMatch(/"reason":"no-playbook"/);
  });

  it('that nobody can use are kept, and never sent back', async () => {
    const { deps } = enter();
    for (const body of ['<xml/>', { strange: true }, [{ eventType: 'Contoso.Thing' }]])
      expect((await send({ body })).http).toMatchObject({ status: 200, body: { received: 1, runs: [] } });
    expect(await quarantinedOn(deps, day)).toHaveLength(3);
  });

  it('that tell of a deleted event subscription are kept and warned of', async () => {
    const { deps } = enter();
    await send({ body: [readEvent('event-grid/subscription-deleted')] });
    expect(await quarantinedOn(deps, day)).toMatchObject([{ problem: expect.stringMatching(/"cordon" was deleted/) }]);
    expect(lines.join('\n')).toMatch(/"level":"warn".*"cordon\\" was deleted/);
  });

  it('larger than a megabyte are refused', async () => {
    const { deps } = enter();
    const { http: answer } = await send({ body: { ...alert, more: 'x'.repeat(1_048_576) } });
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
    expect(await quarantinedOn(deps, day)).toEqual([]);
  });
});

describe('who may send events', () => {
  it.each([
    ['no token', async () => ({}), 401],
    [
      'a token for something else',
      async () => ({ authorization: `Bearer ${await token(playbookIdentity, 'x')}` }),
      401,
    ],
    ['the key of the function', async () => ({ 'x-functions-key': 'secret' }), 401],
    ['a token of somebody who is not listed', async () => ({ authorization: `Bearer ${await token('maria')}` }), 403],
  ])('not who brings %s: nothing is read', async (_, headers, status) => {
    const { deps } = enter();
    for (const body of [alert, validation('code'), '<xml/>']) {
      const sent = http({
        method: 'POST',
        path: '/events',
        headers: { 'content-type': 'application/json', ...(await headers()) },
        body,
      });
      const invoked = await host.invoke('on-webhook', sent);
      expect(invoked.http?.status).toBe(status);
      expect(JSON.stringify(invoked.http?.body)).not.toContain('validationResponse');
      expect(inQueue(invoked, 'cordon-runs')).toEqual([]);
    }
    expect(await deps.records.list('run', day)).toEqual([]);
    expect(await quarantinedOn(deps, day)).toEqual([]);
  });

  it('nobody, as long as nobody is listed', async () => {
    enter(doors());
    expect((await send({ body: alert })).http).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('not a form that a page sends', async () => {
    enter();
    const headers = { 'content-type': 'text/plain' };
    expect((await send({ headers, body: alert })).http).toMatchObject({ status: 415 });
  });
});

describe('the handshakes', () => {
  it('of Event Grid is answered with its code', async () => {
    const { deps } = enter();
    const answer = (await send({ body: validation('512d38b6-c7b8-40c8-89fe-f46f9e9622b6') })).http;
    expect(answer).toMatchObject({
      status: 200,
      body: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
    });
    expect(await quarantinedOn(deps, day)).toEqual([]);
  });

  it.each<[string, Json]>([
    ['no code', validation(null)],
    ['a code that is none', validation('<script>')],
    ['other events beside it', [...(validation('code') as Json[]), leakedKey()]],
  ])('with %s is a message like any other', async (_, body) => {
    enter();
    const answer = (await send({ body })).http;
    expect(answer?.status).toBe(200);
    expect(answer?.body).toHaveProperty('received');
  });

  it('of CloudEvents lets Event Grid send, and lets nobody in by itself', async () => {
    enter();
    const ask = async (origin: string) => {
      const headers = { 'webhook-request-origin': origin, 'webhook-request-rate': '120' };
      return (await host.invoke('on-webhook', http({ method: 'OPTIONS', path: '/events', headers }))).http;
    };
    const allowed = await ask('eventgrid.azure.net');
    expect(allowed?.status).toBe(200);
    expect(allowed?.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
    expect(allowed?.headers.get('webhook-allowed-rate')).toBe('*');
    for (const origin of ['evil.example', 'eventgrid.azure.net.evil.example', '*', '']) {
      const refused = await ask(origin);
      expect(refused?.status).toBe(405);
      expect(refused?.headers.has('webhook-allowed-origin')).toBe(false);
    }
  });
});

describe('a fault of ours', () => {
  it('in the store is answered with 503, so that the events come again', async () => {
    const company = enter();
    enter({ ...company, deps: { ...company.deps, records: failingOn(company.deps.records, '') } });
    const answer = (await send({ body: alert })).http;
    expect(answer).toMatchObject({ status: 503, body: { code: 'not-received' } });
    expect(answer?.headers.get('retry-after')).toBe('5');
    expect(lines.join('\n')).toMatch(/events could not be taken.*store-down/);
    enter(company);
    expect(runIdsOf(await send({ body: alert }))).toHaveLength(1);
  });

  it.each([
    ['a setting that is missing', new InvalidInput({ code: 'bad-environment', message: 'X: is not set' })],
    ['a store that does not open', new CordonError({ code: 'store-down', message: 'down', retryable: true })],
    ['a slip', new TypeError('x is undefined')],
  ])('as %s is never the sender’s', async (_, fault) => {
    enter();
    at.fault = fault;
    expect((await send({ body: alert })).http).toMatchObject({ status: 503, body: { code: 'not-received' } });
  });
});
