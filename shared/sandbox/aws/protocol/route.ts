import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef } from '@smithy/types';
import type { HttpRequest } from '../../http.ts';
import { bindingOf, type NamedBinding } from './binding.ts';
import { boundMembersOf, requiredOf } from './schema.ts';

/** The requests one operation is bound to: https://smithy.io/2.0/spec/http-bindings.html */
export type Route = {
  readonly operation: string;
  readonly method: string;
  /** Matches a path still percent-encoded; its groups are the labels. */
  readonly path: RegExp;
  /** Query parameters that the URI itself names, such as `?publicAccessBlock` and `?list-type=2`. */
  readonly constants: readonly (readonly [name: string, value: string])[];
  /** What the operation cannot do without, which tells CopyObject from PutObject. */
  readonly required: readonly NamedBinding[];
  /** Whether the bucket comes with the address: S3 declares that label and leaves it out of its URIs. */
  readonly inBucket: boolean;
};

type Routed = {
  readonly name: string;
  readonly input: $SchemaRef;
  readonly http?: { readonly method: string; readonly uri: string };
};

const label = /\{(?<name>[^+}]+)(?<greedy>\+?)\}/g;

const pathPattern = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/\/$/, '')
      .replaceAll('.', '\\.')
      .replace(label, (_, name, greedy) => `(?<${name}>${greedy ? '.+' : '[^/]+'})`)}/?$`,
  );

function routeOf({ name, input }: Routed, method: string, uri: string): Route {
  const [path = '/', query = ''] = uri.split('?');
  const required = requiredOf(input);
  const members = boundMembersOf(NormalizedSchema.of(input));
  return {
    operation: name,
    method,
    path: pathPattern(path),
    constants: [...new URLSearchParams(query)],
    required: members
      .filter(([member]) => required.has(member))
      .map(([, schema]) => bindingOf(schema))
      .filter((binding) => 'name' in binding),
    inBucket: members.some(([member, schema]) => member === 'Bucket' && schema.getMergedTraits().httpLabel === 1),
  };
}

/** The routes of the operations that have one, in the order of their names. */
export const routesOf = (operations: Iterable<Routed>): readonly Route[] =>
  [...operations]
    .flatMap((operation) => (operation.http ? routeOf(operation, operation.http.method, operation.http.uri) : []))
    .sort((a, b) => (a.operation < b.operation ? -1 : 1));

/** Whether the request names what the route names. `x-id` is the SDK's hint: it may be missing but never differ. */
const namesConstants = ({ constants }: Route, query: URLSearchParams): boolean =>
  constants.every(
    ([name, value]) =>
      (name === 'x-id' && !query.has(name)) || (value === '' ? query.has(name) : query.get(name) === value),
  );

/** How well a route that matches fits: nothing it requires is missing, and much of what it names is there. */
function closeness(route: Route, request: HttpRequest): number {
  const query = request.url.searchParams;
  const present = ({ at, name }: NamedBinding) =>
    at === 'query' ? query.has(name) : request.headers[name] !== undefined;
  const missing = route.required.filter((part) => !present(part)).length;
  const named = route.constants.filter(([name]) => query.has(name)).length + route.required.length - missing;
  return named - missing * 1_000;
}

/** The operation a request means and the labels in its path, by the route that fits it best. */
export function findRoute(
  routes: readonly Route[],
  request: HttpRequest,
  { path, bucket }: { readonly path: string; readonly bucket?: string | undefined },
): { readonly operation: string; readonly labels: Readonly<Record<string, string>> } | undefined {
  const [best] = routes
    .filter(({ method, inBucket }) => method === request.method && inBucket === (bucket !== undefined))
    .filter((route) => route.path.test(path) && namesConstants(route, request.url.searchParams))
    .sort((a, b) => closeness(b, request) - closeness(a, request));
  if (best === undefined) return undefined;
  const labels = Object.entries(best.path.exec(path)?.groups ?? {});
  return {
    operation: best.operation,
    labels: Object.fromEntries([
      ...labels.map(([name, text]) => [name, decodeURIComponent(text)]),
      ...(bucket === undefined ? [] : [['Bucket', bucket]]),
    ]),
  };
}
