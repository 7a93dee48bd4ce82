import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openHome } from '../../functions/environment.ts';
import { createHandler as onEvent } from '../../functions/aws/on-event.ts';
import { createHandler as onSchedule } from '../../functions/aws/on-schedule.ts';
import { powertoolsMetrics } from '../../functions/aws/powertools-metrics.ts';
import { azureMonitorMetrics } from '../../functions/azure/azure-monitor-metrics.ts';
import { faultFields, log } from '../../functions/log.ts';
import { tellAll } from '../../functions/tell.ts';
import { visit } from '../../functions/visit.ts';
import { activeFindings } from '../../functions/wire.ts';
import { createApi } from '../../shared/api/api.ts';
import { Person } from '../../shared/config/settings.ts';
import { CordonError } from '../../shared/model/error.ts';
import { canonical, type Json } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { users } from '../../shared/sandbox/aws/iam-rows.ts';
import { production } from '../support/company.ts';
import { bruteForce, doors, lambdaContext, leakedKey, leakedKeyAgain, sqsEvent } from '../support/doors.ts';
import { withMembers } from '../support/events.ts';
import { batch, functionsHost, http, json } from '../support/functions-host.ts';
import { toHook, toSlack } from '../support/channels.ts';
import { ingestion } from '../support/ingestion.ts';
import { receiver } from '../support/receiver.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const [
  { registerOnEvent },
  { registerOnForward },
  { registerOnRelay },
  { registerOnRequest },
  { registerOnSchedule },
  { registerOnWebhook },
] = await Promise.all([
  import('../../functions/azure/on-event.ts'),
  import('../../functions/azure/on-forward.ts'),
  import('../../functions/azure/on-relay.ts'),
  import('../../functions/azure/on-request.ts'),
  import('../../functions/azure/on-schedule.ts'),
  import('../../functions/azure/on-webhook.ts'),
]);

const base64 = (bytes: number, seed: number): string =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 37 + seed * 101 + 13) % 256)).toString('base64');
const jwt = (seed: number): string =>
  [JSON.stringify({ alg: 'RS256', kid: `planted-${seed}` }), JSON.stringify({ sub: `planted-${seed}`, oid: 'x' })]
    .map((part) => Buffer.from(part).toString('base64url'))
    .concat(base64(64, seed).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))
    .join('.');

/** What must be found nowhere but where it was planted. */
const secrets = {
  // in the settings and the environment
  externalId: 'northwind-cordon-7f3a91c2',
  secretAccessKey: 'pLantedK3yPlantedK3yPlantedK3yPlantedK3y',
  sessionToken: base64(150, 1),
  signingKey: base64(32, 2),
  slackToken: 'xoxb-0000planted0000-slacktokencanary',
  slackSigningSecret: 'plantedslacksigningsecretcanary1',
  hookAddress: 'planted-path-canary',
  hookSecret: `whsec_${base64(24, 3)}`,
  storageKey: base64(64, 4),
  hubKey: base64(32, 5),
  brokenSetting: 'planted-broken-setting',
  // in events
  commandPassword: 'pl4nted-Command-Passw0rd',
  urlPassword: 'pl4nted-url-Passw0rd',
  privateKey: base64(120, 6),
  gitHubToken: 'ghp_pLanted0123456789abcdefghijklmnopqrs',
  slackHook: 'T00000000/B00000000/plantedincominghook',
  eventSecretKey: 'eVentedK3yEventedK3yEventedK3yEventedK3y',
  eventToken: jwt(7),
  eventConnection: base64(64, 8),
  sasSignature: 'pLantedSas%2BSignature%3D',
  textPassword: 'pl4nted-text-Passw0rd',
  unknownBearer: jwt(9),
  // in what providers and stores say
  echoedSignature: '5f0planted0b7c2d19aa5f00b7c2d19aa5f00b7c2d19aa5f00b7c2d19aa5f00b',
  echoedToken: base64(160, 10),
  echoedAuthorization: '7e1planted1c8d3e2abb6a11c8d3e2abb6a11c8d3e2abb6a11c8d3e2abb6a11c',
  clientSecret: 'pl4nted~Client-Secret_Value',
  accessToken: jwt(11),
  accountKey: base64(64, 12),
  tagValue: 'pl4nted-tag-Passw0rd',
  storePassword: 'pl4nted-store-Passw0rd',
  // in requests
  requestBearer: jwt(13),
  requestBasic: base64(30, 14),
  requestCookie: 'plantedsessioncookievalue',
  requestCode: 'plantedApprovalCodeValue',
  // by which metrics are sent
  metricsToken: jwt(15),
} as const;

