import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeKnown } from '../../functions/local/known.ts';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import { fixtureEvent } from '../../functions/local/try.ts';
import type { Json } from '../../shared/model/json.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import type { RunState } from '../../shared/model/run.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { builtFunctions, builtLambda, type Stage } from '../support/built.ts';
import { readEvent } from '../support/events.ts';
import { batch, http, json, runIdsOf, text } from '../support/functions-host.ts';
import { builtOnce } from '../support/made-once.ts';
import { changing } from '../support/road.ts';

const playbooks = fileURLToPath(new URL('../../playbooks', import.meta.url));
const open: (() => Promise<void>)[] = [];
let folder = '';
let built = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-built-'));
  built = (await builtOnce()).folder;
}, 300_000);
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const stageOf = (name: string, more: Partial<Stage> = {}): Stage => ({
  built,
  records: join(folder, `${name}.db`),
  settings: { people: [{ id: 'vera', roles: ['viewer'], groups: [], accounts: ['*'], playbooks: ['*'] }] },
  has: 'writer',
  ...more,
});
async function lambda(stage: Stage) {
  const one = await builtLambda(stage);
  open.push(one.close);
  return one;
}
async function functions(stage: Stage) {
  const one = await builtFunctions(stage);
  open.push(one.close);
  return one;
}

const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };
const leakedKey = () => readEvent('guardduty/leaked-access-key');
const bruteForce = () => readEvent('defender/vm-brute-force-export');

/** The first event of each shipped playbook that it is meant for, by the cloud it comes from. */
async function eventsOf(cloud: 'aws' | 'azure') {
  const firsts = (await loadPlaybooks([playbooks])).flatMap(({ read }) => {
    const first = read?.playbook.tests.find(({ expect: { matched } }) => matched !== false);
    return read && first ? [{ playbook: read.playbook.id, ...first.event }] : [];
  });
  const all = await Promise.all(
    firsts.map(async (one) => ({ playbook: one.playbook, event: await fixtureEvent(one.fixture, one.with) })),
  );
  return all.filter(({ event }) => {
    const { reading } = normalise(event);
    return reading.kind === 'findings' && reading.findings.every((finding) => finding.cloud === cloud);
  });
}

/** In rounds, in which no two events are about the same finding: a provider knows one version of it. */
function rounds<E extends { readonly event: Json }>(events: readonly E[]): readonly (readonly E[])[] {
  const counts = new Map<string, number>();
  const groups = Object.groupBy(events, ({ event }) => {
    const { reading } = normalise(event);
    const [id = ''] = reading.kind === 'findings' ? reading.findings.map((finding) => finding.id) : [];
    const round = counts.get(id) ?? 0;
    counts.set(id, round + 1);
    return String(round);
  });
  return Object.values(groups).flatMap((group) => (group ? [group] : []));
}

