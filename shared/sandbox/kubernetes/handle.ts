import { Json, type JsonObject } from '../../model/json.ts';
import type { Fault } from '../faults.ts';
import { type HttpRequest, type HttpResponse, httpResponse } from '../http.ts';
import { ConnectionLost, type World } from '../world.ts';
import { type ClusterCaller, clusterCaller } from './authenticate.ts';
import { authorise, dataAction, type Wish } from './authorise.ts';
import { faultResponse, KubernetesFault } from './fault.ts';
import { type KubernetesCall, operations, served } from './operations.ts';
import { type ClusterRow, clusters } from './rows.ts';

/** The cluster whose API server a host is; undefined when it is none. */
export const clusterAt = ({ rows }: World, host: string): ClusterRow | undefined => rows.get(clusters, host);

type Asked = Wish & { readonly name: string };

const verbs: Readonly<Record<string, Wish['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const path = /^\/(?:api|apis\/([^/]+))\/v1\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/;

function asked({ method, url }: HttpRequest): Asked | undefined {
  const [, group = '', namespace = '', noun = '', name = ''] = path.exec(decodeURIComponent(url.pathname)) ?? [];
  const verb = method === 'GET' ? (name === '' ? 'list' : 'get') : verbs[method];
  if (!verb || !served[`${group}/${noun}`]?.includes(verb)) return undefined;
  return { verb, group, namespace, noun, name };
}

const operationOf = (cluster: ClusterRow, wish: Wish): string =>
  cluster.cloud === 'azure' ? dataAction(wish) : `kubernetes:${wish.verb} ${wish.noun}`;

function strike(fault: Fault | undefined): void {
  if (fault?.kind === 'throttle')
    throw new KubernetesFault(429, 'TooManyRequests', 'Too many requests, please try again later.');
  if (fault?.kind === 'error')
    throw new KubernetesFault(fault.status, fault.code, fault.message ?? 'The sandbox was told to fail.');
}

const bodyOf = ({ body }: HttpRequest): JsonObject => {
  const value = body.length === 0 ? {} : Json.parse(JSON.parse(Buffer.from(body).toString()));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}; // neither null nor a list
};

type Attempt = { readonly auditId: string; caller?: ClusterCaller };

function serve(world: World, cluster: ClusterRow, request: HttpRequest, attempt: Attempt, wish?: Asked): HttpResponse {
  attempt.caller = clusterCaller(world, cluster, request);
  if (!wish)
    throw new KubernetesFault(
      501,
      'NotImplemented',
      `the sandbox does not model ${request.method} ${request.url.pathname} of an API server`,
    );
  const fault = world.faults.strike(operationOf(cluster, wish));
  if (fault?.kind === 'delay') world.clock.advance(fault.seconds);
  strike(fault);
  authorise(cluster, attempt.caller, wish);
  const contentType = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
  const { host } = cluster;
  const call: KubernetesCall = {
    world,
    host,
    ...wish,
    query: request.url.searchParams,
    contentType,
    body: bodyOf(request),
  };
  const body = fault?.kind === 'effect-lost' ? call.body : operations[wish.verb](call);
  if (fault?.kind === 'answer-lost') throw new ConnectionLost();
  const headers = { 'content-type': 'application/json', 'audit-id': attempt.auditId };
  return httpResponse(wish.verb === 'create' ? 201 : 200, headers, JSON.stringify(body));
}

/** The simulated API servers: authentication, faults, permission, the operation, and a record of all. */
export async function handleKubernetes(world: World, cluster: ClusterRow, request: HttpRequest): Promise<HttpResponse> {
  const auditId = `audit-${String(world.next('kubernetes.request')).padStart(8, '0')}`;
  const wish = asked(request);
  const attempt: Attempt = { auditId };
  const record = (status: number, error: string): void =>
    world.recorder.add({
      at: world.clock.now(),
      cloud: cluster.cloud,
      operation: wish ? operationOf(cluster, wish) : `${request.method} ${request.url.pathname}`,
      also: [],
      mutating: request.method !== 'GET',
      resource: `${cluster.id}${request.url.pathname}`,
      caller: attempt.caller?.id ?? '',
      account: cluster.account,
      region: cluster.region,
      status,
      error,
      requestId: auditId,
    });
  try {
    const response = serve(world, cluster, request, attempt, wish);
    record(response.status, '');
    return response;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) record(0, thrown.code);
    if (!(thrown instanceof KubernetesFault)) throw thrown;
    record(thrown.status, thrown.reason);
    return faultResponse(thrown, auditId);
  }
}
