import { odata, type TableClient, type TableEntityResultPage } from '@azure/data-tables';
import * as z from 'zod';
import type { Kind, Records, Stored } from '../../ports/records.ts';
import { type Kept, kept } from './record-entity.ts';
import {
  duePartition,
  dueUntil,
  familyPartition,
  groupPartition,
  type Place,
  pointed,
  pointers,
  samePlace,
} from './record-keys.ts';
import { type Patience, storeCall } from './store-call.ts';

type Deps = {
  readonly client: TableClient;
  readonly limits: Patience;
  get(kind: Kind, id: string): Promise<Kept | undefined>;
  clear(rows: readonly Place[]): Promise<unknown>;
};
type Pages<T> = AsyncGenerator<readonly T[]>;

/** How many items are read at a time, and the most that Azure gives in one page. */
const atOnce = 32;
const pageSize = 1_000;
const pageFor = (limit: number): number => Math.min(Math.max(limit, atOnce), pageSize);

const Row = z.object({ partitionKey: z.string(), rowKey: z.string() });

const inOrder = (a: Stored, b: Stored): number => (a.id < b.id ? -1 : 1);

/** Whether a row says of an item what it says of itself. */
const fits = (row: Place, item: Stored): boolean =>
  pointers(item, pointed(row).version).some((own) => samePlace(own, row));

/** Whether a row can never again be needed: its version is over, or became something else. */
const isOutdated = (row: Place, item: Stored): boolean => {
  const { version } = pointed(row);
  return version < item.version || (version === item.version && !fits(row, item));
};

async function firstOf(pages: AsyncIterable<readonly Stored[]>, limit: number): Promise<readonly Stored[]> {
  const taken: Stored[] = [];
  for await (const page of pages) {
    taken.push(...page);
    if (taken.length >= limit) break;
  }
  return taken.slice(0, limit);
}

/** A query page by page, each page a call of its own. */
async function* pagesOf(
  { client, limits }: Pick<Deps, 'client' | 'limits'>,
  filter: string,
  maxPageSize: number,
  select?: string[],
): Pages<unknown> {
  const queryOptions = { filter, ...(select && { select }) };
  const pageAfter = (
    continuationToken: string | undefined,
  ): Promise<IteratorResult<TableEntityResultPage<Record<string, unknown>>>> =>
    storeCall(limits, (call) => {
      const settings = { maxPageSize, ...(continuationToken !== undefined && { continuationToken }) };
      return client
        .listEntities({ ...call, queryOptions })
        .byPage(settings)
        .next();
    });
  let page = await pageAfter(undefined);
  while (!page.done) {
    yield page.value;
    if (!page.value.continuationToken) return;
    page = await pageAfter(page.value.continuationToken);
  }
}

/** What lies together under the name of its group. */
async function* together(deps: Deps, kind: Kind, group: string, limit: number): Pages<Stored> {
  const filter = odata`PartitionKey eq ${familyPartition(kind, group)}`;
  for await (const page of pagesOf(deps, filter, pageFor(limit)))
    yield page.map((entity) => kept(entity).item).filter((item) => item.group === group);
}

/** Rows, each with the item it points to; one whose item is not there is left out. */
async function withItems({ get }: Deps, kind: Kind, rows: readonly Place[]) {
  const distinct = [...new Set(rows.map((row) => pointed(row).id))];
  const read = await Promise.all(distinct.map((id) => get(kind, id)));
  const items = new Map(read.flatMap((one) => (one ? [[one.item.id, one.item]] : [])));
  return rows.flatMap((row) => {
    const item = items.get(pointed(row).id);
    return item ? [{ row, item }] : [];
  });
}

/** What the rows of a query point to, each item once, in the order of the rows. */
async function* elsewhere(deps: Deps, kind: Kind, filter: string, limit: number): Pages<Stored> {
  const found = new Set<string>();
  for await (const page of pagesOf(deps, filter, pageFor(limit), ['PartitionKey', 'RowKey'])) {
    const rows = z.array(Row).parse(page);
    for (let at = 0; at < rows.length; at += atOnce) {
      const pairs = await withItems(deps, kind, rows.slice(at, at + atOnce));
      await deps.clear(pairs.filter(({ row, item }) => isOutdated(row, item)).map(({ row }) => row));
      const fresh = new Set(pairs.flatMap(({ row, item }) => (fits(row, item) && !found.has(item.id) ? [item] : [])));
      for (const { id } of fresh) found.add(id);
      yield [...fresh];
    }
  }
}

/** The lists of records in a Table: what lies together is read there, what lies elsewhere by the rows that point to it. */
export function recordLists(deps: Deps): Pick<Records, 'list' | 'listDue'> {
  return {
    async list(kind, group, limit = Number.POSITIVE_INFINITY) {
      const rows = odata`PartitionKey eq ${groupPartition(kind, group)}`;
      const [here, pointedTo] = await Promise.all([
        firstOf(together(deps, kind, group, limit), limit),
        firstOf(elsewhere(deps, kind, rows, limit), limit),
      ]);
      return [...here, ...pointedTo].sort(inOrder).slice(0, limit);
    },
    async listDue(kind, before, limit) {
      const rows = odata`PartitionKey eq ${duePartition(kind)} and RowKey lt ${dueUntil(before)}`;
      return firstOf(elsewhere(deps, kind, rows, limit), limit);
    },
  };
}
