import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { ProviderError } from '../../model/error.ts';
import { Json, own } from '../../model/json.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Draft, Kind, Records, Stored } from '../../ports/records.ts';
import { isRecordId, recordBody } from '../record-body.ts';
import { storeCall, storeClient } from './store-call.ts';

type Options = {
  readonly table: string;
  readonly ids: Ids;
  /** What differs from the SDK's own settings: region, endpoint, credentials, transport. */
  readonly client?: DynamoDBClientConfig;
};

const deadlineMilliseconds = 10_000;

/** The indexes of the table, as serverless.yml makes them. */
const byGroup = 'by-group';
const byDue = 'by-due';

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const Item = z.object({
  kind: text,
  id: text,
  version: z.object({ N: z.coerce.number().int() }).transform(({ N }) => N),
  writer: text,
  body: text,
  group: text.optional(),
  due: text.optional(),
});

const groupKey = (kind: Kind, group: string): string => `${kind}#${group}`;

/** What an id begins with, up to its last colon, or the whole of it: `<run>` of `<run>:000012`. */
const family = (id: string): string => id.slice(0, id.includes(':') ? id.lastIndexOf(':') : undefined);
const partitionOf = (kind: Kind, id: string): string => groupKey(kind, family(id));

function itemOf(draft: Draft, version: number, writer: string): Record<string, AttributeValue> {
  const { kind, id, group, due } = draft;
  return {
    pk: { S: partitionOf(kind, id) },
    id: { S: id },
    kind: { S: kind },
    version: { N: String(version) },
    writer: { S: writer },
    body: { S: recordBody(draft) },
    ...(group !== undefined && { group: { S: group } }),
    ...(group !== undefined && group !== family(id) && { grouped: { S: groupKey(kind, group) } }),
    ...(due !== undefined && { due: { S: due } }),
  };
}

function stored(item: unknown): Stored {
  const { kind, id, version, body, group, due } = Item.parse(item);
  return {
    kind: kind as Kind, // only kinds are ever written
    id,
    version,
    body: Json.parse(JSON.parse(body)),
    ...(group !== undefined && { group }),
    ...(due !== undefined && { due }),
  };
}

const isRefused = (thrown: unknown): boolean =>
  thrown instanceof ProviderError && thrown.code === 'ConditionalCheckFailed';
const isUnanswered = (thrown: unknown): boolean => thrown instanceof ProviderError && thrown.indeterminate;
const wasRepeated = (thrown: unknown): boolean => own(own(own(thrown, 'cause'), '$metadata'), 'attempts') !== 1;

const inOrder = (a: Stored, b: Stored): number => (a.id < b.id ? -1 : 1);

/**
 * Records in one DynamoDB table with single-item conditional writes (docs.aws.amazon.com/amazondynamodb, "Condition
 * expressions", "Read consistency").
 *
 * An item lies at `pk` = `kind#family`, sort key `id`. What is named after its group, as the row `<run>:000012` of the
 * journal of `<run>`, thereby lies together in the table itself, and a list reads it there with strong consistency: a
 * journal, and the count of an hour's runs, are complete the moment they are written. Other groups are listed by the index
 * `by-group`, and what is due by `by-due`; an index follows the table within moments, whatever happens to its writer.
 *
 * A write that was repeated and then refused, or never answered, reads the item back: when it carries this write's
 * token it was done. One that another writer has replaced by then counts as refused, which is what its caller reads.
 */
export function dynamoRecords({ table: TableName, ids, client: config }: Options): Records {
  const client = new DynamoDBClient({ ...storeClient, ...config });

  async function get(kind: Kind, id: string): Promise<Record<string, AttributeValue> | undefined> {
    const Key = { pk: { S: partitionOf(kind, id) }, id: { S: id } };
    const command = new GetItemCommand({ TableName, Key, ConsistentRead: true });
    return (await storeCall(deadlineMilliseconds, (options) => client.send(command, options))).Item;
  }

  async function put(
    draft: Draft,
    version: number,
    condition: Omit<PutItemCommandInput, 'TableName' | 'Item'>,
  ): Promise<boolean> {
    const writer = ids.token();
    const command = new PutItemCommand({ TableName, Item: itemOf(draft, version, writer), ...condition });
    try {
      await storeCall(deadlineMilliseconds, (options) => client.send(command, options));
      return true;
    } catch (thrown) {
      const refused = isRefused(thrown);
      const inDoubt = refused ? wasRepeated(thrown) : isUnanswered(thrown);
      if (inDoubt && (await get(draft.kind, draft.id))?.['writer']?.S === writer) return true;
      if (refused) return false;
      throw thrown;
    }
  }

  async function query(
    input: Omit<QueryCommandInput, 'TableName'>,
    atMost?: number,
    fits: (item: Stored) => boolean = () => true,
  ): Promise<readonly Stored[]> {
    const all: Stored[] = [];
    const asked = { TableName, Limit: atMost, ...input };
    await storeCall(deadlineMilliseconds, async (options) => {
      for await (const { Items = [] } of paginateQuery({ client }, asked, options)) {
        all.push(...Items.map(stored).filter(fits));
        if (atMost !== undefined && all.length >= atMost) return;
      }
    });
    return all.slice(0, atMost);
  }

  return {
    create: (draft) => put(draft, 1, { ConditionExpression: 'attribute_not_exists(pk)' }),
    async read(kind, id) {
      const item = isRecordId(id) ? await get(kind, id) : undefined;
      return item && stored(item);
    },
    replace: (draft, version) =>
      put(draft, version + 1, {
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(version) } },
      }),
    async list(kind, group, limit) {
      const ExpressionAttributeValues = { ':group': { S: groupKey(kind, group) } };
      const table = { KeyConditionExpression: 'pk = :group', ExpressionAttributeValues, ConsistentRead: true };
      const index = { IndexName: byGroup, KeyConditionExpression: 'grouped = :group', ExpressionAttributeValues };
      const [here, indexed] = await Promise.all([
        query(table, limit, (one) => one.group === group),
        query(index, limit),
      ]);
      return [...here, ...indexed].sort(inOrder).slice(0, limit);
    },
    listDue: (kind, before, limit) =>
      query(
        {
          IndexName: byDue,
          KeyConditionExpression: '#kind = :kind AND #due <= :before',
          ExpressionAttributeNames: { '#kind': 'kind', '#due': 'due' },
          ExpressionAttributeValues: { ':kind': { S: kind }, ':before': { S: before } },
        },
        limit,
      ),
  };
}