const everywhere: string[] = [];
const hear = (place: string, words: unknown): void =>
  void everywhere.push(`${place}: ${typeof words === 'string' ? words : JSON.stringify(words)}`);

beforeEach(() => {
  everywhere.length = 0;
  for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const)
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => hear('log', words.map(String).join(' ')));
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((words) => {
      hear('stream', String(words));
      return true;
    });
});
afterEach(() => void vi.restoreAllMocks());

/** What a host sees of a fault that it is thrown, as Node prints it. */
function hearFault(thrown: unknown): void {
  const causes = (of: unknown): string =>
    of instanceof Error ? `${of.stack} ${of.message} ${causes(of.cause)}` : String(of);
  hear(
    'fault',
    `${causes(thrown)} ${thrown instanceof CordonError ? thrown.describe() : ''} ${JSON.stringify(thrown)}`,
  );
}
async function hearing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    hearFault(thrown);
    return undefined;
  }
}

const description = [
  `A process ran: mysql -h db --password=${secrets.commandPassword}; curl https://root:${secrets.urlPassword}@db.internal/`,
  `-----BEGIN RSA PRIVATE KEY-----\n${secrets.privateKey}\n-----END RSA PRIVATE KEY-----`,
  `git clone with ${secrets.gitHubToken}, posting to https://hooks.slack.com/services/${secrets.slackHook}`,
].join('\n');

const planted = (event: Json): Json =>
  withMembers(event as never, {
    // an event is an object
    'detail.description': description,
    'detail.unread': {
      responseElements: { accessKey: { accessKeyId: 'AKIAPLANTED', secretAccessKey: secrets.eventSecretKey } },
      headers: { Authorization: `Bearer ${secrets.eventToken}` },
      connection: `Endpoint=sb://x/;SharedAccessKey=${secrets.eventConnection}`,
    },
  });

const alert = (): Json =>
  withMembers(bruteForce() as never, {
    // an event is an object
    Description: description,
    ExtendedProperties: {
      'Blob address': `https://x.blob.core.windows.net/c/b?sv=2024&sig=${secrets.sasSignature}&se=2027`,
      'Connection string': `DefaultEndpointsProtocol=https;AccountKey=${secrets.eventConnection};`,
    },
  });

/** A provider that repeats what it was sent. */
const echo = [
  'The request signature we calculated does not match. The canonical request was:',
  `POST /?Action=X&X-Amz-Signature=${secrets.echoedSignature}&X-Amz-Security-Token=${encodeURIComponent(secrets.echoedToken)}`,
  `authorization: AWS4-HMAC-SHA256 Credential=AKIAX/20261120/iam, SignedHeaders=host, Signature=${secrets.echoedAuthorization}`,
  `x-amz-security-token: ${secrets.sessionToken}`,
  `{"ExternalId":"${secrets.externalId}","secretAccessKey":"${secrets.secretAccessKey}","client_secret":"${secrets.clientSecret}"}`,
  `Bearer ${secrets.accessToken}; AccountKey=${secrets.accountKey};`,
].join('\n');

