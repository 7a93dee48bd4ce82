import { isObject, Json, type JsonObject } from '../../model/json.ts';
import { evaluateAzure } from '../../policy/azure.ts';
import type { Fault } from '../faults.ts';
import { type HttpRequest, type HttpResponse, httpResponse } from '../http.ts';
import { ConnectionLost, type World } from '../world.ts';
import { AzureFault, faultResponse } from './fault.ts';
import type { AzureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureHost, AzureOperation, Need } from './operation.ts';
import { type PrincipalRow, principals } from './rows.ts';

export type Azure = { readonly world: World; readonly operations: readonly AzureOperation[] };

export const operationsOfNouns = (nouns: readonly AzureNoun[]): readonly AzureOperation[] =>
  nouns.flatMap(({ operations }) => operations);

/** Which of Azure's hosts a name is; undefined when it is none of them. */
export function azureHost(name: string): AzureHost | undefined {
  if (name === 'management.azure.com') return 'arm';
  if (name === 'graph.microsoft.com') return 'graph';
  return name.endsWith('.blob.core.windows.net') ? 'blob' : undefined;
}

const audiences: Readonly<Record<AzureHost, string>> = {
  arm: 'https://management.azure.com',
  graph: 'https://graph.microsoft.com',
  blob: 'https://storage.azure.com',
};

/** The bearer token of a simulated principal for one audience; valid until an instant (milliseconds). */
export const tokenFor = (principal: string, audience: string, expires: number): string =>
  `sandbox.${Buffer.from(JSON.stringify({ principal, audience, expires })).toString('base64url')}`;

function readToken(text: string): { principal: string; audience: string; expires: number } | undefined {
  const [prefix, payload = ''] = text.split('.');
  if (prefix !== 'sandbox') return undefined;
  const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (!isObject(value)) return undefined;
  return {
    principal: String(value['principal']),
    audience: String(value['audience']),
    expires: Number(value['expires']),
  };
}

function authenticate({ rows, clock }: World, host: AzureHost, { headers }: HttpRequest): PrincipalRow | undefined {
  const [scheme, text] = (headers['authorization'] ?? '').split(' ');
  if (scheme !== 'Bearer' || text === undefined) return undefined;
  const token = readToken(text);
  const invalid = (why: string) =>
    new AzureFault(401, host === 'graph' ? 'InvalidAuthenticationToken' : 'InvalidAuthenticationToken', why);
  if (!token) throw invalid('The access token is invalid.');
  if (token.audience !== audiences[host])
    throw invalid(`The access token has been obtained from wrong audience or resource '${token.audience}'.`);
  if (token.expires <= clock.milliseconds)
    throw new AzureFault(
      401,
      'ExpiredAuthenticationToken',
      'The access token expiry is earlier than the current time.',
    );
  const principal = rows.get(principals, token.principal);
  if (!principal) throw invalid('The principal of the access token is unknown.');
  return principal;
}

type Route = { readonly operation: AzureOperation; readonly params: Record<string, string> };

function pathParams(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const rest = /^\{(\w+)\*\}$/.exec(part)?.[1];
    if (rest !== undefined) return { ...params, [rest]: given.slice(at).join('/') };
    const value = given[at];
    if (value === undefined || value === '') {
      if (part === '' && value === '') continue;
      return undefined;
    }
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) params[name] = value;
    else if (part.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return given.length === wanted.length ? params : undefined;
}

function route(
  operations: readonly AzureOperation[],
  host: AzureHost,
  { method, url }: HttpRequest,
): Route | undefined {
  const path = decodeURIComponent(url.pathname);
  const fits = operations.flatMap((operation): Route[] => {
    if (operation.host !== host || operation.method !== method) return [];
    const query = Object.entries(operation.query ?? {});
    if (
      !query.every(
        ([name, value]) => url.searchParams.has(name) && (value === '' || url.searchParams.get(name) === value),
      )
    )
      return [];
    const params = pathParams(operation.path, path);
    return params ? [{ operation, params }] : [];
  });
  const weight = ({ operation }: Route) =>
    Object.keys(operation.query ?? {}).length * 100 - (operation.path.match(/\{/g)?.length ?? 0);
  return fits.sort((a, b) => weight(b) - weight(a))[0];
}

const scopeOf = (url: URL): string => decodeURIComponent(url.pathname);

function refuse(host: AzureHost, caller: PrincipalRow, need: Need): AzureFault {
  if ('anyOf' in need)
    return new AzureFault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  if (host === 'blob')
    return new AzureFault(
      403,
      'AuthorizationPermissionMismatch',
      'This request is not authorized to perform this operation using this permission.',
    );
  const message = `The client '${caller.id}' with object id '${caller.id}' does not have authorization to perform action '${need.action}' over scope '${need.scope}' or the scope is invalid.`;
  return new AzureFault(
    403,
    need.action.endsWith('/join/action') ? 'LinkedAuthorizationFailed' : 'AuthorizationFailed',
    message,
  );
}

/** Whether a principal has a right. */
export function has(caller: PrincipalRow, need: Need): boolean {
  if ('anyOf' in need) return need.anyOf.some((permission) => caller.graph.includes(permission));
  return evaluateAzure(caller.assignments, need.action, need.scope, need.data === true);
}

const nameOf = (need: Need): readonly string[] =>
  'anyOf' in need ? need.anyOf.map((one) => `graph:${one}`) : [need.action];

/** Refuses what the caller may not do; answers with the rights that were needed. */
function authorise(host: AzureHost, operation: AzureOperation, call: AzureCall): readonly string[] {
  if (operation.anonymous?.(call)) return [];
  const { caller } = call;
  if (!caller) {
    if (host === 'blob')
      throw new AzureFault(409, 'PublicAccessNotPermitted', 'Public access is not permitted on this storage account.');
    throw new AzureFault(401, 'AuthenticationFailed', 'Authentication failed. The Authorization header is missing.');
  }
  const needs = operation.needs?.(call) ?? [{ action: operation.operation, scope: scopeOf(call.url) }];
  const missing = needs.find((need) => !has(caller, need));
  if (missing) throw refuse(host, caller, missing);
  return needs.flatMap((need) =>
    nameOf(need).filter((name) => !('anyOf' in need) || caller.graph.includes(name.slice('graph:'.length))),
  );
}

function strike(fault: Fault | undefined): void {
  if (fault?.kind === 'throttle')
    throw new AzureFault(429, 'TooManyRequests', 'The request is being throttled.', fault.retryAfterSeconds ?? 1);
  if (fault?.kind === 'error')
    throw new AzureFault(fault.status, fault.code, fault.message ?? 'The sandbox was told to fail.');
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
  const fault = world.faults.strike(operation.operation);
  if (fault?.kind === 'delay') world.clock.advance(fault.seconds);
  strike(fault);
  also.push(...authorise(host, operation, call));
  if (fault?.kind === 'effect-lost') return encode({ status: 200, body: call.body }, requestId);
  const answer = await operation.does(call);
  if (fault?.kind === 'answer-lost') throw new ConnectionLost();
  return encode(answer, requestId);
}

/** The simulated Azure: authentication, routing, faults, permission, the operation, and a record of all. */
export async function handleAzure(azure: Azure, host: AzureHost, request: HttpRequest): Promise<HttpResponse> {
  const { world } = azure;
  const requestId = `00000000-0000-4000-8000-${String(world.next('azure.request')).padStart(12, '0')}`;
  const found = route(azure.operations, host, request);
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
    if (!(thrown instanceof AzureFault)) throw thrown;
    record(thrown.status, thrown.azureCode);
    return faultResponse(host, thrown, requestId);
  }
}
