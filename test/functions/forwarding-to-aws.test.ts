import { beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/aws/on-event.ts';
import { forwardsTo } from '../../functions/forward.ts';
import { forwardToBus } from '../../shared/adapters/aws/forward-bus.ts';
import { forwardedAs } from '../../shared/ingest/forwarded.ts';
import { later } from '../../shared/model/duration.ts';
import type { Json } from '../../shared/model/json.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { heard } from '../support/console.ts';
import { type Doors, doors, failingOn, lambdaContext, leakedKey, sqsEvent } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { busArn, forwardBus, forwardQueue } from '../support/forward-bus.ts';
import { batch, functionsHost, inQueue, json, text } from '../support/functions-host.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const { registerOnForward } = await import('../../functions/azure/on-forward.ts');

const day = '2026-11-20';
const lines = heard();

/** The home in AWS, and the app in Azure that hands its events on; each test brings new ones. */
const openBoth = () => ({ home: doors(), away: doors(), bus: forwardBus() });
const at = { both: openBoth() };

const queues = queuesBeside(host, () => at.both.away.sandbox.clock);

beforeAll(() => {
  registerOnForward(async () => {
    const { away, bus } = at.both;
    return { ...away.deps, forwarder: forwardToBus(busArn, 'azure', bus.options) };
  }, queues.waiting);
});

function enter() {
  at.both = openBoth();
  queues.clear();
  const { home, bus, away } = at.both;
  let records = home.deps.records;
  return {
    ...{ home, bus, away },
    busDown: () => bus.sandbox.faults.plant({ operation: 'events:PutEvents', fault: { kind: 'throttle' } }),
    busUp: () => bus.sandbox.faults.clear(),
    storeDown: () => {
      records = failingOn(home.deps.records, '');
    },
    storeUp: () => {
      records = home.deps.records;
    },
    /** Hands messages to on-event as its queue does; answers with those that will come again. */
    async receive(bodies: readonly string[], queue = forwardQueue): Promise<readonly string[]> {
      if (bodies.length === 0) return [];
      const handle = createHandler({ ...home.deps, records, forwardQueue });
      const { Records } = sqsEvent(bodies);
      const event = { Records: Records.map((record) => ({ ...record, eventSourceARN: queue })) };
      const { batchItemFailures } = await handle(event, lambdaContext());
      return batchItemFailures.map(({ itemIdentifier }) => bodies[Number(itemIdentifier.split('-')[1])] ?? '');
    },
  };
}

const alert = (id: string): string =>
  JSON.stringify(withMembers(readEvent('defender/vm-brute-force-export'), { SystemAlertId: id }));
const runsOf = async ({ deps }: Doors): Promise<readonly string[]> =>
  (await deps.records.list('run', day)).map(({ id }) => id);
const enveloped = (cloud: string, event: Json): string =>
  JSON.stringify({
    ...{ version: '0', id: '1', account: '999988887777', time: '2026-11-20T09:05:00Z', region: 'eu-west-1' },
    ...{ source: forwardedAs.source, 'detail-type': forwardedAs.detailType },
    detail: { cloud, receivedAt: '2026-11-20T09:05:00.000Z', event },
  });

/** A row of yes and no, the same for the same seed; one in three is yes. */
function chances(seed: number): () => boolean {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % 3 === 0;
  };
}

const minutes = async (count: number): Promise<unknown> =>
  queues.until(later(at.both.away.sandbox.clock.now(), count * 60));

/** Twelve alerts in six rounds, and six more for what is left; in the first ten, bus and store are down as chance has it. */
async function weather(one: ReturnType<typeof enter>, chance: () => boolean) {
  let queue: readonly string[] = [];
  for (let round = 0; round < 12; round += 1) {
    one.busUp();
    one.storeUp();
    if (round < 10 && chance()) one.busDown();
    if (round < 10 && chance()) one.storeDown();
    const fresh = round < 6 ? [alert(`alert-${round}-a`), alert(`alert-${round}-b`)] : [];
    queues.took(await host.invoke('on-event-hub', batch(fresh)));
    await minutes(round < 10 ? 5 : 60);
    queue = await one.receive([...queue, ...one.bus.deliver()]);
  }
  return { inbox: queues.standing, queue };
}