/** Records and evidence, and everything that was ever written to them but raw events. */
function watched({ records, evidence }: Pick<RunDeps, 'records' | 'evidence'>, raw: readonly Json[]) {
  const rawEvents = new Set(raw.map(canonical));
  const watchedRecords: Records = {
    ...records,
    async create(draft) {
      hear(`record ${draft.kind}`, draft);
      return records.create(draft);
    },
    async replace(draft, version) {
      hear(`record ${draft.kind}`, draft);
      return records.replace(draft, version);
    },
  };
  const watchedEvidence: Evidence = {
    ...evidence,
    async put(value) {
      if (!rawEvents.has(canonical(value))) hear('evidence', value); // the raw event is the one place that keeps all
      return evidence.put(value);
    },
  };
  return { records: watchedRecords, evidence: watchedEvidence };
}

const text = `not JSON { "password": "${secrets.textPassword}", Authorization: Bearer ${secrets.unknownBearer}`;
const unknownEvent: Json = {
  id: '1',
  eventType: 'Contoso.Thing',
  data: { headers: { authorization: `Bearer ${secrets.unknownBearer}` }, password: secrets.textPassword },
};

async function scene() {
  const people = [Person.parse({ id: 'maria', roles: ['viewer', 'operator', 'responder', 'approver'] })];
  const company = doors({ people });
  const other = await receiver((request) => ({ status: 400, body: JSON.stringify(request) }));
  const environment = { CORDON_SLACK_TOKEN: secrets.slackToken, CORDON_SLACK_SECRET: secrets.slackSigningSecret };
  const channels = [
    toSlack(other.url, {}, environment),
    toHook(other.url, { ...environment, CORDON_HOOK_SECRET: secrets.hookSecret }),
  ];
  const events = [planted(leakedKey()), planted(leakedKeyAgain(1)), alert(), unknownEvent];
  const later = [2, 3, 4, 5, 6].map((number) => planted(leakedKeyAgain(number)));
  const deps = {
    ...company.deps,
    ...watched(company.deps, [...events, ...later, text]),
    notifier: { channels, channelsFor: () => channels },
  };
  for (const event of events.slice(0, 3)) company.known(event);
  const { rows } = company.sandbox;
  for (const [key, row] of rows.all(users))
    if (key.startsWith(production))
      rows.put(users, key, { ...row, tags: { ...row.tags, 'db-password': secrets.tagValue } });
  const insights = await ingestion(secrets.metricsToken);
  onTestFinished(insights.close);
  const { connectionString, client } = insights;
  const token = { token: secrets.metricsToken, expiresOnTimestamp: Date.parse('2100-01-01T00:00:00Z') };
  const sending = { connectionString, client, credential: { getToken: async () => token }, role: 'cordon' };
  const metrics = [
    powertoolsMetrics('production'),
    azureMonitorMetrics({ stage: 'production', clock: deps.clock, ...sending }),
  ] as const;
  return {
    ...company,
    insights,
    deps,
    engine: { ...engineOf(deps), tell: () => tellAll(deps) },
    events,
    metrics,
    other,
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;

/** Carries every run on to its end or its question, as the host does. */
async function carried({ engine, started, sandbox, metrics }: Scene): Promise<void> {
  for (const runId of new Set(started))
    for (let at = 0; at < 12; at += 1) {
      const stands = await hearing(() => visit({ ...engine, metrics: metrics[0] }, runId, 300));
      hear('visit', stands ?? null);
      if (!stands?.againAt || stands.waitsFor !== null) break;
      sandbox.clock.moveTo(stands.againAt);
    }
}

const down = (records: Records): Records => ({
  ...records,
  create: async () => {
    throw new Error(
      `login failed for postgres://cordon:${secrets.storePassword}@db; AccountKey=${secrets.storageKey};`,
    );
  },
});

/** Asks every route that reads, as somebody who may see all. */
async function asked({ deps, started }: Scene): Promise<void> {
  const api = createApi({
    ...deps,
    identify: async () => ({ id: 'maria' }),
    deadline: () => new AbortController().signal,
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  });
  const ids = [...new Set(started), 'x'];
  const routes = api.routes.filter(({ method }) => method === 'GET').map(({ path }) => path);
  for (const path of new Set(routes))
    for (const id of path.includes(':') ? ids : ['']) {
      const answer = await api.request(path.replaceAll(/:[a-zA-Z]+/g, id));
      hear(`answer ${path}`, await answer.text());
    }
  const headers = {
    authorization: `Basic ${secrets.requestBasic}`,
    cookie: secrets.requestCookie,
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ code: secrets.requestCode, token: secrets.requestBearer, wants: 5 });
  for (const path of routes) hear('answer', await (await api.request(path, { method: 'POST', headers, body })).text());
}

/** The secrets that stand somewhere they must not, and where. */
const leaks = (): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    everywhere
      .filter((line) => line.includes(secret))
      .map(
        (line) =>
          `${name} in ${line.slice(0, 60)}…${line.slice(Math.max(0, line.indexOf(secret) - 80), line.indexOf(secret) + 20)}`,
      ),
  );

