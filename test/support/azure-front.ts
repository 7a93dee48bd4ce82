import { own } from '../../shared/model/json.ts';
import { type HttpRequest, type HttpResponse, httpResponse } from '../../shared/sandbox/http.ts';
import { tokenFor } from '../../shared/sandbox/azure/authenticate.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type AppMetric, instrumentationKey, metricsIn } from './ingestion.ts';
import { tlsFront } from './tls-front.ts';

/** Client id of the identity that keeps the deployment's state and sends its metrics. */
const homePrincipal = '0a1b2c3d-0000-4000-8000-0000000000aa';
/** Where Application Insights takes metrics. */
const insights = 'westeurope-5.in.applicationinsights.azure.com';

const hosts = [
  insights,
  'management.azure.com',
  'graph.microsoft.com',
  'northwinduploads.blob.core.windows.net',
  'northwindquarantine.blob.core.windows.net',
];

/** A simulated Azure as a process elsewhere on this machine reaches it. */
export type AzureFront = {
  /** What the process gets: the proxy and its certificates, and where its managed identities have their tokens. */
  readonly environment: Readonly<Record<string, string>>;
  /** The metrics that Application Insights took from who has a token for it. */
  readonly metrics: readonly AppMetric[];
  close(): Promise<void>;
};

/** Takes metrics as Application Insights does: from who has a token of Entra for it. */
function takeMetrics({ headers, body }: HttpRequest, metrics: AppMetric[]): HttpResponse {
  const [, payload = ''] = /^Bearer sandbox\.([\w-]+)$/.exec(headers['authorization'] ?? '') ?? [];
  const said: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString() || 'null');
  const known = own(said, 'principal') === homePrincipal && own(said, 'audience') === 'https://monitor.azure.com';
  const taken = known ? metricsIn(Buffer.from(body)) : [];
  metrics.push(...taken);
  const counts = { itemsReceived: taken.length, itemsAccepted: taken.length, errors: [] };
  return httpResponse(known ? 200 : 403, { 'content-type': 'application/json' }, JSON.stringify(counts));
}

/**
 * The sandbox behind what the Azure SDKs themselves read: `HTTPS_PROXY` for the clients, `IDENTITY_ENDPOINT` for managed
 * identities (learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference").
 */
export async function azureFront(sandbox: Sandbox): Promise<AzureFront> {
  const metrics: AppMetric[] = [];
  const answer = async (request: HttpRequest) =>
    request.url.hostname === insights ? takeMetrics(request, metrics) : sandbox.handle(request);
  const front = await tlsFront(hosts, answer, (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://front');
    const resource = (searchParams.get('resource') ?? '').replace(/\/$/, '');
    const expires = sandbox.clock.milliseconds + 3_600_000;
    const token = tokenFor(searchParams.get('client_id') ?? '', resource, expires);
    const proven = request.headers['x-identity-header'] === 'northwind';
    response.writeHead(proven ? 200 : 401, { 'content-type': 'application/json' });
    const body = { access_token: token, expires_on: String(expires / 1_000), resource, token_type: 'Bearer' };
    response.end(JSON.stringify(proven ? body : { statusCode: 401, message: 'who are you?' }));
  });
  return {
    metrics,
    environment: {
      ...front.environment,
      IDENTITY_ENDPOINT: `${front.environment.HTTPS_PROXY}/msi/token`,
      IDENTITY_HEADER: 'northwind',
      CORDON_AZURE_HOME_CLIENT_ID: homePrincipal,
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=https://${insights}/`,
    },
    close: front.close,
  };
}