describe('an app in Azure whose home is in AWS', () => {
  it('hands alerts of hub and grid on, and keeps nothing itself; the home opens the run it would have opened itself', async () => {
    const { home, away, bus, receive } = enter();
    await host.invoke('on-event-hub', batch([alert('alert-1')]));
    await host.invoke('on-event-grid', json(readEvent('defender/vm-brute-force-cloudevent')));
    expect(await runsOf(away)).toEqual([]);
    expect(await receive(bus.deliver())).toEqual([]);
    const direct = doors();
    await createHandler(direct.deps)(
      sqsEvent([alert('alert-1'), JSON.stringify(readEvent('defender/vm-brute-force-cloudevent'))]),
      lambdaContext(),
    );
    expect(await runsOf(home)).toHaveLength(2);
    expect(await runsOf(home)).toEqual(await runsOf(direct));
  });

  it('hands on twice what is one finding there, by whichever way it comes', async () => {
    const { home, bus, receive } = enter();
    await host.invoke('on-event-hub', batch([alert('alert-1')]));
    await host.invoke('on-inbox', text(alert('alert-1')));
    await receive([...bus.deliver(), alert('alert-1')]);
    expect(await runsOf(home)).toHaveLength(1);
    expect(new Set(home.started).size).toBe(1);
  });

  it('keeps what the home does not take for a day, in the inbox or with Event Grid, until it does', async () => {
    const { home, bus, busDown, busUp, receive } = enter();
    busDown();
    const invoked = await host.invoke('on-event-hub', batch([alert('alert-1'), alert('alert-2')]));
    queues.took(invoked);
    expect(queues.standing).toEqual(['cordon-inbox', 'cordon-inbox']);
    const event = json(readEvent('defender/vm-brute-force-cloudevent'));
    await expect(host.invoke('on-event-grid', event)).rejects.toMatchObject({ retryable: true });
    await minutes(24 * 60);
    expect(queues.standing).toEqual(['cordon-inbox', 'cordon-inbox']);
    expect(bus.deliver()).toEqual([]);
    busUp();
    await minutes(15);
    await host.invoke('on-event-grid', event);
    await receive(bus.deliver());
    expect(queues.standing).toEqual([]);
    expect(await runsOf(home)).toHaveLength(3);
  });

  it('loses nothing and doubles nothing, whenever the bus and the store of the home are down', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const day = enter();
      const left = await weather(day, chances(seed));
      expect(left).toEqual({ inbox: [], queue: [] });
      expect(await runsOf(day.home)).toHaveLength(12);
      expect(new Set(day.home.started)).toEqual(new Set(await runsOf(day.home)));
    }
  });

  it('parks what is too large for a queue in its evidence while the home is down', async () => {
    const { home, bus, busDown, busUp, receive } = enter();
    const large = JSON.stringify({
      ...JSON.parse(alert('alert-large')),
      ExtendedProperties: { x: 'y'.repeat(90_000) },
    });
    busDown();
    const [entry] = inQueue(await host.invoke('on-event-hub', batch([large])), 'cordon-inbox');
    expect(Object.keys(Object(entry))).toEqual(['cordon-evidence']);
    busUp();
    await host.invoke('on-inbox', json(entry));
    await receive(bus.deliver());
    expect(await runsOf(home)).toHaveLength(1);
  });

  it('keeps an event that is too large for the bus as evidence, says so where an alarm looks, and hands the rest on', async () => {
    const { bus, away } = enter();
    const huge = { ...JSON.parse(alert('alert-huge')), ExtendedProperties: { x: 'y'.repeat(1_045_000) } };
    const delivery = JSON.stringify({ records: [huge, JSON.parse(alert('alert-1'))] });
    queues.took(await host.invoke('on-event-hub', batch([delivery])));
    expect(queues.standing).toEqual([]);
    expect(bus.deliver()).toHaveLength(1);
    const told = lines.find((line) => line.includes('an event is kept and not handed on')) ?? '{}';
    expect(JSON.parse(told)).toMatchObject({ level: 'error', code: 'too-large' });
    expect(await away.deps.evidence.get(JSON.parse(told).evidence)).toMatchObject({ SystemAlertId: 'alert-huge' });
  });

  it('keeps aside what the process died of, untried', async () => {
    const { bus, away } = enter();
    await host.invoke('on-inbox-poison', text(alert('alert-deadly')), {}, { dequeueCount: json(2) });
    expect(bus.deliver()).toEqual([]);
    const told = lines.findLast((line) => line.includes('an event is kept and not handed on')) ?? '{}';
    expect(await away.deps.evidence.get(JSON.parse(told).evidence)).toMatchObject({ SystemAlertId: 'alert-deadly' });
  });

  it('takes an event of Event Grid into its inbox where Event Grid would give it up', async () => {
    const { home, bus, busDown, busUp, receive } = enter();
    const time = later(at.both.away.sandbox.clock.now(), -4_000);
    busDown();
    queues.took(
      await host.invoke('on-event-grid', json(withMembers(readEvent('defender/vm-brute-force-cloudevent'), { time }))),
    );
    busUp();
    await minutes(2);
    await receive(bus.deliver());
    expect(await runsOf(home)).toHaveLength(1);
  });

  it('hands on what nobody can read, for the home to keep with the reason', async () => {
    const { home, bus, receive } = enter();
    await host.invoke('on-event-hub', batch(['<xml/>']));
    expect(await receive(bus.deliver())).toEqual([]);
    expect(await quarantinedOn(home.deps, day)).toMatchObject([
      { head: '<xml/>', problem: 'The message is not JSON.' },
    ]);
  });
});

