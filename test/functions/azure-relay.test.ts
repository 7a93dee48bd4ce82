import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertRelay } from '../../shared/adapters/azure/alert-relay.ts';
import { later } from '../../shared/model/duration.ts';
import { asJson, type Json } from '../../shared/model/json.ts';
import { heard } from '../support/console.ts';
import { bruteForce, type Doors, doors } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { batch, functionsHost, inQueue, json, runIdsOf, text } from '../support/functions-host.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const [{ registerOnEvent }, { registerOnRelay }] = await Promise.all([
  import('../../functions/azure/on-event.ts'),
  import('../../functions/azure/on-relay.ts'),
]);

const endpoint = 'https://cordon-relay.westeurope-1.eventgrid.azure.net/api/events';
const credential = {
  getToken: async () => ({ token: 'home', expiresOnTimestamp: Date.parse('2100-01-01T00:00:00Z') }),
};
const at: { company: Doors; relays: boolean; status: number; published: Json[] } = {
  company: doors(),
  relays: true,
  status: 200,
  published: [],
};
const lines = heard();

const httpClient: HttpClient = {
  async sendRequest(request) {
    if (at.status === 200) at.published.push(...[asJson(JSON.parse(String(request.body)))].flat());
    return { request, status: at.status, headers: createHttpHeaders(), bodyAsText: '' };
  },
};

const queues = queuesBeside(host, () => at.company.sandbox.clock);
beforeEach(() => queues.clear());
beforeAll(() => {
  registerOnEvent(async () => ({ ...at.company.deps, relays: at.relays }), queues.waiting);
  registerOnRelay(async () => alertRelay(endpoint, { credential, stage: 'production', httpClient }), queues.waiting);
});

function enter(changed: { relays?: boolean; status?: number } = {}): void {
  Object.assign(at, { company: doors(), relays: true, status: 200, published: [], ...changed });
}

const alert = (): Json => readEvent('defender/vm-brute-force-export');
const queued = async (event: Json, name = 'on-event-hub') =>
  inQueue(
    await host.invoke(name, name === 'on-event-hub' ? batch([JSON.stringify(event)]) : json(event)),
    'cordon-relay',
  );

describe('the relay', () => {
  it('publishes an exported alert as a CloudEvent with the alert as it was exported', async () => {
    enter();
    const [message] = await queued(alert());
    await host.invoke('on-relay', text(JSON.stringify(message)));
    const { time, ...fixed } = Object.fromEntries(
      Object.entries(readEvent('defender/vm-brute-force-cloudevent') ?? {}),
    );
    expect(time).toBeDefined();
    expect(at.published).toMatchObject([{ ...fixed, data: alert() }]);
  });

  it('holds up no containment: the alert is opened in the same call, whatever becomes of the relay', async () => {
    enter({ status: 503 });
    const invoked = await host.invoke('on-event-hub', batch([JSON.stringify(bruteForce())]));
    expect(runIdsOf(invoked)).toHaveLength(1);
    queues.took(invoked);
    await queues.until(later(at.company.sandbox.clock.now(), 86_400));
    expect(at.published).toEqual([]);
    at.status = 200;
    await queues.until(later(at.company.sandbox.clock.now(), 1_800));
    expect(at.published).toHaveLength(1);
    expect(queues.bodiesIn('cordon-relay')).toEqual([]);
  });

  it.each([
    ['is too large for it', 413, 0],
    ['it has not taken for a week', 503, 7 * 86_400 - 60],
  ])('gives up what the topic will never take: what %s', async (_, status, waited) => {
    enter({ status });
    const now = at.company.sandbox.clock.now();
    queues.put('cordon-relay', { 'cordon-waiting-since': later(now, -waited), entry: alert() });
    await queues.until(later(now, 1_000));
    expect(queues.standing.filter((name) => name.startsWith('cordon-relay'))).toEqual([]);
    expect(lines.join('\n')).toMatch(/"an alert is not relayed".*5d6e7f80/);
  });

  it('is off unless the deployment names a topic', async () => {
    enter({ relays: false });
    expect(await queued(alert())).toEqual([]);
  });

  it('never sends on what it has published itself, on whatever way that comes back', async () => {
    enter();
    const [message] = await queued(alert());
    await host.invoke('on-relay', text(JSON.stringify(message)));
    const [back = null] = at.published;
    for (const name of ['on-event-grid', 'on-event-hub']) expect(await queued(back, name)).toEqual([]);
    await host.invoke('on-relay', text(JSON.stringify(back)));
    expect(at.published).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/what is no exported alert is not relayed/);
  });

  it('opens one run for an alert that comes from the hub and from a subscription of the relay topic', async () => {
    enter();
    const invoked = await host.invoke('on-event-hub', batch([JSON.stringify(alert())]));
    const [message] = inQueue(invoked, 'cordon-relay');
    await host.invoke('on-relay', text(JSON.stringify(message)));
    const [back = null] = at.published;
    expect(runIdsOf(await host.invoke('on-event-grid', json(back)))).toEqual(runIdsOf(invoked));
  });

  it('leaves recommendations, records and other things alone', async () => {
    enter();
    for (const name of ['defender-assessment/open-management-port', 'activity-log/security-rule-written-event-hub'])
      expect(await queued(readEvent(name))).toEqual([]);
  });

  it('names an alert that is too large for its queue, and opens it all the same', async () => {
    enter();
    const large = withMembers(readEvent('defender/vm-brute-force-export'), { Description: 'x'.repeat(100_000) });
    const invoked = await host.invoke('on-event-hub', batch([JSON.stringify(large)]));
    expect(inQueue(invoked, 'cordon-relay')).toEqual([]);
    expect(runIdsOf(invoked)).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/too large to be relayed.*5d6e7f80/);
  });
});
