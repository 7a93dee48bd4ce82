import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { rulesOf } from '../../shared/sandbox/azure/network-security-groups.ts';
import { resources } from '../../shared/sandbox/azure/rows.ts';
import { Person } from '../../shared/config/settings.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { subscription } from '../support/company.ts';
import { heard } from '../support/console.ts';
import { bruteForce, type Doors, doors, failingOn, leakedKey } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { batch, functionsHost, http, inQueue, json, runIdsOf, text } from '../support/functions-host.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const [
  { registerOnEvent },
  { registerOnRun },
  { registerOnRequest },
  { registerOnSchedule },
  { identifyByToken, identifyOf },
] = await Promise.all([
  import('../../functions/azure/on-event.ts'),
  import('../../functions/azure/on-run.ts'),
  import('../../functions/azure/on-request.ts'),
  import('../../functions/azure/on-schedule.ts'),
  import('../../functions/azure/identify.ts'),
]);

const day = '2026-11-20';
const issuer = 'https://login.example/v2.0';
const audience = 'api://cordon';
const pair = await generateKeyPair('RS256', { extractable: true });
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }] });

const token = (claims: { subject?: string; audience?: string; issuer?: string; expires?: string } = {}) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setSubject(claims.subject ?? 'maria')
    .setIssuer(claims.issuer ?? issuer)
    .setAudience(claims.audience ?? audience)
    .setIssuedAt()
    .setExpirationTime(claims.expires ?? '5m')
    .sign(pair.privateKey);

/** The company that the registered functions serve; each test brings a new one. */
const at: { company: Doors } = { company: doors() };
const enter = (company: Doors = doors({ people: [Person.parse({ id: 'maria', roles: ['responder'] })] })): Doors => {
  at.company = company;
  return company;
};

const lines = heard();

beforeAll(() => {
  registerOnEvent(async () => at.company.deps, queuesBeside(host, () => at.company.sandbox.clock).waiting);
  registerOnRun(async () => at.company.engine);
  registerOnSchedule(async () => at.company.deps);
  registerOnRequest(async () => ({
    ...at.company.deps,
    identify: identifyByToken({ issuer, audience, keys }),
    deadline: () => AbortSignal.timeout(10_000),
    report: () => undefined,
  }));
});

const group = `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web`;
const sshIsOpen = ({ sandbox: { rows } }: Doors): boolean => {
  const row = rows.get(resources, group.toLowerCase());
  const inbound = row ? rulesOf(row).filter(({ properties }) => properties.direction === 'Inbound') : [];
  const [first] = inbound
    .filter(({ properties }) => ['22', '*'].includes(properties.destinationPortRange ?? ''))
    .sort((a, b) => a.properties.priority - b.properties.priority);
  return first?.properties.access === 'Allow';
};

const anotherAlert = (id: string) =>
  JSON.stringify(withMembers(readEvent('defender/vm-brute-force-export'), { SystemAlertId: id }));

describe('on-event on Functions', () => {
  it('takes an Event Grid event: what is clean is left, what is malicious is looked at, what is strange is kept', async () => {
    const { deps } = enter();
    for (const name of ['clean-blob', 'malicious-blob'])
      expect(runIdsOf(await host.invoke('on-event-grid', json(readEvent(`defender-storage/${name}`))))).toEqual([]);
    await host.invoke('on-event-grid', json({ id: '1', eventType: 'Contoso.Thing', data: {} }));
    expect(lines.join('\n')).toMatch(/"kind":"ignored".*defender-storage/);
    expect(await quarantinedOn(deps, day)).toMatchObject([{ problem: expect.stringMatching(/Contoso.Thing/) }]);
  });

  it('takes a CloudEvent and starts its run', async () => {
    const { deps } = enter();
    const event = readEvent('defender/vm-brute-force-cloudevent');
    const [runId] = runIdsOf(await host.invoke('on-event-grid', json(event)));
    expect(await deps.records.list('run', day)).toMatchObject([{ id: runId }]);
  });

  it('takes a batch of an Event Hub message by message: one opens a run, one is kept, one goes to the inbox', async () => {
    const company = enter();
    const { deps } = company;
    const down = failingOn(deps.records, 'alert-lost');
    enter({ ...company, deps: { ...deps, records: down } });
    const sent = [anotherAlert('alert-fine'), '<xml/>', anotherAlert('alert-lost')];
    const invoked = await host.invoke('on-event-hub', batch(sent));
    expect(runIdsOf(invoked)).toHaveLength(1);
    expect(await quarantinedOn(deps, day)).toMatchObject([{ head: '<xml/>' }]);
    expect(inQueue(invoked, 'cordon-inbox')).toMatchObject([{ SystemAlertId: 'alert-lost' }]);
    enter(company);
    const [message] = inQueue(invoked, 'cordon-inbox');
    expect(runIdsOf(await host.invoke('on-inbox', text(JSON.stringify(message))))).toHaveLength(1);
    expect(await deps.records.list('run', day)).toHaveLength(2);
  });

  it('throws what is our own fault, so that Event Grid delivers again', async () => {
    const company = enter();
    enter({ ...company, deps: { ...company.deps, records: failingOn(company.deps.records, '') } });
    await expect(
      host.invoke('on-event-grid', json(readEvent('defender/vm-brute-force-cloudevent'))),
    ).rejects.toMatchObject({ code: 'store-down' });
    await expect(host.invoke('on-event-grid', json({ strange: true }))).rejects.toMatchObject({ code: 'store-down' });
  });

  it('opens one run for an alert that comes twice, on two ways', async () => {
    const { deps } = enter();
    const [first] = runIdsOf(await host.invoke('on-event-hub', batch([JSON.stringify(bruteForce())])));
    const again = readEvent('defender/vm-brute-force-export');
    expect(runIdsOf(await host.invoke('on-inbox', text(JSON.stringify(again))))).toEqual([first]);
    expect(await deps.records.list('run', day)).toHaveLength(1);
  });

  it('stays with messages that are numbers, texts, nothing or far too deep', async () => {
    const { deps } = enter();
    const strange = ['5', '"text"', 'null', '[]', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, '{"a":1e999}'];
    const invoked = await host.invoke('on-event-hub', batch(strange));
    expect(runIdsOf(invoked)).toEqual([]);
    expect(inQueue(invoked, 'cordon-inbox')).toEqual([]);
    expect((await quarantinedOn(deps, day)).length).toBeGreaterThanOrEqual(4);
  });
});

