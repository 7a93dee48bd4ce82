import { createHmac } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../../shared/sandbox/http.ts';
import { listen } from '../../shared/sandbox/mount.ts';

type Entity = { readonly [name: string]: unknown };
type Kept = { readonly etag: string; readonly entity: Entity };
type Table = Map<string, Kept>;
type Keys = { readonly PartitionKey: string; readonly RowKey: string };

/** A Table service on the loopback interface. */
export type TablesServer = {
  readonly endpoint: string;
  readonly credential: { readonly name: string; readonly key: string };
  /** Operations in the order in which they came: `GET item!run!a a`. */
  readonly asked: string[];
  /** All keys of a table, in order. */
  keys(table: string): readonly string[];
  /** From now on a page has at most so many entities, and every query begins with an empty one. */
  shorten(pageSize: number): void;
  stop(): Promise<void>;
};

/** An error as the service writes it (learn.microsoft.com/rest/api/storageservices/table-service-error-codes). */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const json = 'application/json;odata=minimalmetadata;streaming=true;charset=utf-8';
const answer = (status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers: { 'x-ms-version': '2019-02-02', ...(body !== undefined && { 'content-type': json }), ...headers },
  body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
});
const refused = ({ status, code, message }: Refusal): HttpResponse => {
  const value = `${message}\nRequestId:0\nTime:2026-11-20T09:05:00.0000000Z`;
  return answer(status, { 'odata.error': { code, message: { lang: 'en-US', value } } });
};

const notFound = () => new Refusal(404, 'ResourceNotFound', 'The specified resource does not exist.');
const invalid = (message: string) => new Refusal(400, 'InvalidInput', message);

/** Between the keys of an entity: neither may hold it, and it sorts before all else. */
const between = '\u0000';
const keyOf = ({ PartitionKey, RowKey }: Keys): string => PartitionKey + between + RowKey;

/** The limits of learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model. */
function checkEntity(entity: Entity): void {
  for (const name of ['PartitionKey', 'RowKey']) {
    const value = entity[name];
    if (typeof value !== 'string') throw new Refusal(400, 'PropertiesNeedValue', `${name} is missing.`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the service refuses
    if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(value))
      throw new Refusal(400, 'OutOfRangeInput', `The '${name}' parameter of value '${value}' is out of range.`);
    if (value.length * 2 > 1_024) throw new Refusal(400, 'KeyValueTooLarge', 'The key is larger than 1 KB.');
  }
  const sizes = Object.values(entity).map((value) => (typeof value === 'string' ? value.length * 2 : 8));
  if (Math.max(...sizes) > 65_536) throw new Refusal(400, 'PropertyValueTooLarge', 'A property exceeds 64 KB.');
  if (sizes.reduce((sum, size) => sum + size, 0) > 1_048_576)
    throw new Refusal(400, 'EntityTooLarge', 'The entity is larger than 1 MB.');
}

type Test = (entity: Entity) => boolean;
const compare: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  eq: (a, b) => a === b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** A filter of comparisons joined by `and`. */
function filterOf(text: string): Test {
  const tests: Test[] = [];
  const one = /(\w+) (\w+) '((?:[^']|'')*)'( and |$)/y;
  while (one.lastIndex < text.length) {
    const [, property = '', operator = '', literal = ''] = one.exec(text) ?? [];
    const holds = compare[operator];
    if (!holds) throw invalid('The query condition specified in the request is invalid.');
    const wanted = literal.replaceAll("''", "'");
    tests.push((entity) => holds(String(entity[property]), wanted));
  }
  return (entity) => tests.every((test) => test(entity));
}

const token = (text: string): string => `1!${text.length}!${Buffer.from(text).toString('base64url')}`;
const tokenText = (given: string | null): string => Buffer.from(given?.split('!')[2] ?? '', 'base64url').toString();

const shown = ({ etag, entity }: Kept, select: string | null): Entity => {
  const names = select?.split(',') ?? Object.keys(entity);
  return { 'odata.etag': etag, ...Object.fromEntries(names.map((name) => [name, entity[name]])) };
};

class Tables {
  readonly #tables = new Map<string, Table>();
  #writes = 0;
  pageSize: number | undefined;

  table(name: string): Table {
    const table = this.#tables.get(name);
    if (table) return table;
    throw new Refusal(404, 'TableNotFound', 'The table specified does not exist.');
  }

