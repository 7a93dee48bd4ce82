import type { AwsClient } from '../../../shared/actions/aws/aws-action.ts';
import type { Table, View } from '../../../shared/sandbox/rows.ts';

/** What is put on moto, and where. */
export type Seeding = {
  readonly rows: View;
  readonly account: string;
  readonly region: string;
  client<C>(Client: AwsClient<C>): C;
  /** Ids of the estate, with the ids that moto gave instead. */
  readonly ids: Map<string, string>;
};

/** The rows of one account, and of one region where the rows have regions. */
export const rowsOf = <T extends { readonly account: string; readonly region?: string }>(
  { rows, account, region }: Pick<Seeding, 'rows' | 'account' | 'region'>,
  table: Table<T>,
): readonly T[] =>
  rows.all(table).flatMap(([, row]) => (row.account === account && (row.region ?? region) === region ? [row] : []));

/** The id that moto gave; what it did not make keeps its own. */
export const idOn = ({ ids }: Pick<Seeding, 'ids'>, id: string): string => ids.get(id) ?? id;

/** Tags as requests spell them; moto refuses those that AWS alone may set, as AWS does. */
export const tagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).flatMap(([Key, Value]) => (Key.startsWith('aws:') ? [] : [{ Key, Value }]));
