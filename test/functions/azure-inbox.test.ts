import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { later } from '../../shared/model/duration.ts';
import { CordonError } from '../../shared/model/error.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { messages } from '../../shared/records/outbox.ts';
import { accountOf } from '../../shared/run/account.ts';
import { heard } from '../support/console.ts';
import { bruteForce, type Doors, doors, failingOn } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { batch, functionsHost, inQueue, json, runIdsOf, text } from '../support/functions-host.ts';
import { hostQueues, queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const { registerOnEvent } = await import('../../functions/azure/on-event.ts');

beforeEach(() => queues.clear());

const day = '2026-11-20';
const onCall = { name: 'on-call', send: async () => '' };
const notifier: Notifier = { channels: [onCall], channelsFor: () => [onCall] };
const at: { company: Doors; wired: boolean } = { company: doors(), wired: true };
const lines = heard();

/** The company behind the doors for one test; `changed` stands in for parts of it. */
function enter(changed: Partial<Doors['deps']> = {}, company: Doors = doors()): Doors {
  at.company = { ...company, deps: { ...company.deps, notifier, ...changed } };
  at.wired = true;
  return company;
}

const soon = ({ clock }: Doors['sandbox'], seconds: number): string => later(clock.now(), seconds);
const queues = queuesBeside(host, () => at.company.sandbox.clock);
beforeAll(() =>
  registerOnEvent(async () => {
    if (!at.wired) throw new CordonError({ code: 'no-key', message: 'the vault does not answer', retryable: true });
    return at.company.deps;
  }, queues.waiting),
);

const alert = (id: string, more: object = {}): string =>
  JSON.stringify({
    ...JSON.parse(JSON.stringify(withMembers(readEvent('defender/vm-brute-force-export'), { SystemAlertId: id }))),
    ...more,
  });
const large = alert('alert-lost', { ExtendedProperties: { x: 'y'.repeat(200_000) } });

const gone: Evidence = {
  put: async () => {
    throw new CordonError({ code: 'store-down', message: 'the store does not answer', retryable: true });
  },
  get: async () => undefined,
};

/** A store that no run can be written to, and everything else can. */
const withoutRuns = (records: Records): Records => ({
  ...records,
  create: (draft) => (draft.kind === 'run' ? gone.put(null).then(() => true) : records.create(draft)),
});

describe('the inbox behind the Event Hub', () => {
  it('holds a message that is too large for a queue by its digest, and opens it from there', async () => {
    const company = enter();
    enter({ records: failingOn(company.deps.records, 'alert-lost') }, company);
    const [entry, ...more] = inQueue(await host.invoke('on-event-hub', batch([large])), 'cordon-inbox');
    expect(more).toEqual([]);
    expect(entry).toEqual({ 'cordon-evidence': expect.stringMatching(/^[0-9a-f]{64}$/) });
    enter({}, company);
    expect(runIdsOf(await host.invoke('on-inbox', text(JSON.stringify(entry))))).toHaveLength(1);
    expect(await company.deps.records.list('run', day)).toHaveLength(1);
  });

  it('lets the batch come again where nothing can hold such a message, and opens no run twice then', async () => {
    const company = enter();
    enter({ records: failingOn(company.deps.records, 'alert-lost'), evidence: gone }, company);
    await expect(host.invoke('on-event-hub', batch([large]))).rejects.toMatchObject({ code: 'store-down' });
    enter({}, company);
    expect(runIdsOf(await host.invoke('on-event-hub', batch([large])))).toHaveLength(1);
    expect(await company.deps.records.list('run', day)).toHaveLength(1);
  });

  it('takes a batch again without an end: only then the pointer never goes on over a message', () => {
    const { bindings, retryOptions } = Object.assign(
      { bindings: {}, retryOptions: {} },
      host.functions.get('on-event-hub'),
    );
    expect(Object.keys(bindings)).not.toHaveLength(0);
    expect(retryOptions).toMatchObject({ maxRetryCount: -1, strategy: 'exponentialBackoff' });
  });

  it('holds an entry whose evidence is not to be had, so that it comes again', async () => {
    const { sandbox } = enter({ evidence: gone });
    const entry = { 'cordon-evidence': 'a'.repeat(64) };
    queues.put('cordon-inbox', entry);
    await queues.until(soon(sandbox, 1));
    expect(queues.bodiesIn('cordon-inbox')).toMatchObject([{ entry }]);
    expect(lines.join('\n')).toMatch(/"a message waits".*no-evidence/);
  });

  it('says how long the oldest message of a batch has waited', async () => {
    enter();
    const enqueuedTimeUtcArray = json(['2026-11-20T08:00:00Z', '2026-11-20T07:00:00Z']);
    await host.invoke('on-event-hub', batch([alert('a'), alert('b')]), {}, { enqueuedTimeUtcArray });
    const [line = '{}'] = lines.filter((one) => one.includes('a batch of the hub'));
    const now = Date.parse(at.company.deps.clock.now());
    const lagSeconds = Math.round((now - Date.parse('2026-11-20T07:00:00Z')) / 1_000);
    expect(JSON.parse(line)).toMatchObject({ messages: 2, lagSeconds });
  });
});

describe('what the inbox could not do', () => {
  it('is tried once more, and opens its run where the fault has passed', async () => {
    const company = enter();
    const invoked = await host.invoke('on-inbox-poison', text(JSON.stringify(bruteForce())));
    expect(runIdsOf(invoked)).toHaveLength(1);
    expect(await quarantinedOn(company.deps, day)).toEqual([]);
    expect(await messages(company.deps, 'waiting')).toEqual([]);
  });

  it('is kept aside once, and people are told once, where the fault stays', async () => {
    const company = enter();
    enter({ records: withoutRuns(company.deps.records) }, company);
    for (let delivery = 0; delivery < 2; delivery += 1)
      expect(runIdsOf(await host.invoke('on-inbox-poison', text(alert('alert-lost'))))).toEqual([]);
    const [kept, ...more] = await quarantinedOn(company.deps, day);
    expect(more).toEqual([]);
    expect(kept?.problem).toMatch(/could not be taken in all tries: the store does not answer/);
    expect(await company.deps.evidence.get(kept?.event ?? '')).toMatchObject({ SystemAlertId: 'alert-lost' });
    const told = await messages(company.deps, 'waiting');
    expect(told).toMatchObject([{ to: 'channel:on-call', body: { kind: 'event-set-aside', page: true } }]);
    expect(JSON.stringify(told)).toContain(kept?.id);
    expect(await accountOf(company.deps, day)).toMatchObject({ received: 2, deadLettered: 2 });
  });

  it('waits in the inbox where it cannot be kept aside either', async () => {
    const company = enter();
    enter({ records: failingOn(company.deps.records, '') }, company);
    queues.put('cordon-inbox-poison', JSON.parse(alert('alert-lost')));
    await queues.until(soon(company.sandbox, 1));
    expect(queues.standing).toEqual(['cordon-inbox']);
  });

  it('is set aside untried where the process died of the last try', async () => {
    const { deps } = enter();
    await host.invoke('on-inbox-poison', text(alert('alert-deadly')), {}, { dequeueCount: json(2) });
    expect(await deps.records.list('run', day)).toEqual([]);
    expect(await quarantinedOn(deps, day)).toMatchObject([{ problem: expect.stringMatching(/came to no end/) }]);
  });
});

describe('an outage of the store', () => {
  const down = (company: Doors) => enter({ records: failingOn(company.deps.records, '') }, company);
  const sent = ['alert-1', 'alert-2'];

  it('of a day loses nothing: what came is opened when it is over, and each was tried a few times an hour', async () => {
    const company = enter();
    down(company);
    queues.took(await host.invoke('on-event-hub', batch(sent.map((id) => alert(id)))));
    const deliveries = await queues.until(soon(company.sandbox, 86_400));
    expect(deliveries).toBeLessThan(24 * 6 * sent.length);
    expect(deliveries).toBeGreaterThan(24 * 3 * sent.length);
    enter({}, company);
    await queues.until(soon(company.sandbox, 900));
    expect(queues.standing).toEqual(sent.map(() => 'cordon-runs'));
    expect(new Set(queues.bodiesIn('cordon-runs').map((body) => JSON.stringify(body))).size).toBe(sent.length);
  });

  it('is asked after in half a minute, and then after as long as it has lasted, up to a quarter of an hour', async () => {
    const company = enter();
    down(company);
    queues.put('cordon-inbox', JSON.parse(alert('alert-1')));
    const tries: number[] = [];
    for (const seconds of [1, 28, 2, 28, 2, 58, 2, 3_600])
      tries.push(await queues.until(soon(company.sandbox, seconds)));
    expect(tries.slice(0, -1)).toEqual([1, 0, 1, 0, 1, 0, 1]);
    expect(tries.at(-1)).toBeLessThan(9);
  });

  it('during which the app itself is stopped for nine days loses nothing that was put back', async () => {
    const company = enter();
    down(company);
    queues.put('cordon-inbox', JSON.parse(alert('alert-1')));
    await queues.until(soon(company.sandbox, 60));
    company.sandbox.clock.moveTo(soon(company.sandbox, 9 * 86_400));
    enter({}, company);
    await queues.until(soon(company.sandbox, 1));
    expect(queues.standing).toEqual(['cordon-runs']);
  });

  it('of nine days, in which nothing can even be wired, loses nothing either: what waits does not expire', async () => {
    const company = enter();
    at.wired = false;
    queues.put('cordon-inbox', JSON.parse(alert('alert-1')));
    await queues.until(soon(company.sandbox, 9 * 86_400));
    enter({}, company);
    await queues.until(soon(company.sandbox, 900));
    expect(queues.standing).toEqual(['cordon-runs']);
  });

  it('after half an hour of which only the run cannot be written sets the event aside once, with one notice', async () => {
    const company = enter();
    enter({ records: withoutRuns(company.deps.records) }, company);
    queues.put('cordon-inbox', JSON.parse(alert('alert-1')));
    await queues.until(soon(company.sandbox, 1_500));
    expect(await quarantinedOn(company.deps, day)).toEqual([]);
    await queues.until(soon(company.sandbox, 2_700));
    expect(queues.standing).toEqual([]);
    expect(await quarantinedOn(company.deps, day)).toHaveLength(1);
    expect(await messages(company.deps, 'waiting')).toMatchObject([{ body: { kind: 'event-set-aside', page: true } }]);
  });

  it('together with one of the queues, which take nothing back, costs the tries of the host and then is seen by the last', async () => {
    const company = enter();
    down(company);
    queues.put('cordon-inbox', JSON.parse(alert('alert-1')));
    queues.refuses.all = true;
    const tries = hostQueues.maxDequeueCount * (hostQueues.visibilityMilliseconds / 1_000);
    await queues.until(soon(company.sandbox, tries + 60));
    expect(queues.standing).toEqual(['cordon-inbox-poison']);
    queues.refuses.all = false;
    await queues.until(soon(company.sandbox, 3_600));
    expect(queues.standing).toEqual(['cordon-inbox']);
    enter({}, company);
    await queues.until(soon(company.sandbox, 900));
    expect(await company.deps.records.list('run', day)).toHaveLength(1);
  });
});

describe('an event of Event Grid that cannot be taken', () => {
  const event = () => readEvent('defender/vm-brute-force-cloudevent');
  const aged = (company: Doors, seconds: number) =>
    withMembers(event(), { time: later(company.sandbox.clock.now(), -seconds) });

  it.each(['on-event-grid', 'on-forwarded'])('%s leaves to Event Grid for an hour', async (name) => {
    const company = enter();
    enter({ records: failingOn(company.deps.records, '') }, company);
    await expect(host.invoke(name, json(aged(company, 3_500)))).rejects.toMatchObject({ code: 'store-down' });
  });

  it.each(['on-event-grid', 'on-forwarded'])(
    '%s takes into the inbox then: Event Grid would give it up',
    async (name) => {
      const company = enter();
      enter({ records: failingOn(company.deps.records, '') }, company);
      queues.took(await host.invoke(name, json(aged(company, 3_700))));
      await queues.until(soon(company.sandbox, 6 * 3_600));
      enter({}, company);
      await queues.until(soon(company.sandbox, 900));
      expect(queues.standing).toEqual(['cordon-runs']);
    },
  );
});