describe('on-run on Functions', () => {
  it('carries an alert to containment: SSH is closed', async () => {
    const company = enter();
    company.known(bruteForce());
    expect(sshIsOpen(company)).toBe(true);
    const opened = await host.invoke('on-event-hub', batch([JSON.stringify(bruteForce())]));
    for (const message of inQueue(opened, 'cordon-runs')) await host.invoke('on-run', text(JSON.stringify(message)));
    expect(await company.deps.records.list('run', day)).toMatchObject([
      { body: { status: 'ended', result: { outcome: 'contained' } } },
    ]);
    expect(sshIsOpen(company)).toBe(false);
  });

  it('refuses a message that is no run, so that the queue sets it aside', async () => {
    enter();
    await expect(host.invoke('on-run', text('{"runId":"x"}'))).rejects.toMatchObject({ code: 'bad-run-event' });
  });
});

describe('on-schedule on Functions', () => {
  it('starts what is due', async () => {
    const { deps } = enter();
    const [runId] = runIdsOf(await host.invoke('on-event-hub', batch([JSON.stringify(bruteForce())])));
    const timer = { isPastDue: false, schedule: { adjustForDST: true } };
    expect(runIdsOf(await host.invoke('on-schedule', json(timer)))).toEqual([runId]);
    expect(await deps.records.list('run', day)).toHaveLength(1);
  });
});

describe('on-request on Functions', () => {
  const ask = async (headers: Record<string, string>, path = '/playbooks') =>
    (await host.invoke('on-request', http({ path, headers }))).http;

  it('answers whoever brings a good token', async () => {
    enter();
    const answer = await ask({ authorization: `Bearer ${await token()}` });
    expect(answer).toMatchObject({ status: 200, body: { playbooks: [{ id: 'leaked-key' }, {}, {}] } });
  });

  it.each([
    ['no token', async () => ({})],
    ['another audience', async () => ({ authorization: `Bearer ${await token({ audience: 'api://other' })}` })],
    ['another issuer', async () => ({ authorization: `Bearer ${await token({ issuer: 'https://evil.example' })}` })],
    ['an old token', async () => ({ authorization: `Bearer ${await token({ expires: '-5m' })}` })],
    ['no signature', async () => ({ authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYXJpYSJ9.' })],
    ['the header of Easy Auth, which is not switched on', async () => ({ 'x-ms-client-principal-id': 'maria' })],
  ])('tells nobody apart by %s', async (_, headers) => {
    enter();
    expect(await ask(await headers())).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('starts a run whose id leaves by the queue', async () => {
    const { known } = enter();
    known(leakedKey());
    const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' };
    const body = { playbook: 'leaked-key', event: leakedKey(), mode: 'enforce' };
    const invoked = await host.invoke('on-request', http({ method: 'POST', path: '/runs', headers, body }));
    expect(invoked.http?.status).toBe(202);
    const [runId] = runIdsOf(invoked);
    expect(invoked.http?.headers.get('location')).toBe(`/runs/${runId}`);
  });
});

describe('the way callers prove themselves on Functions', () => {
  const request = new Request('https://cordon.example/runs', { headers: { 'x-ms-client-principal-id': 'maria' } });

  it('is Easy Auth only where the deployment says so', async () => {
    expect(await identifyOf({ CORDON_IDENTITY: 'easy-auth' })(request, undefined)).toEqual({ id: 'maria' });
    const keysAt = { CORDON_JWT_KEYS: 'https://login.example/keys' };
    const byToken = identifyOf({ ...keysAt, CORDON_JWT_ISSUER: issuer, CORDON_JWT_AUDIENCE: audience });
    expect(await byToken(request, undefined)).toBeUndefined();
  });

  it.each([
    [{}, /^CORDON_JWT_KEYS: is not set/],
    [{ CORDON_IDENTITY: 'none' }, /^CORDON_IDENTITY: there is no way "none"/],
  ])('is refused when it is left open: %j', (environment, message) => {
    expect(() => identifyOf(environment)).toThrow(message);
  });

  it('is a fault that may pass when the keys cannot be read, and no refusal', async () => {
    const unreachable = identifyByToken({
      issuer,
      audience,
      keys: () => Promise.reject(new TypeError('fetch failed')),
    });
    const headers = { authorization: `Bearer ${await token()}` };
    await expect(unreachable(new Request('https://cordon.example', { headers }), undefined)).rejects.toMatchObject({
      code: 'keys-unreachable',
      retryable: true,
    });
  });
});
