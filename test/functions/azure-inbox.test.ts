import { beforeAll, describe, expect, it } from 'vitest';
import { CordonError } from '../../shared/model/error.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { messages } from '../../shared/records/outbox.ts';
import { heard } from '../support/console.ts';
import { bruteForce, type Doors, doors, failingOn } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { batch, functionsHost, inQueue, json, runIdsOf, text } from '../support/functions-host.ts';

const host = functionsHost();
const { registerOnEvent } = await import('../../functions/azure/on-event.ts');

const day = '2026-11-20';
const onCall = { name: 'on-call', send: async () => '' };
const notifier: Notifier = { channels: [onCall], channelsFor: () => [onCall] };
const at: { company: Doors } = { company: doors() };
const lines = heard();

/** The company behind the doors for one test; `changed` stands in for parts of it. */
function enter(changed: Partial<Doors['deps']> = {}, company: Doors = doors()): Doors {
  at.company = { ...company, deps: { ...company.deps, notifier, ...changed } };
  return company;
}

beforeAll(() => registerOnEvent(async () => at.company.deps));

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

  it('throws where the evidence of an entry is not to be had, so that the entry comes again', async () => {
    enter({ evidence: gone });
    const entry = JSON.stringify({ 'cordon-evidence': 'a'.repeat(64) });
    await expect(host.invoke('on-inbox', text(entry))).rejects.toMatchObject({ code: 'no-evidence', retryable: true });
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
    const { records } = company.deps;
    // the run cannot be written, and everything else can
    const stuck = {
      ...records,
      create: (draft: Parameters<typeof records.create>[0]) =>
        draft.kind === 'run' ? gone.put(null).then(() => true) : records.create(draft),
    };
    enter({ records: stuck }, company);
    for (let delivery = 0; delivery < 2; delivery += 1)
      expect(runIdsOf(await host.invoke('on-inbox-poison', text(alert('alert-lost'))))).toEqual([]);
    const [kept, ...more] = await quarantinedOn(company.deps, day);
    expect(more).toEqual([]);
    expect(kept?.problem).toMatch(/could not be taken in all tries: the store does not answer/);
    expect(await company.deps.evidence.get(kept?.event ?? '')).toMatchObject({ SystemAlertId: 'alert-lost' });
    const told = await messages(company.deps, 'waiting');
    expect(told).toMatchObject([{ to: 'channel:on-call', body: { kind: 'event-set-aside', page: true } }]);
    expect(JSON.stringify(told)).toContain(kept?.id);
  });

  it('stays in its queue where it cannot be kept aside either', async () => {
    const company = enter();
    enter({ records: failingOn(company.deps.records, '') }, company);
    await expect(host.invoke('on-inbox-poison', text(alert('alert-lost')))).rejects.toMatchObject({
      code: 'store-down',
    });
  });
});
