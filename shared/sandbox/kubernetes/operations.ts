import * as z from 'zod';
import { Json, type JsonObject, own } from '../../model/json.ts';
import type { World } from '../world.ts';
import type { Wish } from './authorise.ts';
import { KubernetesFault } from './fault.ts';
import { reconcile } from './replicas.ts';
import { keyOf, type ObjectRow, objects, onWire } from './rows.ts';

/** One request to an API server, understood. */
export type KubernetesCall = Wish & {
  readonly world: World;
  readonly host: string;
  /** Empty where a collection is asked. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: JsonObject;
};

const kinds: Readonly<Record<string, string>> = {
  pods: 'Pod',
  services: 'Service',
  networkpolicies: 'NetworkPolicy',
};

const missing = ({ noun, name }: KubernetesCall): KubernetesFault =>
  new KubernetesFault(404, 'NotFound', `${noun} "${name}" not found`);
const invalid = ({ noun, name }: KubernetesCall, why: string): KubernetesFault =>
  new KubernetesFault(422, 'Invalid', `${noun} "${name}" is invalid: ${why}`);

function theObject(call: KubernetesCall): ObjectRow {
  const row = call.world.rows.get(objects, keyOf(call));
  if (row) return row;
  throw missing(call);
}

const key = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const value = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;
const Labels = z.record(z.string().regex(key), z.string().regex(value));
const Texts = z.record(z.string(), z.string());

const Policy = z.strictObject({
  podSelector: z.strictObject({ matchLabels: Labels.optional(), matchExpressions: z.array(Json).optional() }),
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])).optional(),
  ingress: z.array(Json).optional(),
  egress: z.array(Json).optional(),
});

function conflict({ noun, name }: KubernetesCall): KubernetesFault {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return new KubernetesFault(409, 'Conflict', `Operation cannot be fulfilled on ${noun} "${name}": ${why}`);
}

/** Refuses to write over another version than the one that is named; none named is any. */
function checkVersion(call: KubernetesCall, row: ObjectRow): void {
  const named = own(own(call.body, 'metadata'), 'resourceVersion');
  if (named !== undefined && named !== String(row.revision)) throw conflict(call);
}

/** RFC 7396 over a flat object. */
function merged(now: Readonly<Record<string, string>>, patch: unknown): Record<string, unknown> {
  const next: Record<string, unknown> = { ...now };
  for (const [name, to] of Object.entries(patch ?? {}))
    if (to === null) delete next[name];
    else next[name] = to;
  return next;
}

function checked<T>(call: KubernetesCall, schema: z.ZodType<T>, given: unknown): T {
  const { data, error } = schema.safeParse(given);
  if (data !== undefined) return data;
  throw invalid(call, `${error?.issues[0]?.path.join('.') ?? ''}: ${error?.issues[0]?.message ?? ''}`);
}

const shown = ({ noun }: KubernetesCall, row: ObjectRow): JsonObject => ({
  kind: kinds[noun] ?? noun,
  apiVersion: noun === 'networkpolicies' ? 'networking.k8s.io/v1' : 'v1',
  ...onWire(row),
});

function list(call: KubernetesCall): JsonObject {
  const { world, host, namespace, noun, query } = call;
  const wanted = (query.get('labelSelector') ?? '').split(',').filter(Boolean);
  const rows = world.rows
    .all(objects)
    .map(([, row]) => row)
    .filter((row) => row.host === host && row.namespace === namespace && row.noun === noun)
    .filter(({ labels }) => wanted.every((one) => labels[one.split('=')[0] ?? ''] === one.split('=').at(-1)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const from = Number(query.get('continue') ?? 0);
  const until = from + Number(query.get('limit') ?? rows.length);
  return {
    kind: `${kinds[noun]}List`,
    apiVersion: noun === 'networkpolicies' ? 'networking.k8s.io/v1' : 'v1',
    metadata: { resourceVersion: '1', ...(until < rows.length && { continue: String(until) }) },
    items: rows.slice(from, until).map((row) => shown(call, row)),
  };
}

function patch(call: KubernetesCall): JsonObject {
  if (call.contentType !== 'application/merge-patch+json')
    throw new KubernetesFault(415, 'UnsupportedMediaType', `the sandbox merges no ${call.contentType}`);
  const row = theObject(call);
  checkVersion(call, row);
  const metadata = own(call.body, 'metadata');
  const next: ObjectRow = {
    ...row,
    labels: checked(call, Labels, merged(row.labels, own(metadata, 'labels'))),
    annotations: checked(call, Texts, merged(row.annotations, own(metadata, 'annotations'))),
    revision: row.revision + 1,
  };
  call.world.rows.put(objects, keyOf(next), next);
  reconcile(call.world, next);
  return shown(call, next);
}

function written(call: KubernetesCall, name: string, before: ObjectRow | undefined): ObjectRow {
  const { host, namespace, noun, world, body } = call;
  const metadata = own(body, 'metadata');
  const spec = checked(call, Policy, own(body, 'spec')) as JsonObject; // out of JSON
  const row: ObjectRow = {
    ...{ host, namespace, noun, name, spec, status: {} },
    labels: checked(call, Labels, own(metadata, 'labels') ?? {}),
    annotations: checked(call, Texts, own(metadata, 'annotations') ?? {}),
    createdAt: before?.createdAt ?? world.clock.now(),
    uid: `uid-of-${name}`,
    revision: (before?.revision ?? 0) + 1,
  };
  world.rows.put(objects, keyOf(row), row);
  return row;
}

function create(call: KubernetesCall): JsonObject {
  const name = String(own(own(call.body, 'metadata'), 'name') ?? '');
  const named = { ...call, name };
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) throw invalid(named, 'metadata.name');
  if (call.world.rows.get(objects, keyOf(named)))
    throw new KubernetesFault(409, 'AlreadyExists', `${call.noun} "${name}" already exists`);
  return shown(call, written(named, name, undefined));
}

function update(call: KubernetesCall): JsonObject {
  const row = theObject(call);
  checkVersion(call, row);
  return shown(call, written(call, row.name, row));
}

function remove(call: KubernetesCall): JsonObject {
  call.world.rows.delete(objects, keyOf(theObject(call)));
  return { kind: 'Status', apiVersion: 'v1', status: 'Success' };
}

/** What the simulated API servers do, by verb. */
export const operations: Readonly<Record<Wish['verb'], (call: KubernetesCall) => JsonObject>> = {
  get: (call) => shown(call, theObject(call)),
  list,
  create,
  update,
  patch,
  delete: remove,
};

/** What they serve, by group and noun. */
export const served: Readonly<Record<string, readonly Wish['verb'][]>> = {
  '/pods': ['get', 'list', 'patch'],
  '/services': ['get', 'list'],
  'networking.k8s.io/networkpolicies': ['get', 'list', 'create', 'update', 'delete'],
};
