import {
  CoreV1ApiRequestFactory,
  CoreV1ApiResponseProcessor,
} from '@kubernetes/client-node/dist/gen/apis/CoreV1Api.js';
import { ApiException } from '@kubernetes/client-node/dist/gen/apis/exception.js';
import {
  NetworkingV1ApiRequestFactory,
  NetworkingV1ApiResponseProcessor,
} from '@kubernetes/client-node/dist/gen/apis/NetworkingV1Api.js';
import type { Configuration } from '@kubernetes/client-node/dist/gen/configuration.js';
import { type RequestContext, ResponseContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import type { V1NetworkPolicy } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicy.js';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js';
import { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js';
import { messageOf, ProviderError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import { retryAfterSeconds } from '../../model/retry-after.ts';
import type { Cluster } from './cluster.ts';

/** Only paths are made here: the session knows the host. */
const nowhere = 'https://cluster.invalid';
const configuration: Configuration = {
  baseServer: new ServerConfiguration(nowhere, {}),
  httpApi: {
    send() {
      throw new TypeError('requests go through the session');
    },
  },
  middleware: [],
  authMethods: {},
};
const core = { ask: new CoreV1ApiRequestFactory(configuration), read: new CoreV1ApiResponseProcessor() };
const networking = {
  ask: new NetworkingV1ApiRequestFactory(configuration),
  read: new NetworkingV1ApiResponseProcessor(),
};

type Reader<T> = (answer: ResponseContext) => Promise<{ readonly data: T }>;

/** The reason of a refusal, as its Status object has it: `NotFound`, `Conflict`, `Forbidden`. */
function statusOf(body: unknown): { readonly reason: string; readonly message: string } {
  if (typeof body !== 'string') return { reason: '', message: '' };
  try {
    const status: unknown = JSON.parse(body);
    return { reason: String(own(status, 'reason') ?? ''), message: String(own(status, 'message') ?? '') };
  } catch {
    return { reason: '', message: body.slice(0, 200) }; // a page of something in between
  }
}

function clusterFault({ name }: Cluster, thrown: unknown): unknown {
  if (!(thrown instanceof ApiException)) return thrown;
  const { code: status, headers } = thrown;
  const { reason, message } = statusOf(thrown.body);
  const wait = retryAfterSeconds((header) => own(headers, header)?.toString());
  return new ProviderError({
    code: reason || `http-${status}`,
    message: `Kubernetes ${name}: ${reason || status}: ${message || messageOf(thrown).split('\n')[0]}`,
    status,
    retryable: status === 429 || status === 409 || status >= 500,
    indeterminate: status >= 500,
    cause: thrown,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    ...((status === 401 || status === 403) && {
      remedy: 'Let the role of this stage into the cluster: see the access manifest beside the deployment.',
    }),
  });
}

async function exchange<T>(
  cluster: Cluster,
  request: RequestContext,
  read: Reader<T>,
  signal: AbortSignal,
): Promise<T> {
  const url = new URL(request.getUrl());
  const { status, headers, body } = await cluster.send(
    {
      method: request.getHttpMethod(),
      path: `${url.pathname}${url.search}`,
      headers: request.getHeaders(),
      body: String(request.getBody() ?? ''),
    },
    signal,
  );
  const answer = new ResponseContext(
    status,
    { ...headers },
    {
      text: async () => body,
      binary: async () => Buffer.from(body),
      stream: () => null,
    },
  );
  try {
    return (await read(answer)).data;
  } catch (thrown) {
    throw clusterFault(cluster, thrown);
  }
}

const refusedWith = (thrown: unknown, status: number): boolean =>
  thrown instanceof ProviderError && thrown.status === status;

async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (refusedWith(thrown, 404)) return undefined;
    throw thrown;
  }
}

type Place = { readonly namespace: string; readonly name: string };
type Page<T> = { readonly items: T[]; readonly metadata?: { readonly _continue?: string } };

const pageSize = 500;

async function everyPage<T>(page: (from: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let from: string | undefined;
  do {
    const { items, metadata } = await page(from);
    found.push(...items);
    from = metadata?._continue || undefined;
  } while (from !== undefined);
  return found;
}

/** Every pod of a namespace (kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1). */
export const listPods = (cluster: Cluster, namespace: string, signal: AbortSignal): Promise<readonly V1Pod[]> =>
  everyPage(async (from) =>
    exchange(
      cluster,
      await core.ask.listNamespacedPod(namespace, undefined, undefined, from, undefined, undefined, pageSize),
      (answer) => core.read.listNamespacedPodWithHttpInfo(answer),
      signal,
    ),
  );

/** Every service of a namespace. */
export const listServices = (cluster: Cluster, namespace: string, signal: AbortSignal): Promise<readonly V1Service[]> =>
  everyPage(async (from) =>
    exchange(
      cluster,
      await core.ask.listNamespacedService(namespace, undefined, undefined, from, undefined, undefined, pageSize),
      (answer) => core.read.listNamespacedServiceWithHttpInfo(answer),
      signal,
    ),
  );

/** Every network policy of a namespace (kubernetes.io/docs/concepts/services-networking/network-policies). */
export const listPolicies = (
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly V1NetworkPolicy[]> =>
  everyPage(async (from) =>
    exchange(
      cluster,
      await networking.ask.listNamespacedNetworkPolicy(
        ...([namespace, undefined, undefined, from, undefined, undefined, pageSize] as const),
      ),
      (answer) => networking.read.listNamespacedNetworkPolicyWithHttpInfo(answer),
      signal,
    ),
  );

/** A pod; undefined where there is none. */
export const readPod = async (
  cluster: Cluster,
  { name, namespace }: Place,
  signal: AbortSignal,
): Promise<V1Pod | undefined> =>
  unlessAbsent(
    exchange(
      cluster,
      await core.ask.readNamespacedPod(name, namespace),
      (answer) => core.read.readNamespacedPodWithHttpInfo(answer),
      signal,
    ),
  );

/** Sets or, with null, removes labels of a pod; false where the pod has moved on from `resourceVersion`. */
export async function patchLabels(
  cluster: Cluster,
  { name, namespace }: Place,
  metadata: { readonly resourceVersion: string; readonly labels: Readonly<Record<string, string | null>> },
  signal: AbortSignal,
): Promise<boolean> {
  const request = await core.ask.patchNamespacedPod(name, namespace, { metadata });
  request.setHeaderParam('Content-Type', 'application/merge-patch+json'); // the client would say that it is a JSON patch
  try {
    await exchange(cluster, request, (answer) => core.read.patchNamespacedPodWithHttpInfo(answer), signal);
    return true;
  } catch (thrown) {
    if (refusedWith(thrown, 409)) return false;
    throw thrown;
  }
}

/** A network policy; undefined where there is none. */
export const readPolicy = async (
  cluster: Cluster,
  { name, namespace }: Place,
  signal: AbortSignal,
): Promise<V1NetworkPolicy | undefined> =>
  unlessAbsent(
    exchange(
      cluster,
      await networking.ask.readNamespacedNetworkPolicy(name, namespace),
      (answer) => networking.read.readNamespacedNetworkPolicyWithHttpInfo(answer),
      signal,
    ),
  );

/** Writes a network policy: made where there is none, else put in the place of the version that was read. */
export async function writePolicy(
  cluster: Cluster,
  { name, namespace }: Place,
  policy: V1NetworkPolicy,
  signal: AbortSignal,
): Promise<void> {
  const isNew = policy.metadata?.resourceVersion === undefined;
  await exchange(
    cluster,
    isNew
      ? await networking.ask.createNamespacedNetworkPolicy(namespace, policy)
      : await networking.ask.replaceNamespacedNetworkPolicy(name, namespace, policy),
    (answer) =>
      isNew
        ? networking.read.createNamespacedNetworkPolicyWithHttpInfo(answer)
        : networking.read.replaceNamespacedNetworkPolicyWithHttpInfo(answer),
    signal,
  );
}

/** Deletes a network policy; one that is gone already is deleted. */
export async function deletePolicy(cluster: Cluster, { name, namespace }: Place, signal: AbortSignal): Promise<void> {
  const request = await networking.ask.deleteNamespacedNetworkPolicy(name, namespace);
  await unlessAbsent(
    exchange(cluster, request, (answer) => networking.read.deleteNamespacedNetworkPolicyWithHttpInfo(answer), signal),
  );
}