  create({ TableName }: Entity): HttpResponse {
    const name = String(TableName);
    if (!/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(name)) throw new Refusal(400, 'InvalidResourceName', 'A bad name.');
    if (this.#tables.has(name)) throw new Refusal(409, 'TableAlreadyExists', 'The table specified already exists.');
    this.#tables.set(name, new Map());
    return answer(204);
  }

  #put(table: Table, entity: Entity): HttpResponse {
    checkEntity(entity);
    this.#writes += 1;
    const Timestamp = new Date(Date.UTC(2026, 10, 20) + this.#writes).toISOString();
    const etag = `W/"datetime'${encodeURIComponent(Timestamp)}'"`;
    const { PartitionKey, RowKey } = entity as Keys; // `checkEntity` has seen both
    table.set(keyOf({ PartitionKey, RowKey }), { etag, entity: { ...entity, Timestamp } });
    return answer(204, undefined, { etag });
  }

  insert(table: Table, entity: Entity): HttpResponse {
    if (table.has(keyOf(entity as Keys)))
      // one without keys is refused next
      throw new Refusal(409, 'EntityAlreadyExists', 'The specified entity already exists.');
    return this.#put(table, entity);
  }

  /** Update Entity and Merge Entity with `If-Match`, Insert Or Replace and Insert Or Merge without. */
  update(table: Table, keys: Keys, { method, headers }: HttpRequest, entity: Entity): HttpResponse {
    const before = table.get(keyOf(keys));
    this.#check(before, headers['if-match']);
    return this.#put(table, { ...(method !== 'PUT' && before?.entity), ...entity, ...keys });
  }

  delete(table: Table, keys: Keys, { headers }: HttpRequest): HttpResponse {
    const wanted = headers['if-match'];
    if (wanted === undefined) throw new Refusal(400, 'MissingRequiredHeader', 'If-Match is missing.');
    this.#check(table.get(keyOf(keys)), wanted);
    table.delete(keyOf(keys));
    return answer(204);
  }

  #check(before: Kept | undefined, wanted: string | undefined): void {
    if (wanted === undefined) return;
    if (!before) throw notFound();
    if (wanted !== '*' && wanted !== before.etag)
      throw new Refusal(412, 'UpdateConditionNotSatisfied', 'The update condition was not satisfied.');
  }

  query(table: Table, asked: URLSearchParams): HttpResponse {
    const from = tokenText(asked.get('NextPartitionKey')) + between + tokenText(asked.get('NextRowKey'));
    const fits = filterOf(asked.get('$filter') ?? '');
    const rows = [...table]
      .filter(([key, { entity }]) => key >= from && fits(entity))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const size = Math.min(Number(asked.get('$top') ?? 1_000), this.pageSize ?? 1_000);
    const begins = this.pageSize !== undefined && !asked.has('NextPartitionKey');
    const page = rows.slice(0, begins ? 0 : size);
    const [partition, row] = rows[page.length]?.[0].split(between) ?? [];
    const more = partition !== undefined &&
      row !== undefined && {
        'x-ms-continuation-nextpartitionkey': token(partition),
        'x-ms-continuation-nextrowkey': token(row),
      };
    return answer(200, { value: page.map(([, kept]) => shown(kept, asked.get('$select'))) }, { ...more });
  }
}

/** `records(PartitionKey='a',RowKey='b')` */
function placeIn(path: string): { readonly name: string; readonly keys: Keys | undefined } {
  const text = decodeURIComponent(path);
  const [, name = '', PartitionKey, RowKey] =
    /^\/(\w+)(?:\(\)|\(PartitionKey='((?:[^']|'')*)',RowKey='((?:[^']|'')*)'\))?$/.exec(text) ?? [];
  const plain = (key: string): string => key.replaceAll("''", "'");
  const keys = PartitionKey !== undefined && RowKey !== undefined;
  return { name, keys: keys ? { PartitionKey: plain(PartitionKey), RowKey: plain(RowKey) } : undefined };
}

const credential = { name: 'cordon', key: Buffer.from('the key of a table on the loopback').toString('base64') };

/** Shared Key Lite (learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key); any token is taken. */
function checkSignature({ headers, url }: HttpRequest): void {
  if (headers['authorization']?.startsWith('Bearer ')) return;
  const signed = `${headers['x-ms-date']}\n/${credential.name}${url.pathname}`;
  const signature = createHmac('sha256', Buffer.from(credential.key, 'base64')).update(signed).digest('base64');
  if (headers['authorization'] !== `SharedKeyLite ${credential.name}:${signature}`)
    throw new Refusal(403, 'AuthenticationFailed', 'Server failed to authenticate the request.');
}

function serve(tables: Tables, request: HttpRequest): HttpResponse {
  checkSignature(request);
  const { method, url, body } = request;
  const given: Entity = body.length > 0 ? JSON.parse(Buffer.from(body).toString()) : {};
  const { name, keys } = placeIn(url.pathname);
  if (method === 'POST' && name === 'Tables') return tables.create(given);
  const table = tables.table(name);
  if (method === 'POST') return tables.insert(table, given);
  if (!keys) return tables.query(table, url.searchParams);
  if (method === 'DELETE') return tables.delete(table, keys, request);
  if (method === 'PUT' || method === 'PATCH') return tables.update(table, keys, request, given);
  const kept = table.get(keyOf(keys));
  if (!kept) throw notFound();
  return answer(200, shown(kept, url.searchParams.get('$select')), { etag: kept.etag });
}

/** Starts a Table service that speaks its OData protocol in JSON, as far as records need it. */
export async function startTables(): Promise<TablesServer> {
  const tables = new Tables();
  const asked: string[] = [];
  const server = await listen(async (request) => {
    const { keys } = placeIn(request.url.pathname);
    asked.push([request.method, ...(keys ? [keys.PartitionKey, keys.RowKey] : [])].join(' '));
    try {
      return serve(tables, request);
    } catch (thrown) {
      if (thrown instanceof Refusal) return refused(thrown);
      throw thrown;
    }
  });
  return {
    endpoint: server.url,
    credential,
    asked,
    keys: (name) => [...tables.table(name).keys()].sort().map((key) => key.replace(between, ' ')),
    shorten(pageSize) {
      tables.pageSize = pageSize;
    },
    stop: server.close,
  };
}