describe('a home in AWS', () => {
  it('opens an envelope from the queue of its own bus alone: elsewhere anybody may call himself the forwarder', async () => {
    const { home, receive } = enter();
    const forged = enveloped('azure', JSON.parse(alert('alert-1')));
    await receive([forged], 'arn:aws:sqs:eu-west-1:999988887777:cordon-events');
    expect(await runsOf(home)).toEqual([]);
    expect(await quarantinedOn(home.deps, day)).toMatchObject([{ problem: expect.stringMatching(/cordon\.forward/) }]);
    await receive([forged]);
    expect(await runsOf(home)).toHaveLength(1);
  });

  it('lets a forwarder of Azure say nothing in the name of AWS', async () => {
    const { home, receive } = enter();
    await receive([enveloped('azure', leakedKey()), enveloped('azure', [leakedKey()])]);
    expect(await runsOf(home)).toEqual([]);
    expect(await quarantinedOn(home.deps, day)).toHaveLength(2);
    await receive([enveloped('aws', leakedKey())]);
    expect(await runsOf(home)).toHaveLength(1);
  });

  it('takes what an archive of its bus sends again as a replay', async () => {
    const { home, receive } = enter();
    const again = JSON.stringify({
      ...JSON.parse(enveloped('azure', JSON.parse(alert('a')))),
      'replay-name': 'friday',
    });
    await receive([again]);
    const [run] = await home.deps.records.list('run', day);
    expect(run?.body).toMatchObject({ order: { mode: 'dry-run', modeReason: 'replayed-event' } });
  });
});

describe('CORDON_FORWARD_TO', () => {
  it('names a bus or a topic, and is refused otherwise', () => {
    const topic = 'https://cordon.westeurope-1.eventgrid.azure.net/api/events';
    expect(forwardsTo({})).toBeUndefined();
    expect(forwardsTo({ CORDON_FORWARD_TO: `event-bus:${busArn}` })).toEqual({ kind: 'event-bus', address: busArn });
    expect(forwardsTo({ CORDON_FORWARD_TO: `event-topic:${topic}` })).toEqual({ kind: 'event-topic', address: topic });
    for (const wrong of ['event-bus:cordon', busArn, 'event-topic:http://example.org', 'toString:x'])
      expect(() => forwardsTo({ CORDON_FORWARD_TO: wrong })).toThrow(/names no home/);
  });
});
