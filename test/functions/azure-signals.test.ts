import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { activityLog } from '../../shared/ingest/azure/activity-log.ts';
import { defender } from '../../shared/ingest/azure/defender.ts';
import { entra } from '../../shared/ingest/azure/entra.ts';
import { later } from '../../shared/model/duration.ts';
import { heard } from '../support/console.ts';
import { bruteForce, type Doors, doors, failingOn } from '../support/doors.ts';
import { readEvent } from '../support/events.ts';
import { batch, functionsHost, inQueue, runIdsOf } from '../support/functions-host.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const { registerOnEvent } = await import('../../functions/azure/on-event.ts');

const playbooks = usable(await loadPlaybooks([new URL('../../playbooks', import.meta.url).pathname]));
const at: { company: Doors; down: string | undefined } = { company: doors(), down: undefined };
heard();
const queues = queuesBeside(host, () => at.company.sandbox.clock);
beforeAll(() =>
  registerOnEvent(
    async () => {
      const { deps } = at.company;
      const records = at.down === undefined ? deps.records : failingOn(deps.records, at.down);
      return { ...deps, records, playbooks, relays: true };
    },
    queues.waiting,
    true,
  ),
);
beforeEach(() => {
  Object.assign(at, { company: doors(), down: undefined });
  queues.clear();
});

/** As diagnostic settings and the streaming API write: several records in one message. */
const sent = (...names: readonly string[]) =>
  batch([JSON.stringify({ records: names.map((name) => readEvent(name)) })]);
const day = '2026-11-20';
const runs = async () => (await at.company.deps.records.list('run', day)).map(({ id }) => id);

describe('the hub of signals', () => {
  it.each([
    ['Entra', sent('entra/risky-user')],
    ['Defender XDR', sent('defender-xdr/impacted-user')],
    ['the Activity Log', batch([JSON.stringify(readEvent('activity-log/security-rule-written-event-hub'))])],
  ])('opens a run for what %s sends', async (_, message) => {
    const runIds = runIdsOf(await host.invoke('on-signals', message));
    expect(runIds).toHaveLength(1);
    expect(await runs()).toEqual(runIds);
  });

  it('takes each record of a message by itself, and what cannot be opened now to the inbox', async () => {
    at.down = 'run';
    const invoked = await host.invoke('on-signals', sent('entra/risky-user', 'entra/service-principal-risk'));
    expect([runIdsOf(invoked), inQueue(invoked, 'cordon-inbox')]).toMatchObject([[], [{ records: { length: 2 } }]]);
    at.down = undefined;
    queues.took(invoked);
    await queues.until(later(at.company.sandbox.clock.now(), 60));
    expect((await runs()).length).toBeGreaterThan(1);
    expect(queues.bodiesIn('cordon-inbox')).toEqual([]);
  });

  it('relays nothing: whoever has the key of this hub could have made an alert up', async () => {
    const alert = batch([JSON.stringify(bruteForce())]);
    expect(inQueue(await host.invoke('on-event-hub', alert), 'cordon-relay')).toHaveLength(1);
    expect((await host.invoke('on-signals', alert)).queues).not.toHaveProperty('cordon-relay');
  });

  it('is sent what a source reads: the page of deployment names such categories and no other', () => {
    const page = readFileSync(new URL('../../functions/deploy.md', import.meta.url), 'utf8');
    const [setting = '', activity = ''] = [
      ...page.matchAll(/"eventHubName":"signals".*?\]|--event-hub-name signals.*?\]/gs),
    ].map(([command]) => command);
    const categories = (command: string) =>
      [...command.matchAll(/"category":"(\w+)"/g)].map(([, name = '']) => `record/${name.toLowerCase()}`);
    expect(categories(setting)).toHaveLength(5);
    expect(categories(setting).filter((name) => !entra.envelopes.includes(name))).toEqual([]);
    expect(categories(activity)).toEqual(['record/security', 'record/administrative']);
    const read = [...defender.envelopes, ...activityLog.envelopes];
    expect(categories(activity).filter((name) => !read.includes(name))).toEqual([]);
  });

  it('is read with an identity, a consumer group of its own, and tried again without an end', () => {
    const { bindings } = host.functions.get('on-signals') ?? {};
    expect(Object.values(bindings ?? {})[0]).toMatchObject({
      type: 'eventHubTrigger',
      connection: 'CORDON_SIGNALS',
      eventHubName: '%CORDON_SIGNALS_NAME%',
      consumerGroup: '%CORDON_SIGNALS_CONSUMER_GROUP%',
    });
    expect(host.functions.get('on-signals')).toMatchObject({ retryOptions: { maxRetryCount: -1 } });
  });
});
