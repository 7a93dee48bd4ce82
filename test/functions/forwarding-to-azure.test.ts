import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createForwarder } from '../../functions/aws/on-forward.ts';
import { createHandler, handler } from '../../functions/aws/on-event.ts';
import { forwardToTopic } from '../../shared/adapters/azure/forward-topic.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { heard } from '../support/console.ts';
import {
  bruteForce,
  type Doors,
  doors,
  failingOn,
  lambdaContext,
  leakedKey,
  leakedKeyAgain,
  sqsEvent,
} from '../support/doors.ts';
import { forwardTopic, topicEndpoint } from '../support/forward-topic.ts';
import { functionsHost, json, runIdsOf } from '../support/functions-host.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const { registerOnEvent } = await import('../../functions/azure/on-event.ts');

const day = '2026-11-20';
heard();

const at: { home: Doors } = { home: doors() };
const queues = queuesBeside(host, () => at.home.sandbox.clock);
beforeAll(() => registerOnEvent(async () => at.home.deps, queues.waiting));

function enter() {
  const home = doors();
  at.home = home;
  const topic = forwardTopic();
  const forwarder = forwardToTopic(topicEndpoint, 'aws', topic.options);
  const handle = createForwarder({ forwarder, clock: home.sandbox.clock });
  return {
    ...{ home, topic },
    /** Hands messages to the forwarder as its queue does; answers with the numbers of those that will come again. */
    async forward(bodies: readonly string[]): Promise<readonly number[]> {
      const { batchItemFailures } = await handle(sqsEvent(bodies), lambdaContext());
      return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.split('-')[1]));
    },
    storeDown: () => {
      at.home = { ...home, deps: { ...home.deps, records: failingOn(home.deps.records, '') } };
    },
    storeUp: () => {
      at.home = home;
    },
  };
}

const runsOf = async ({ deps }: Doors): Promise<readonly string[]> =>
  (await deps.records.list('run', day)).map(({ id }) => id);
const bodies = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, number) => JSON.stringify(leakedKeyAgain(number)));

describe('an account in AWS whose home is in Azure', () => {
  it('hands findings on as CloudEvents; the home opens the run it would have opened itself', async () => {
    const { home, topic, forward } = enter();
    expect(await forward([JSON.stringify(leakedKey())])).toEqual([]);
    expect(topic.taken).toMatchObject([
      {
        specversion: '1.0',
        type: 'cordon.forwarded.v1',
        source: '/cordon/aws',
        data: { cloud: 'aws', event: leakedKey() },
      },
    ]);
    const invoked = await host.invoke('on-forwarded', json(topic.taken[0]));
    const direct = doors();
    await createHandler(direct.deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    expect(runIdsOf(invoked)).toEqual(await runsOf(direct));
    expect(await runsOf(home)).toEqual(await runsOf(direct));
  });

  it('gives the same finding the same id on the topic, and the home makes one of both', async () => {
    const { home, topic, forward } = enter();
    await forward([JSON.stringify(leakedKey()), JSON.stringify(leakedKey())]);
    const [one, two] = topic.taken;
    expect(Reflect.get(Object(one), 'id')).toBe(Reflect.get(Object(two), 'id'));
    for (const event of topic.taken) await host.invoke('on-forwarded', json(event));
    expect(await runsOf(home)).toHaveLength(1);
  });

  it('fails only the records that the topic did not take, so that the queue brings them again', async () => {
    const { home, topic, forward } = enter();
    topic.down = true;
    expect(await forward(bodies(3))).toEqual([0, 1, 2]);
    expect(topic.taken).toEqual([]);
    topic.down = false;
    const huge = JSON.stringify({ ...Object(leakedKeyAgain(9)), more: 'y'.repeat(1_045_000) });
    expect(await forward([...bodies(3), huge])).toEqual([3]);
    for (const event of topic.taken) await host.invoke('on-forwarded', json(event));
    expect(await runsOf(home)).toHaveLength(3);
  });

  it('is heard by the home once the home is up again: until then Event Grid delivers again', async () => {
    const { home, topic, forward, storeDown, storeUp } = enter();
    await forward(bodies(2));
    storeDown();
    for (const event of topic.taken)
      await expect(host.invoke('on-forwarded', json(event))).rejects.toMatchObject({ code: 'store-down' });
    storeUp();
    for (const event of topic.taken) await host.invoke('on-forwarded', json(event));
    expect(await runsOf(home)).toHaveLength(2);
  });
});

describe('the entry of on-event', () => {
  it('needs neither records nor playbooks where it hands events on, and says what it does need', async () => {
    vi.stubEnv('CORDON_FORWARD_TO', `event-topic:${topicEndpoint}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(handler(sqsEvent(['{}']), lambdaContext())).rejects.toThrow(/^CORDON_AZURE_TENANT: is not set$/);
  });
});

describe('a home in Azure', () => {
  it('opens an envelope at the door of the forwarder alone', async () => {
    const { home, topic, forward } = enter();
    await forward([JSON.stringify(leakedKey())]);
    await host.invoke('on-event-grid', json(topic.taken[0]));
    expect(await runsOf(home)).toEqual([]);
    expect(await quarantinedOn(home.deps, day)).toMatchObject([
      { problem: expect.stringMatching(/cordon\.forwarded\.v1/) },
    ]);
  });

  it('lets a forwarder of AWS say nothing in the name of Azure', async () => {
    const { home, topic, forward } = enter();
    await forward([JSON.stringify(bruteForce())]);
    await host.invoke('on-forwarded', json(topic.taken[0]));
    expect(await runsOf(home)).toEqual([]);
    expect(await quarantinedOn(home.deps, day)).toHaveLength(1);
  });
});
