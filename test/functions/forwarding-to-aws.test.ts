import { beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/aws/on-event.ts';
import { forwardsTo } from '../../functions/forward.ts';
import { forwardToBus } from '../../shared/adapters/aws/forward-bus.ts';
import { forwardedAs } from '../../shared/ingest/forwarded.ts';
import type { Json } from '../../shared/model/json.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { heard } from '../support/console.ts';
import { type Doors, doors, failingOn, lambdaContext, leakedKey, sqsEvent } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { busArn, forwardBus, forwardQueue } from '../support/forward-bus.ts';
import { batch, functionsHost, inQueue, json, text } from '../support/functions-host.ts';

const host = functionsHost();
const { registerOnForward } = await import('../../functions/azure/on-forward.ts');

const day = '2026-11-20';
heard();

/** The home in AWS, and the app in Azure that hands its events on; each test brings new ones. */
const openBoth = () => ({ home: doors(), away: doors(), bus: forwardBus() });
const at = { both: openBoth() };

beforeAll(() => {
  registerOnForward(async () => {
    const { away, bus } = at.both;
    return { ...away.deps, forwarder: forwardToBus(busArn, 'azure', bus.options) };
  });
});

function enter() {
  at.both = openBoth();
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

/** Sends entries of the inbox; answers with those that stay in it. */
async function throughInbox(entries: readonly unknown[]): Promise<readonly unknown[]> {
  const left: unknown[] = [];
  for (const entry of entries)
    await host.invoke('on-inbox', json(entry)).catch(() => {
      left.push(entry);
    });
  return left;
}

/** Twelve alerts in six rounds, and six more for what is left; in the first ten, bus and store are down as chance has it. */
async function weather(one: ReturnType<typeof enter>, chance: () => boolean) {
  let inbox: readonly unknown[] = [];
  let queue: readonly string[] = [];
  for (let round = 0; round < 12; round += 1) {
    one.busUp();
    one.storeUp();
    if (round < 10 && chance()) one.busDown();
    if (round < 10 && chance()) one.storeDown();
    const fresh = round < 6 ? [alert(`alert-${round}-a`), alert(`alert-${round}-b`)] : [];
    const invoked = await host.invoke('on-event-hub', batch(fresh));
    inbox = [...(await throughInbox(inbox)), ...inQueue(invoked, 'cordon-inbox')];
    queue = await one.receive([...queue, ...one.bus.deliver()]);
  }
  return { inbox, queue };
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

  it('keeps what the home does not take now, in the inbox or with Event Grid, until it does', async () => {
    const { home, bus, busDown, busUp, receive } = enter();
    busDown();
    const invoked = await host.invoke('on-event-hub', batch([alert('alert-1'), alert('alert-2')]));
    const waiting = inQueue(invoked, 'cordon-inbox');
    expect(waiting).toHaveLength(2);
    const event = json(readEvent('defender/vm-brute-force-cloudevent'));
    await expect(host.invoke('on-event-grid', event)).rejects.toMatchObject({ retryable: true });
    await expect(host.invoke('on-inbox', json(waiting[0]))).rejects.toMatchObject({ retryable: true });
    expect(bus.deliver()).toEqual([]);
    busUp();
    for (const message of waiting) await host.invoke('on-inbox-poison', json(message));
    await host.invoke('on-event-grid', event);
    await receive(bus.deliver());
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

  it('says of an event that is too large for the bus that it never will be taken, and leaves it in the inbox', async () => {
    const { bus } = enter();
    const huge = JSON.stringify({
      ...JSON.parse(alert('alert-huge')),
      ExtendedProperties: { x: 'y'.repeat(1_045_000) },
    });
    const [entry] = inQueue(await host.invoke('on-event-hub', batch([huge])), 'cordon-inbox');
    await expect(host.invoke('on-inbox-poison', json(entry))).rejects.toMatchObject({
      code: 'too-large',
      retryable: false,
    });
    expect(bus.sandbox.recorder.calls).toEqual([]);
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
