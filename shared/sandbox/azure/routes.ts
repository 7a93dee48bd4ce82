import type { HttpRequest } from '../http.ts';
import type { AzureHost, AzureOperation } from './operation.ts';

/** An operation and the pattern of its path. */
type Template = {
  readonly operation: AzureOperation;
  readonly pattern: RegExp;
  /** What the groups of the pattern are called. */
  readonly names: readonly string[];
  readonly query: readonly (readonly [name: string, value: string])[];
};
/** The operations of each host and method, the most exact first. */
export type Routes = ReadonlyMap<string, readonly Template[]>;
export type Route = { readonly operation: AzureOperation; readonly params: Readonly<Record<string, string>> };

const keyOf = (host: AzureHost, method: string): string => `${host} ${method}`;

function templateOf(operation: AzureOperation): Template {
  const names: string[] = [];
  const parts = operation.path.split('/').map((part, at) => {
    const [, name, rest] = /^\{(\w+)(\*?)\}$/.exec(part) ?? [];
    const slash = at === 0 ? '' : '/';
    if (name === undefined) return `${slash}${RegExp.escape(part)}`;
    names.push(name);
    return rest ? `(?:${slash}(.*))?` : `${slash}([^/]+)`;
  });
  const pattern = new RegExp(`^${parts.join('')}$`, 'i');
  return { operation, pattern, names, query: Object.entries(operation.query ?? {}) };
}

/** More of the query and fewer names in the path: the more exact. */
const weightOf = ({ query, names }: Template): number => query.length * 100 - names.length;

/** Reads the paths of all operations once. */
export const routesOf = (operations: readonly AzureOperation[]): Routes =>
  Map.groupBy(
    operations.map(templateOf).sort((a, b) => weightOf(b) - weightOf(a)),
    ({ operation: { host, method } }) => keyOf(host, method),
  );

/** The operation that a request asks for; undefined when none is modelled. */
export function routeTo(routes: Routes, host: AzureHost, { method, url }: HttpRequest): Route | undefined {
  const path = decodeURIComponent(url.pathname);
  const { searchParams } = url;
  for (const { operation, pattern, names, query } of routes.get(keyOf(host, method)) ?? []) {
    const values = pattern.exec(path)?.slice(1);
    const asked = ([name, value]: readonly [string, string]) =>
      searchParams.has(name) && (value === '' || searchParams.get(name) === value);
    if (!values || !query.every(asked)) continue;
    return { operation, params: Object.fromEntries(names.map((name, at) => [name, values[at] ?? ''])) };
  }
  return undefined;
}
