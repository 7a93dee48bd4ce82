import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { certificateFor } from './certificate.ts';

/** What the exporter sends of one metric (`TelemetryItem` of the ingestion API, version 2.1). */
const Item = z.object({
  name: z.literal('Microsoft.ApplicationInsights.Metric'),
  iKey: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.object({
    baseType: z.literal('MetricData'),
    baseData: z.object({
      metrics: z.tuple([
        z.object({
          name: z.string(),
          value: z.number(),
          count: z.number(),
          min: z.number().nullish(),
          max: z.number().nullish(),
        }),
      ]),
      properties: z.record(z.string(), z.string()),
    }),
  }),
});

/** A metric as the table `AppMetrics` shows it. */
export type AppMetric = {
  readonly Name: string;
  readonly Sum: number;
  readonly ItemCount: number;
  readonly Min?: number;
  readonly Max?: number;
  readonly Properties: Readonly<Record<string, string>>;
};

/** What one request says of metrics. */
export const metricsIn = (body: Buffer): readonly AppMetric[] =>
  z
    .array(Item)
    .parse(JSON.parse(body.toString()))
    .map(({ data: { baseData } }) => {
      const [{ name, value, count, min, max }] = baseData.metrics;
      const range = { ...(min != null && { Min: min }), ...(max != null && { Max: max }) };
      return { Name: name, Sum: value, ItemCount: count, ...range, Properties: baseData.properties };
    });

export const instrumentationKey = '00000000-0000-4000-8000-000000000042';

/**
 * The ingestion endpoint of Application Insights over TLS on a loopback port; it takes metrics from who has the token,
 * and answers with `status` else what is set there.
 */
export async function ingestion(token: string) {
  const host = 'localhost';
  const certificate = certificateFor(host);
  const taken: AppMetric[] = [];
  const bodies: string[] = [];
  const state = { status: 200, silent: false };
  const server = createServer(certificate, async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    bodies.push(body.toString());
    if (state.silent) return;
    const known = incoming.headers.authorization === `Bearer ${token}` && incoming.url === '/v2.1/track';
    const status = known ? state.status : 401;
    const items = status === 200 ? metricsIn(body) : [];
    taken.push(...items);
    outgoing.writeHead(status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] }));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  return {
    ...{ taken, bodies, state },
    connectionString: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=https://${host}:${port}/`,
    client: { tlsOptions: { ca: certificate.cert } },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
