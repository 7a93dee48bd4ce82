import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { azureMonitorMetrics } from '../../functions/azure/azure-monitor-metrics.ts';
import { later } from '../../shared/model/duration.ts';
import { measure } from '../../shared/report/metrics.ts';
import { virtualClock } from '../../shared/sandbox/clock.ts';
import { heard } from '../support/console.ts';
import { functionsHost } from '../support/functions-host.ts';
import { ingestion } from '../support/ingestion.ts';

const host = functionsHost();
const [{ starting }, { registerOnTerminate }] = await Promise.all([
  import('../../functions/azure/bindings.ts'),
  import('../../functions/azure/on-terminate.ts'),
]);
const lines = heard();

describe('metrics on Azure', () => {
  const clock = virtualClock('2026-11-20T09:00:00.000Z');
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  /** Application Insights, and metrics that are sent to it by an identity that has a token. */
  async function insights(token = 'a-token') {
    const place = await ingestion('a-token');
    open.push(place.close);
    const scopes: unknown[] = [];
    const credential = {
      async getToken(scope: unknown) {
        scopes.push(scope);
        return { token, expiresOnTimestamp: Date.parse('2100-01-01T00:00:00Z') };
      },
    };
    const { connectionString, client } = place;
    const role = 'cordon-production';
    const metrics = azureMonitorMetrics({ stage: 'production', clock, connectionString, client, role, credential });
    return { ...place, metrics, scopes };
  }
  const dueAgain = () => clock.moveTo(later(clock.now(), 60));

  // first: the SDK begins to tell of itself once in a process, with its first exporter
  it('are all that is sent, to that place alone, and are kept on no disk', async () => {
    const stores = () => readdirSync(tmpdir()).filter((name) => name.startsWith('Microsoft-AzureMonitor'));
    const before = stores();
    const called: string[] = [];
    const note = (message: unknown) =>
      void called.push(
        String((message as { request: { getHeader(name: string): unknown } }).request.getHeader('host')),
      ); // node:http says so
    subscribe('http.client.request.start', note);
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    try {
      const { metrics, state } = await insights();
      for (const status of [200, 503]) {
        state.status = status;
        await metrics.put([measure('EventsReceived', 2)]);
        await metrics.flush();
        await vi.advanceTimersByTimeAsync(2 * 86_400_000);
      }
    } finally {
      vi.useRealTimers();
      unsubscribe('http.client.request.start', note);
    }
    expect(called.map((host) => host.split(':')[0])).toEqual(['localhost', 'localhost']);
    expect(stores()).toEqual(before);
    dueAgain();
  });

  it('are sent by OpenTelemetry with the same names and dimensions, counts as sums, times with their range', async () => {
    const { metrics, taken, scopes, bodies } = await insights();
    await metrics.put([measure('Skipped', 2, { reason: 'no-playbook' }), measure('EventsReceived', 3)], {
      requestId: 'x',
    });
    await metrics.put([measure('EventsReceived', 4), measure('BreakersOpen', 7), measure('BreakersOpen', 1)]);
    await metrics.put([measure('TimeToPlan', 300, { playbook: 'a' }), measure('TimeToPlan', 500, { playbook: 'a' })]);
    expect(taken).toEqual([]);
    await metrics.flush();
    const stage = 'production';
    expect(taken).toEqual([
      { Name: 'Skipped', Sum: 2, ItemCount: 1, Properties: { stage, reason: 'no-playbook' } },
      { Name: 'EventsReceived', Sum: 7, ItemCount: 1, Properties: { stage } },
      { Name: 'BreakersOpen', Sum: 1, ItemCount: 1, Properties: { stage } },
      { Name: 'TimeToPlan', Sum: 800, ItemCount: 2, Min: 300, Max: 500, Properties: { stage, playbook: 'a' } },
    ]);
    expect(scopes).toEqual([['https://monitor.azure.com/.default']]);
    expect(bodies.join()).toContain('"ai.cloud.role":"cordon-production"');
  });

  it('are sent once: the next sending has what was measured since', async () => {
    const { metrics, taken, bodies } = await insights();
    for (const count of [2, 5]) {
      await metrics.put([measure('EventsReceived', count), measure('AuditLagSeconds', count)]);
      await metrics.flush();
    }
    await metrics.flush();
    expect(taken.map(({ Name, Sum }) => [Name, Sum])).toEqual([
      ['EventsReceived', 2],
      ['AuditLagSeconds', 2],
      ['EventsReceived', 5],
      ['AuditLagSeconds', 5],
    ]);
    expect(bodies).toHaveLength(2);
  });

  it('that were put while others are sent go out together with the next', async () => {
    const { metrics, bodies } = await insights();
    const flushes = [1, 2, 3, 4].map(async (count) => {
      await metrics.put([measure('EventsReceived', count)]);
      await metrics.flush();
    });
    await Promise.all(flushes);
    expect(bodies.length).toBeLessThanOrEqual(2);
  });

  it.each([401, 403, 206, 429, 503])(
    'that are not taken (%i) are told as lost, and nothing is tried for a while',
    async (status) => {
      const { metrics, taken, state, bodies } = await insights(status === 401 ? 'no-token' : undefined);
      state.status = status;
      await metrics.put([measure('EventsReceived', 2)]);
      await metrics.flush();
      expect(lines.join()).toMatch(new RegExp(`measurements were lost.*"measured":1.*answered ${status}`));
      expect(lines.join().includes('Monitoring Metrics Publisher')).toBe(status === 401 || status === 403);
      state.status = 200;
      await metrics.put([measure('EventsReceived', 3)]);
      await metrics.flush();
      expect([taken.length, bodies.length, lines.length]).toEqual([0, 1, 1]);
      dueAgain();
      await metrics.flush();
      if (status !== 401) expect(taken).toMatchObject([{ Name: 'EventsReceived', Sum: 3 }]);
    },
  );

  it('wait for an endpoint that does not answer for two seconds and no longer', async () => {
    const { metrics, state } = await insights();
    state.silent = true;
    await metrics.put([measure('EventsReceived', 2)]);
    const limits = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
    await metrics.flush();
    expect(limits.mock.calls).toEqual([[2_000]]);
    expect(lines.join()).toMatch(/measurements were lost.*did not take metrics/);
  });

  it('go nowhere where the connection string is none, and no handler fails of it', async () => {
    const credential = { getToken: async () => null };
    const metrics = azureMonitorMetrics({ stage: 'production', clock, connectionString: 'x', role: 'x', credential });
    await metrics.put([measure('EventsReceived', 2)]);
    await metrics.flush();
    expect(lines.join()).toMatch(/measurements were lost.*instrumentation key/);
    dueAgain();
  });

  describe('at the end of an invocation', () => {
    const invocation = () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const flush = vi.fn(() => promise);
      const outputs: unknown[] = [];
      const context = { extraOutputs: { set: (_: unknown, value: unknown) => outputs.push(value) } } as never; // all that is used of it
      return { metrics: { put: async () => undefined, flush }, flush, outputs, context, sent: resolve };
    };

    it('hold up no run: one that starts leaves before they are there', async () => {
      const { context, metrics, flush, outputs } = invocation();
      await starting(context, ({ start }) => start('r'), metrics);
      expect(flush).toHaveBeenCalledOnce();
      expect(outputs).toEqual([[{ runId: 'r' }]]);
    });

    it('go out before the host ends the app, where none came after', async () => {
      const { metrics, taken } = await insights();
      registerOnTerminate(async () => ({ metrics }));
      await metrics.put([measure('EventsReceived', 2)]);
      await host.terminate();
      expect(taken).toMatchObject([{ Name: 'EventsReceived', Sum: 2 }]);
    });

    it('are waited for where nothing waits for the invocation, also where it fails', async () => {
      const { context, metrics, sent } = invocation();
      let over = false;
      const failing = starting(context, async () => Promise.reject(new Error('no')), metrics).finally(() => {
        over = true;
      });
      await new Promise(setImmediate);
      expect(over).toBe(false);
      sent();
      await expect(failing).rejects.toThrow('no');
    });
  });
});