describe('a planted secret', () => {
  it('is one of at least thirty, and none is part of another', () => {
    const all = Object.values(secrets);
    expect(all.length).toBeGreaterThanOrEqual(30);
    for (const one of all) expect(all.filter((other) => other.includes(one))).toEqual([one]);
  });

  it('stands in nothing that leaves the handlers on AWS', async () => {
    const one = await scene();
    const { deps, events, metrics, sandbox } = one;
    const take = onEvent({ ...deps, metrics: metrics[0] });
    sandbox.faults.plant({
      operation: 'iam:UpdateAccessKey',
      fault: { kind: 'error', code: 'InvalidInput', status: 400, message: echo },
      times: 1,
    });
    await take(sqsEvent([...events.map((event) => JSON.stringify(event)), text]), lambdaContext());
    await carried(one);
    sandbox.faults.plant({
      operation: 'sts:AssumeRole',
      fault: { kind: 'error', code: 'AccessDenied', status: 403, message: echo },
    });
    await take(sqsEvent([JSON.stringify(planted(leakedKeyAgain(2)))]), lambdaContext());
    await carried(one);
    const active = activeFindings(one.clouds);
    await hearing(() => onSchedule({ ...deps, active, homeRegion: 'eu-west-1', metrics: metrics[0] })());
    await take(sqsEvent([JSON.stringify(planted(leakedKeyAgain(3)))]), lambdaContext());
    await onEvent({ ...deps, records: down(deps.records) })(
      sqsEvent([JSON.stringify(planted(leakedKeyAgain(4)))]),
      lambdaContext(),
    );
    await hearing(() =>
      onSchedule({ ...deps, records: { ...down(deps.records), listDue: down(deps.records).create as never } })(),
    );
    await asked(one);
    expect(everywhere.filter((line) => line.includes('InvalidInput')).length).toBeGreaterThan(3); // the echo came through
    expect(everywhere.filter((line) => line.startsWith('record journal')).length).toBeGreaterThan(5);
    expect(one.other.received.length).toBeGreaterThan(0);
    for (const { body } of one.other.received) hear('notice', body);
    expect(
      everywhere.filter((line) => line.startsWith('stream') && line.includes('"CloudWatchMetrics"')).length,
    ).toBeGreaterThan(5);
    expect(leaks()).toEqual([]);
  });

  it('stands in nothing that leaves the handlers on Azure', async () => {
    const one = await scene();
    const { deps, metrics, sandbox, events } = one;
    const current = { deps: { ...deps, metrics: metrics[1] } };
    registerOnEvent(async () => current.deps, queuesBeside(host, () => sandbox.clock).waiting);
    registerOnRequest(async () => ({
      ...deps,
      identify: async (request) => {
        if (request.headers.has('x-break'))
          throw new Error(`keys of ${request.headers.get('authorization')} could not be read`);
        return undefined;
      },
      deadline: () => new AbortController().signal,
      report: (fault) => log('error', 'a request failed', faultFields(fault)),
    }));
    const invoked = await host.invoke('on-event-hub', batch([...events.map((event) => JSON.stringify(event)), text]));
    for (const message of invoked.queues['cordon-runs'] ?? [])
      one.started.push(String((message as { runId: string }).runId)); // what starting() puts out
    sandbox.faults.plant({
      operation: 'Microsoft.Network/networkSecurityGroups/*',
      fault: { kind: 'error', code: 'Refused', status: 400, message: echo },
    });
    await carried(one);
    current.deps = { ...current.deps, records: down(deps.records) };
    await hearing(() => host.invoke('on-event-grid', json({ ...(planted(leakedKeyAgain(5)) as object) })));
    await hearing(() => host.invoke('on-event-hub', batch([JSON.stringify(planted(leakedKeyAgain(6)))])));
    const headers = { authorization: `Bearer ${secrets.requestBearer}`, cookie: `session=${secrets.requestCookie}` };
    const answers = [
      await host.invoke('on-request', http({ path: `/runs?code=${secrets.requestCode}`, headers })),
      await host.invoke('on-request', http({ path: '/runs', headers: { ...headers, 'x-break': 'yes' } })),
    ];
    for (const { http: answer } of answers) hear('answer', answer?.body ?? '');
    await asked(one);
    for (const { body } of one.other.received) hear('notice', body);
    await metrics[1].flush();
    expect(one.insights.taken.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['EventsReceived', 'EventsFailed']),
    );
    for (const body of one.insights.bodies) hear('metric', body);
    expect(everywhere.filter((line) => line.includes('Refused')).length).toBeGreaterThan(3);
    expect(leaks()).toEqual([]);
  });

  /** What the host is told of an invocation on Azure, as it fails. */
  const told = (name: string, ...given: Parameters<typeof host.invoke> extends [string, ...infer R] ? R : never) =>
    hearing(() => host.invoke(name, ...given));
  const broken = async (): Promise<never> => {
    throw new Error(`${echo}; AccountKey=${secrets.storageKey}; postgres://cordon:${secrets.storePassword}@db`);
  };

  it('stands in nothing that leaves the other handlers of a home on Azure', async () => {
    host.forget();
    const one = await scene();
    const { deps, sandbox, clouds, metrics } = one;
    const current = { deps: { ...deps, metrics: metrics[1] } };
    const queues = queuesBeside(host, () => sandbox.clock);
    const settings = { ...deps.settings, senders: ['maria'] };
    registerOnEvent(async () => current.deps, queues.waiting);
    registerOnRelay(async () => broken, queues.waiting);
    registerOnSchedule(async () => ({ ...current.deps, active: activeFindings(clouds), homeRegion: 'eu-west-1' }));
    registerOnWebhook(async () => ({
      ...current.deps,
      settings,
      identify: async (request) => (request.headers.has('x-break') ? broken() : { id: 'maria' }),
    }));
    const all = async (number: number): Promise<void> => {
      const event = planted(leakedKeyAgain(number));
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${secrets.requestBearer}`,
        cookie: secrets.requestCookie,
      };
      const post = { method: 'POST', path: `/events?code=${secrets.requestCode}`, body: event };
      for (const more of [{}, { 'x-break': 'yes' }]) {
        const answer = (await told('on-webhook', http({ ...post, headers: { ...headers, ...more } })))?.http;
        hear('answer', `${answer?.status} ${JSON.stringify(answer?.body ?? null)}`);
      }
      for (const message of [event, alert(), unknownEvent, text]) {
        const data = typeof message === 'string' ? { string: message } : json(message);
        for (const name of ['on-inbox', 'on-inbox-poison', 'on-relay', 'on-event-grid', 'on-forwarded'])
          await told(name, data, {}, { dequeueCount: json(number % 2) });
      }
      await told('on-event-hub', batch([JSON.stringify(event), text, JSON.stringify({ x: 'y'.repeat(60_000) })]));
      await told('on-schedule', json({}));
    };
    await all(2);
    current.deps = { ...current.deps, records: down(deps.records) };
    await all(3);
    current.deps = { ...current.deps, evidence: { put: broken, get: broken } };
    await all(4);
    await metrics[1].flush();
    for (const body of one.insights.bodies) hear('metric', body);
    for (const { body } of one.other.received) hear('notice', body);
    for (const wanted of ['"queue":"cordon-inbox"', '"queue":"cordon-relay"', 'events could not be taken', 'fault: '])
      expect(everywhere.join('\n')).toContain(wanted);
    expect(everywhere.filter((line) => line.startsWith('answer')).length).toBe(6);
    expect(leaks()).toEqual([]);
  });

  it('stands in nothing that leaves a deployment on Azure which hands its events on', async () => {
    host.forget();
    const { deps, sandbox } = await scene();
    const current = { forward: broken as () => Promise<void>, evidence: deps.evidence };
    const large = async () => {
      throw new CordonError({ code: 'too-large', message: `too large: ${echo}` });
    };
    const forwarder = { forward: () => current.forward() };
    registerOnForward(
      async () => ({ forwarder, clock: deps.clock, evidence: current.evidence }),
      queuesBeside(host, () => sandbox.clock).waiting,
    );
    const all = async (event: Json): Promise<void> => {
      for (const name of ['on-event-grid', 'on-inbox', 'on-inbox-poison']) await told(name, json(event));
      await told('on-inbox-poison', json(event), {}, { dequeueCount: json(2) });
      await told('on-event-hub', batch([JSON.stringify(event), text]));
    };
    const down = { put: broken, get: broken };
    for (const [forward, evidence] of [
      [broken, deps.evidence],
      [large, deps.evidence],
      [broken, down],
      [large, down],
    ] as const) {
      Object.assign(current, { forward, evidence });
      await all(planted(leakedKeyAgain(2)));
      await all(alert());
    }
    for (const wanted of ['a message waits', 'an event goes to the inbox', 'kept and not handed on', 'fault: '])
      expect(everywhere.join('\n')).toContain(wanted);
    expect(leaks()).toEqual([]);
  });

  it('stands in no word about an environment that is wrong', async () => {
    const settings = (inside: string) => ({
      CORDON_SETTINGS: inside,
      CORDON_PLAYBOOKS: '[]',
      CORDON_RECORDS: 'sqlite::memory:',
    });
    const good = JSON.stringify({ stage: 'production' });
    const wrong = [
      settings(`{"stage":"production","aws":{"accounts":{"111122223333":{"externalId":"${secrets.externalId}" "x"}}}}`),
      settings(`{"stage": ${secrets.brokenSetting}}`),
      settings(
        JSON.stringify({ aws: { accounts: { '111122223333': { externalId: 5, secret: secrets.externalId } } } }),
      ),
      { ...settings(good), CORDON_SIGNING_KEYS: `key1=${secrets.signingKey.slice(0, -3)}` },
      { ...settings(good), CORDON_SIGNING_KEYS: secrets.signingKey },
      { ...settings(good), CORDON_RECORDS: `DefaultEndpointsProtocol=https;AccountKey=${secrets.storageKey}` },
      { ...settings(good), CORDON_RECORDS: `mysql:Endpoint=sb://x/;SharedAccessKey=${secrets.hubKey}` },
    ];
    for (const environment of wrong) expect(await hearing(() => openHome(environment, '.'))).toBeUndefined();
    expect(everywhere.filter((line) => line.startsWith('fault'))).toHaveLength(wrong.length);
    const parts = Object.entries(secrets).filter(([, secret]) =>
      everywhere.some((line) => line.includes(secret.slice(0, 12))),
    );
    expect(parts.map(([name]) => name)).toEqual([]);
  });
});
