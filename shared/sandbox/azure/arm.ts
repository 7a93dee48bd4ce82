import { asJson, type JsonObject, own } from '../../model/json.ts';
import { AzureFault } from './fault.ts';
import { stillRunning } from './long-running.ts';
import type { AzureAnswer, AzureCall, AzureOperation, Need } from './operation.ts';
import { etagOf, type ResourceRow, resources } from './rows.ts';

/** The ARM id that a request's path names. */
export const resourceIdOf = ({ url }: AzureCall): string => decodeURIComponent(url.pathname);

const keyOf = (id: string): string => id.toLowerCase();

/** A resource as the call may see it; 404 in ARM's words when there is none. */
export function resourceOf({ view }: Pick<AzureCall, 'view'>, id: string): ResourceRow {
  const row = view.get(resources, keyOf(id));
  if (row) return row;
  const [, , , , group = '', , namespace = '', ...rest] = id.split('/');
  const name = `${namespace}/${rest.filter((_, at) => at % 2 === 0).join('/')}/${rest.at(-1) ?? ''}`;
  throw new AzureFault(
    404,
    'ResourceNotFound',
    `The Resource '${name}' under resource group '${group}' was not found.`,
  );
}

/** The resource as the wire shows it. */
export const onWire = (row: ResourceRow): JsonObject => ({
  name: row.name,
  id: row.id,
  etag: etagOf(row),
  type: row.type,
  location: row.location,
  tags: { ...row.tags },
  ...row.extra,
  properties: { ...row.properties, provisioningState: 'Succeeded' },
});

/** Refuses a write whose `If-Match` names another version. */
export function checkEtag({ headers }: AzureCall, row: ResourceRow | undefined): void {
  const wanted = headers['if-match'];
  if (wanted !== undefined && wanted !== '*' && (!row || wanted !== etagOf(row)))
    throw new AzureFault(412, 'PreconditionFailed', 'Precondition failed: the etag does not match.');
}

const strings = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]))
    : {};

const known = ['id', 'name', 'type', 'etag', 'location', 'tags', 'properties'];

/** Writes a resource whole, as PUT does: what the body leaves out is gone. */
export function putResource(call: AzureCall, id: string, type: string, body: JsonObject): ResourceRow {
  const { rows } = call.world;
  const before = rows.get(resources, keyOf(id));
  checkEtag(call, before);
  const properties = asJson(own(body, 'properties') ?? {}) as JsonObject; // ARM properties are an object
  const { provisioningState: _, ...kept } = properties;
  const row: ResourceRow = {
    id: before?.id ?? id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type,
    location: String(own(body, 'location') ?? before?.location ?? ''),
    tags: strings(own(body, 'tags')),
    properties: kept,
    revision: (before?.revision ?? 0) + 1,
    extra: Object.fromEntries(Object.entries(body).filter(([key]) => !known.includes(key))),
  };
  rows.put(resources, keyOf(id), row);
  return row;
}

/** Seeds a resource from an estate file. */
export const seedResource = (
  rows: AzureCall['world']['rows'],
  row: Omit<ResourceRow, 'name' | 'revision' | 'extra'> & { readonly extra?: JsonObject },
): void =>
  rows.put(resources, keyOf(row.id), {
    extra: {},
    ...row,
    name: row.id.slice(row.id.lastIndexOf('/') + 1),
    revision: 1,
  });

/** Resources of a type below a scope. */
export const resourcesBelow = (
  { view }: Pick<AzureCall, 'view'>,
  scope: string,
  type: string,
): readonly ResourceRow[] =>
  view
    .all(resources)
    .map(([, row]) => row)
    .filter((row) => row.type.toLowerCase() === type.toLowerCase() && keyOf(row.id).startsWith(`${keyOf(scope)}/`));

const pageSize = 50;

/** One page of a list as ARM gives it; `nextLink` leads to the next one. */
export function list({ url }: AzureCall, items: readonly JsonObject[]): AzureAnswer {
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from + pageSize));
  const more = items.length > from + pageSize && { nextLink: next.href };
  return { status: 200, body: { value: items.slice(from, from + pageSize), ...more } };
}

type Hooks = {
  /** Checks and completes a PUT's body; throws `AzureFault`. */
  readonly accept?: (body: JsonObject, call: AzureCall, id: string) => JsonObject;
  /** Rights on other resources that a PUT's body refers to. */
  readonly links?: (call: AzureCall) => readonly Need[];
  /** What the wire shows beside what is stored. */
  readonly show?: (row: ResourceRow, call: AzureCall) => JsonObject;
  /** Refuses to delete what is still needed; throws `AzureFault`. */
  readonly release?: (row: ResourceRow, call: AzureCall) => void;
  /** Writes answer before they are done. */
  readonly longRunning?: boolean;
};

const groupPath = '/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers';

/** GET, PUT, DELETE and both lists of one resource type, as every ARM provider has them. */
export function armResource(
  type: string,
  { accept = (body) => body, links = () => [], show = onWire, release = () => {}, longRunning = false }: Hooks = {},
): readonly AzureOperation[] {
  const path = `${groupPath}/${type}/{name}`;
  const written = (call: AzureCall, { location }: ResourceRow, answer: AzureAnswer): AzureAnswer =>
    longRunning ? stillRunning(call, type, location, answer) : answer;
  const itself =
    (operation: string) =>
    (call: AzureCall): Need[] => [{ action: operation, scope: resourceIdOf(call) }];
  return [
    {
      host: 'arm',
      method: 'GET',
      path,
      operation: `${type}/read`,
      reads: true,
      does: (call) => ({ status: 200, body: show(resourceOf(call, resourceIdOf(call)), call) }),
    },
    {
      host: 'arm',
      method: 'PUT',
      path,
      operation: `${type}/write`,
      reads: false,
      needs: (call) => [...itself(`${type}/write`)(call), ...links(call)],
      does(call) {
        const id = resourceIdOf(call);
        const existed = call.world.rows.get(resources, keyOf(id)) !== undefined;
        const row = putResource(call, id, type, accept(call.body, call, id));
        return written(call, row, { status: existed ? 200 : 201, body: show(row, call) });
      },
    },
    {
      host: 'arm',
      method: 'DELETE',
      path,
      operation: `${type}/delete`,
      reads: false,
      does(call) {
        const row = call.world.rows.get(resources, keyOf(resourceIdOf(call)));
        if (!row) return { status: 204 };
        checkEtag(call, row);
        release(row, call);
        call.world.rows.delete(resources, keyOf(row.id));
        return written(call, row, { status: longRunning ? 202 : 200 });
      },
    },
    ...[`${groupPath}/${type}`, `/subscriptions/{subscription}/providers/${type}`].map(
      (listPath): AzureOperation => ({
        host: 'arm',
        method: 'GET',
        path: listPath,
        operation: `${type}/read`,
        reads: true,
        does(call) {
          const scope = resourceIdOf(call).split('/providers/')[0] ?? '';
          return list(
            call,
            resourcesBelow(call, scope, type).map((row) => show(row, call)),
          );
        },
      }),
    ),
  ];
}
