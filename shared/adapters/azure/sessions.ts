import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineResponse,
  proxyPolicy,
  RestError,
} from '@azure/core-rest-pipeline';
import type { ArmClient, AzureClientOptions, AzureSession, DataClient } from '../../actions/azure/azure-action.ts';
import type { Settings } from '../../config/settings.ts';
import { CordonError } from '../../model/error.ts';
import type { Call, Rights, SessionRequest } from '../../ports/clouds.ts';
import { type ClusterTransport, overHttps, recorded } from '../kubernetes/transport.ts';

/** How Azure is reached: one identity for each right, and the transport where it is not the network. */
export type AzureConnection = {
  readonly settings: Settings;
  /** Staging has no writer: it cannot change anything, whatever the code says. */
  readonly credentials: { readonly [R in Rights]?: TokenCredential };
  readonly httpClient?: HttpClient;
  /** The way to the API servers of clusters; the network when left out. */
  readonly clusters?: ClusterTransport;
};

const graphHost = 'https://graph.microsoft.com';
const armHost = 'https://management.azure.com';
/** What every AKS cluster under Entra ID takes tokens for (learn.microsoft.com/azure/aks/kubelogin-authentication). */
const aksAudience = '6dae42f8-4368-4678-94ff-3960e28e3630';

const requestIdOf = ({ headers }: Pick<PipelineResponse, 'headers'>): string =>
  headers.get('x-ms-correlation-request-id') ?? headers.get('x-ms-request-id') ?? '';

/** What is known of a call that failed: an answer the client did not expect is an answer all the same. */
function failure(thrown: unknown): Omit<Call, 'operation'> {
  const answer = thrown instanceof RestError ? thrown.response : undefined;
  const name = thrown instanceof Error ? thrown.name : 'unknown';
  const error = thrown instanceof RestError ? (thrown.code ?? name) : name;
  return { requestId: answer ? requestIdOf(answer) : '', status: answer?.status ?? 0, error };
}

/** Asks before every call, and notes every answer: method and path, the correlation id, the status. */
const recording = (calls: Call[], mayCall: SessionRequest['mayCall']): PipelinePolicy => ({
  name: 'cordonRecord',
  async sendRequest(request, next) {
    await mayCall?.();
    const operation = `${request.method} ${new URL(request.url).pathname}`;
    try {
      const response = await next(request);
      const requestId = requestIdOf(response);
      const failed = response.status >= 400 && {
        error: response.headers.get('x-ms-error-code') ?? `http-${response.status}`,
      };
      calls.push({ operation, requestId, status: response.status, ...failed });
      return response;
    } catch (thrown) {
      calls.push({ operation, ...failure(thrown) });
      throw thrown;
    }
  },
});

function refusal(host: string, response: PipelineResponse): RestError {
  const body: unknown = JSON.parse(response.bodyAsText || '{}');
  const error = new RestError(`${new URL(host).hostname} answered ${response.status}`, {
    statusCode: response.status,
    request: response.request,
    response,
  });
  error.details = body;
  return error;
}

/** Opens sessions on subscriptions. */
export function azureSessions({
  settings,
  credentials,
  httpClient,
  clusters = overHttps,
}: AzureConnection): (request: SessionRequest) => Promise<AzureSession> {
  return async ({ account, rights, mayCall }) => {
    const credential = credentials[rights];
    const { tenant, quarantineStorageAccount } = settings.azure;
    if (!credential || tenant === undefined)
      throw new CordonError({
        code: 'no-azure-identity',
        message: `this stage has no Azure ${rights}`,
        remedy:
          rights === 'writer'
            ? 'Staging never has one; deploy the stage that may change things.'
            : 'Configure azure.tenant and the reader identity.',
      });
    const calls: Call[] = [];
    const record = recording(calls, mayCall);
    const options: AzureClientOptions = {
      ...(httpClient && { httpClient }),
      retryOptions: { maxRetries: 0, maxTries: 1 },
      additionalPolicies: [{ policy: record, position: 'perCall' }],
    };
    const clients = new Map<unknown, unknown>();
    const send = httpClient ?? createDefaultHttpClient();
    const proxied = proxyPolicy(); // as the SDK's own clients go: HTTPS_PROXY and NO_PROXY
    const ask = async (host: string, method: HttpMethods, path: string, abortSignal: AbortSignal, body?: object) => {
      const token = await credential.getToken(`${host}/.default`, { abortSignal });
      const request = createPipelineRequest({
        url: `${host}${path}`,
        method,
        abortSignal,
        headers: createHttpHeaders({
          authorization: `Bearer ${token?.token ?? ''}`,
          'content-type': 'application/json',
        }),
        ...(body && { body: JSON.stringify(body) }),
      });
      const response = await record.sendRequest(request, (sent) =>
        proxied.sendRequest(sent, (one) => send.sendRequest(one)),
      );
      if (response.status >= 400) throw refusal(host, response);
      return response.bodyAsText ? (JSON.parse(response.bodyAsText) as unknown) : null;
    };
    return {
      cloud: 'azure',
      tenant,
      subscription: account,
      quarantineStorageAccount,
      calls,
      client<C>(Client: ArmClient<C>): C {
        const made = clients.get(Client) ?? new Client(credential, account, options);
        clients.set(Client, made);
        return made as C; // kept under its own class
      },
      open: <C>(Client: DataClient<C>, url: string): C => new Client(url, credential, options),
      kubernetes(clusterId, address) {
        const send = recorded(clusters, calls, mayCall);
        return {
          name: clusterId,
          async send(wanted, abortSignal) {
            const token = await credential.getToken(`${aksAudience}/.default`, { abortSignal });
            const headers = { ...wanted.headers, authorization: `Bearer ${token?.token ?? ''}` };
            return send(address, { ...wanted, headers }, abortSignal);
          },
        };
      },
      async token(audience, abortSignal) {
        const token = await credential.getToken(`${audience}/.default`, { abortSignal });
        return token?.token ?? '';
      },
      graph: (method, path, abortSignal, body) => ask(graphHost, method, `/v1.0${path}`, abortSignal, body),
      arm: (method, path, abortSignal, body) => ask(armHost, method, path, abortSignal, body),
    };
  };
}