/** What became of the runs of each playbook. */
const outcomes = (runs: readonly RunState[]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(runs.map(({ order, result }) => [order.playbook, result?.outcome]));

const writes = (sandbox: Sandbox): readonly string[] => changing({ sandbox }).map(({ operation }) => operation);

describe('the built functions on Lambda', () => {
  it('carry an event from the queue to containment, and tell who asks', async () => {
    const { sandbox, deliver, work, functionOf } = await lambda(stageOf('lambda'));
    expect(sandbox.can(key)).toBe(true);
    expect(await deliver([leakedKey()])).toEqual({ batchItemFailures: [] });
    const [run] = await work();
    expect(run).toMatchObject({ status: 'ended', result: { outcome: 'contained' } });
    sandbox.clock.advance(60); // a key that is off works for some seconds more
    expect(sandbox.can(key)).toBe(false);

    const [onRequest, onSchedule] = await Promise.all([functionOf('on-request'), functionOf('on-schedule')]);
    const http = { method: 'GET', path: `/runs/${run?.order.id}` };
    const requestContext = { http, authorizer: { jwt: { claims: { sub: 'vera' } } } };
    const answer = await onRequest.invoke({ rawPath: http.path, rawQueryString: '', headers: {}, requestContext });
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('"outcome":"contained"') });
    expect(await onSchedule.invoke({})).toMatchObject({ started: [] });
  });

  it('examine the deployment that they are, for whoever may do everything, and leave drills to the road', async () => {
    const everyone = { groups: [], accounts: ['*'], playbooks: ['*'] };
    const people = [{ id: 'ron', roles: ['responder' as const], ...everyone }];
    const { functionOf, sandbox } = await lambda(stageOf('lambda-doctor', { settings: { people } }));
    const onRequest = await functionOf('on-request');
    const asked = (path: string, body: object) => {
      const http = { method: 'POST', path };
      const requestContext = { http, authorizer: { jwt: { claims: { sub: 'ron' } } } };
      const headers = { 'content-type': 'application/json' };
      return onRequest.invoke({
        rawPath: path,
        rawQueryString: '',
        headers,
        requestContext,
        body: JSON.stringify(body),
      });
    };
    expect(await asked('/doctor', { part: 'AWS account 111122223333' })).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('CordonReader can be assumed'),
    });
    expect(await asked('/doctor', { part: 'home' })).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('events:DescribeRule is refused'),
    });
    const canary = { target: 'arn:aws:s3:::northwind-website', account: '111122223333', region: 'eu-west-1' };
    expect(await asked('/drills', { ...canary, action: 'aws.s3.block-public-access-bucket' })).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('not-a-canary'),
    });
    expect(writes(sandbox)).toEqual([]);
  });

  it('say to the runtime what a function threw, and go on', async () => {
    const { functionOf } = await lambda(stageOf('thrown'));
    const onRequest = await functionOf('on-request');
    await expect(onRequest.invoke(null)).rejects.toThrow();
    await expect(onRequest.invoke(null)).rejects.toThrow();
    await expect((await functionOf('no-such-file')).invoke({})).rejects.toThrow(/no-such-file/);
  });

  it('plan every shipped playbook with the reader of staging alone, and write nothing', async () => {
    const { sandbox, deliver, work } = await lambda(
      stageOf('lambda-staging', { settings: { stage: 'staging' }, has: 'reader alone' }),
    );
    const events = await eventsOf('aws');
    let runs: Readonly<Record<string, string | undefined>> = {};
    for (const round of rounds(events)) {
      expect(await deliver(round.map(({ event }) => event))).toEqual({ batchItemFailures: [] });
      runs = { ...outcomes(await work()), ...runs };
    }
    expect(Object.keys(runs)).toEqual(expect.arrayContaining(events.map(({ playbook }) => playbook)));
    const { 'compromised-workload': _, ...reached } = runs; // no API server of a cluster listens here
    expect(new Set(Object.values(reached))).toEqual(new Set(['planned']));
    expect(writes(sandbox)).toEqual([]);
  });

  it('change nothing without a writer, though the settings say that they may', async () => {
    const { sandbox, deliver, work } = await lambda(stageOf('lambda-no-writer', { has: 'reader alone' }));
    await deliver([leakedKey()]);
    expect(await work()).toMatchObject([{ result: { outcome: 'failed' } }]);
    expect(writes(sandbox)).toEqual([]);
    expect(sandbox.can(key)).toBe(true);
  });
});

describe('the built functions on Lambda where the home is in Azure', () => {
  const home = 'event-topic:https://cordon.westeurope-1.eventgrid.azure.net/api/events';
  const handingOn = async (name: string) => {
    const variables = { CORDON_FORWARD_TO: home };
    const made = await lambda(stageOf(name, { variables }));
    // a finding that GuardDuty holds as active, and that no record here knows of
    const { reading } = normalise(leakedKey());
    for (const finding of reading.kind === 'findings' ? reading.findings : [])
      makeKnown(made.sandbox, finding, leakedKey());
    return made;
  };

  it('look after nothing, compare nothing, and keep no records', async () => {
    const { sandbox, functionOf } = await handingOn('hands-on-schedule');
    expect(await (await functionOf('on-schedule')).invoke({})).toEqual({ started: [], attended: 0 });
    expect(sandbox.recorder.calls).toEqual([]);
    expect(existsSync(join(folder, 'hands-on-schedule.db'))).toBe(false);
  });

  it('tell people which deployment to ask', async () => {
    const { functionOf } = await handingOn('hands-on-request');
    const onRequest = await functionOf('on-request');
    for (const [method, path] of [
      ['GET', '/runs'],
      ['POST', '/kill-switch'],
      ['POST', '/channels/slack'],
    ]) {
      const requestContext = { http: { method, path }, authorizer: { jwt: { claims: { sub: 'vera' } } } };
      const answer = await onRequest.invoke({ rawPath: path, rawQueryString: '', headers: {}, requestContext });
      expect(answer).toMatchObject({ statusCode: 409, body: expect.stringContaining('home-elsewhere') });
      expect(answer).toMatchObject({ body: expect.stringContaining(home) });
    }
  });

  it('carry no run on', async () => {
    const { functionOf } = await handingOn('hands-on-run');
    await expect((await functionOf('on-run')).invoke({ runId: 'a'.repeat(26) })).rejects.toThrow(/hands its events on/);
  });
});

