import type { NamedKeyCredential, TokenCredential } from '@azure/core-auth';
import { isTokenCredential } from '@azure/core-auth';
import { AzureNamedKeyCredential, TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import { ProviderError } from '../../model/error.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Kind, Records } from '../../ports/records.ts';
import { isRecordId } from '../record-body.ts';
import { entityOf, type Kept, kept } from './record-entity.ts';
import { itemPlace, type Place, pointers } from './record-keys.ts';
import { recordLists } from './record-lists.ts';
import { type Patience, patience, storeCall, storeClient } from './store-call.ts';

type Options = {
  /** Of the account: `https://<account>.table.core.windows.net`. */
  readonly endpoint: string;
  readonly table: string;
  readonly credential: TokenCredential | NamedKeyCredential;
  readonly ids: Ids;
  /** What differs from the SDK's own settings: the transport. */
  readonly client?: TableServiceClientOptions;
  readonly patience?: Patience;
};

const hasCode = (thrown: unknown, ...codes: readonly string[]): boolean =>
  thrown instanceof ProviderError && codes.includes(thrown.code);
const isRefused = (thrown: unknown): boolean =>
  hasCode(thrown, 'EntityAlreadyExists', 'UpdateConditionNotSatisfied', 'ResourceNotFound');
const isUnanswered = (thrown: unknown): boolean => thrown instanceof ProviderError && thrown.indeterminate;

function clientOf({ endpoint, table, credential, client }: Options): TableClient {
  const options = { ...storeClient, ...client };
  return isTokenCredential(credential)
    ? new TableClient(endpoint, table, credential, options)
    : new TableClient(endpoint, table, new AzureNamedKeyCredential(credential.name, credential.key), options);
}

/**
 * Records in one Azure Table with conditional single-entity writes (learn.microsoft.com/rest/api/storageservices,
 * "Insert Entity", "Update Entity", "Query Entities").
 *
 * An item lies in the partition of its family, in the order of ids. What is named after its group, as the row
 * `<run>:000012` of the journal of `<run>`, thereby lies together, and a list reads it there.
 *
 * A table has no index and no write over two partitions. So rows of our own point to what lies elsewhere: one for the
 * group and one for the due date of *each version* of an item, written before that version and taken away after the
 * next. Whatever dies in between, each version that can be read has its rows, and a row too many does no harm: a list reads
 * every item that a row points to and believes the item alone. What a list finds outdated it takes away; it can never be
 * needed again, because a version is never written twice. A row whose version has not come yet stays.
 *
 * A write that was repeated and then refused, or never answered, reads the item back: when it carries this write's
 * token it was done. One that another writer has replaced by then counts as refused, which is what its caller reads.
 */
export function tablesRecords(options: Options): Records {
  const client = clientOf(options);
  const { ids, patience: limits = patience } = options;

  async function get(kind: Kind, id: string): Promise<Kept | undefined> {
    const { partitionKey, rowKey } = itemPlace(kind, id);
    try {
      return kept(await storeCall(limits, (call) => client.getEntity(partitionKey, rowKey, call)));
    } catch (thrown) {
      if (hasCode(thrown, 'ResourceNotFound')) return undefined;
      throw thrown;
    }
  }

  const point = (rows: readonly Place[]): Promise<unknown> =>
    Promise.all(rows.map((row) => storeCall(limits, (call) => client.upsertEntity(row, 'Replace', call))));

  /** What stays here, because a call failed, the next list that comes upon it takes away. */
  const clear = (rows: readonly Place[]): Promise<unknown> => {
    const once = { ...limits, pausesMilliseconds: [] };
    return Promise.allSettled(
      rows.map((row) => storeCall(once, (call) => client.deleteEntity(row.partitionKey, row.rowKey, call))),
    );
  };

  async function write(
    { kind, id, writer }: ReturnType<typeof entityOf>,
    send: (call: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
  ): Promise<boolean> {
    let attempts = 0;
    try {
      await storeCall(limits, (call) => {
        attempts += 1;
        return send(call);
      });
      return true;
    } catch (thrown) {
      const refused = isRefused(thrown);
      const inDoubt = refused ? attempts > 1 : isUnanswered(thrown);
      if (inDoubt && (await get(kind, id))?.writer === writer) return true;
      if (refused) return false;
      throw thrown;
    }
  }

  return {
    async create(draft) {
      const entity = entityOf(draft, 1, ids.token());
      await point(pointers(draft, 1));
      return write(entity, (call) => client.createEntity(entity, call));
    },
    read: async (kind, id) => (isRecordId(id) ? (await get(kind, id))?.item : undefined),
    async replace(draft, version) {
      const entity = entityOf(draft, version + 1, ids.token());
      const [before] = await Promise.all([get(draft.kind, draft.id), point(pointers(draft, version + 1))]);
      if (before?.item.version !== version) return false;
      const { etag, item } = before;
      const made = await write(entity, (call) => client.updateEntity(entity, 'Replace', { ...call, etag }));
      if (made) await clear(pointers(item, version));
      return made;
    },
    ...recordLists({ client, limits, get, clear }),
  };
}
