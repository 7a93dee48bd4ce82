import * as z from 'zod';
import { Json, type JsonObject } from '../../model/json.ts';
import type { Fault } from '../faults.ts';
import { type HttpRequest, type HttpResponse, httpResponse } from '../http.ts';
import { ConnectionLost, type World } from '../world.ts';
import { authenticate } from './authenticate.ts';
import { authorise, scopeOf } from './authorise.ts';
import { AzureFault, faultResponse } from './fault.ts';
import type { AzureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureHost } from './operation.ts';
import { type Route, type Routes, routesOf, routeTo } from './routes.ts';
import type { PrincipalRow } from './rows.ts';

export type Azure = { readonly world: World; readonly routes: Routes };

export const routesOfNouns = (nouns: readonly AzureNoun[]): Routes =>
  routesOf(nouns.flatMap(({ operations }) => operations));

/** Which of Azure's hosts a name is; undefined when it is none of them. */
export function azureHost(name: string): AzureHost | undefined {
  if (name === 'management.azure.com') return 'arm';
  if (name === 'graph.microsoft.com') return 'graph';
  return name.endsWith('.blob.core.windows.net') ? 'blob' : undefined;
}

function strike(fault: Fault | undefined): void {
  if (fault?.kind === 'throttle')
    throw new AzureFault(429, 'TooManyRequests', 'The request is being throttled.', fault.retryAfterSeconds ?? 1);
  if (fault?.kind === 'error')
    throw new AzureFault(fault.status, fault.code, fault.message ?? 'The sandbox was told to fail.');
}

/** Resource Manager counts reads, writes and deletes of each principal in each subscription. */
function checkQuota({ world, caller, url }: AzureCall, method: string): void {
  const kind = method === 'GET' || method === 'HEAD' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';
  const scope = /^\/subscriptions\/([^/]+)/i.exec(url.pathname)?.[1]?.toLowerCase() ?? 'tenant';
  const seconds = world.quotas.refuse('arm', kind, `${caller?.id ?? ''}:${scope}`);
  if (seconds === undefined) return;
  const message = `Number of requests for subscription '${scope}' exceeded the limit.`;
  throw new AzureFault(429, 'SubscriptionRequestsThrottled', message, Math.ceil(seconds));
}

function bodyOf({ headers, body }: HttpRequest): JsonObject {
  if (body.length === 0 || !(headers['content-type'] ?? 'application/json').includes('json')) return {};
  const value = Json.parse(JSON.parse(Buffer.from(body).toString()));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}; // neither null nor a list
}

const encode = ({ status, body, bytes, headers = {} }: AzureAnswer, requestId: string): HttpResponse => {
  const known = { 'x-ms-request-id': requestId, 'x-ms-correlation-request-id': requestId };
  if (bytes !== undefined || body === undefined) return httpResponse(status, { ...known, ...headers }, bytes ?? '');
  return httpResponse(
    status,
    { 'content-type': 'application/json; charset=utf-8', ...known, ...headers },
    JSON.stringify(body),
  );
};

/** A request on its way: who asks, and the rights it turned out to need beside its own. */
type Attempt = { readonly requestId: string; readonly caller: PrincipalRow | undefined; readonly also: string[] };

async function serve(
  { world }: Azure,
  host: AzureHost,
  request: HttpRequest,
  found: Route,
  { requestId, caller, also }: Attempt,
): Promise<HttpResponse> {
  const { operation, params } = found;
  const { url, headers } = request;
  const view = operation.reads ? world.rows.lagged : world.rows;
  const call: AzureCall = {
    world,
    view,
    caller,
    url,
    params,
    headers,
    body: bodyOf(request),
    bytes: request.body,
    requestId,
  };
  if (host === 'arm') checkQuota(call, request.method);
  const fault = world.faults.strike(operation.operation);
  if (fault?.kind === 'delay') world.clock.advance(fault.seconds);
  strike(fault);
  also.push(...authorise(host, operation, call));
  if (fault?.kind === 'effect-lost') return encode({ status: 200, body: call.body }, requestId);
  const answer = await operation.does(call);
  if (fault?.kind === 'answer-lost') throw new ConnectionLost();
  return encode(answer, requestId);
}

const badBody = ({ issues: [issue] }: z.ZodError): AzureFault =>
  new AzureFault(400, 'InvalidRequestFormat', `Cannot parse the request: ${issue?.path.join('.') ?? ''}`);

/** The simulated Azure: authentication, routing, faults, permission, the operation, and a record of all. */
export async function handleAzure(azure: Azure, host: AzureHost, request: HttpRequest): Promise<HttpResponse> {
  const { world } = azure;
  const requestId = `00000000-0000-4000-8000-${String(world.next('azure.request')).padStart(12, '0')}`;
  const found = routeTo(azure.routes, host, request);
  let caller: PrincipalRow | undefined;
  const also: string[] = [];
  const record = (status: number, error: string): void =>
    world.recorder.add({
      at: world.clock.now(),
      cloud: 'azure',
      operation: found?.operation.operation ?? `${request.method} ${request.url.pathname}`,
      also,
      mutating: !(found?.operation.reads ?? request.method === 'GET'),
      resource: host === 'arm' ? scopeOf(request.url) : `${request.url.host}${scopeOf(request.url)}`,
      caller: caller?.id ?? '',
      account: /^\/subscriptions\/([^/]+)/i.exec(request.url.pathname)?.[1] ?? caller?.tenant ?? '',
      region: '',
      status,
      error,
      requestId,
    });
  try {
    caller = authenticate(world, host, request);
    if (!found)
      throw new AzureFault(
        501,
        'NotImplemented',
        `the sandbox does not model ${request.method} ${request.url.host}${request.url.pathname}`,
      );
    const response = await serve(azure, host, request, found, { requestId, caller, also });
    record(response.status, '');
    return response;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) record(0, thrown.code);
    const fault = thrown instanceof z.ZodError ? badBody(thrown) : thrown;
    if (!(fault instanceof AzureFault)) throw fault;
    record(fault.status, fault.azureCode);
    return faultResponse(host, fault, requestId);
  }
}