it('has an event of every shipped playbook for one of the two', async () => {
  const told = [...(await eventsOf('aws')), ...(await eventsOf('azure'))].map(({ playbook }) => playbook);
  const shipped = (await loadPlaybooks([playbooks])).map(({ read }) => read?.playbook.id);
  expect(told.sort()).toEqual(shipped.sort());
});

describe('the built app on Functions', () => {
  it('carries an event to containment through managed identities', async () => {
    const { sandbox, deliver, app, metrics } = await functions(stageOf('functions'));
    expect(app.functions).toContain('on-event-hub');
    const [run] = await deliver([bruteForce()]);
    expect(run).toMatchObject({ status: 'ended', result: { outcome: 'contained' } });
    expect(writes(sandbox)).toContain('Microsoft.Network/networkSecurityGroups/securityRules/write');
    const sum = (name: string) => metrics.flatMap(({ Name, Sum }) => (Name === name ? [Sum] : []));
    expect([sum('EventsReceived'), sum('RunsStarted'), sum('BreakersOpen')]).toEqual([[1], [1], []]);
    expect(metrics.find(({ Name }) => Name === 'RunsEnded')?.Properties).toEqual({
      stage: 'production',
      outcome: 'contained',
    });
    await app.invoke('on-schedule', json({ isPastDue: false }));
    expect(sum('BreakersOpen')).toEqual([0]);
  });

  it('answers on every other way in: a hub, the inbox, people, programs and the clock', async () => {
    const { app } = await functions(stageOf('functions-ways'));
    const event = JSON.stringify(bruteForce());
    const [runId] = runIdsOf(await app.invoke('on-event-hub', batch([event])));
    expect(runId).toMatch(/^[a-z2-7]{26}$/);
    expect(runIdsOf(await app.invoke('on-inbox', text(event)))).toEqual([runId]);
    const asked = (name?: string) =>
      app.invoke(
        'on-request',
        http({ path: `/runs/${runId}`, headers: name ? { 'x-ms-client-principal-id': name } : {} }),
      );
    expect((await asked('vera')).http).toMatchObject({ status: 200, body: { status: 'open' } });
    expect((await asked()).http).toMatchObject({ status: 401 });
    const sent = await app.invoke('on-webhook', http({ method: 'POST', path: '/events', body: bruteForce() }));
    expect(sent.http).toMatchObject({ status: 401 });
    expect(runIdsOf(await app.invoke('on-schedule', json({ isPastDue: false })))).toEqual([runId]);
  });

  it('plans every shipped playbook with the reader of staging alone, and writes nothing', async () => {
    const { sandbox, deliver } = await functions(
      stageOf('functions-staging', { settings: { stage: 'staging' }, has: 'reader alone' }),
    );
    const events = await eventsOf('azure');
    let runs: Readonly<Record<string, string | undefined>> = {};
    for (const round of rounds(events)) runs = { ...outcomes(await deliver(round.map(({ event }) => event))), ...runs };
    expect(Object.keys(runs)).toEqual(expect.arrayContaining(events.map(({ playbook }) => playbook)));
    expect(new Set(Object.values(runs))).toEqual(new Set(['planned']));
    expect(writes(sandbox)).toEqual([]);
  });

  it('changes nothing without a writer, though the settings say that it may', async () => {
    const { sandbox, deliver } = await functions(stageOf('functions-no-writer', { has: 'reader alone' }));
    expect(await deliver([bruteForce()])).toMatchObject([{ result: { outcome: 'failed' } }]);
    expect(writes(sandbox)).toEqual([]);
  });
});
