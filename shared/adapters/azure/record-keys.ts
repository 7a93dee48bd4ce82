import { digest } from '../../model/json.ts';
import type { Draft, Kind } from '../../ports/records.ts';

/** Where an entity lies (learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model). */
export type Place = { readonly partitionKey: string; readonly rowKey: string };

/** Between the parts of a key: no id holds it, and it sorts before whatever an id or an instant may hold. */
const mark = '!';

/** A name as it stands in a key: one that a key cannot hold stands there by its digest, which no other name looks like. */
const written = (name: string): string => (/^[\w.:-]{0,200}$/.test(name) ? name : `~${digest(name)}`);

/** What an id begins with, up to its last colon, or the whole of it: `<run>` of `<run>:000012`. */
const family = (id: string): string => id.slice(0, id.includes(':') ? id.lastIndexOf(':') : undefined);

/** The partition in which the items of one family lie, in the order of their ids. */
export const familyPartition = (kind: Kind, name: string): string => ['item', kind, written(name)].join(mark);

/** The partition whose rows point to the items of one group, in the order of their ids. */
export const groupPartition = (kind: Kind, group: string): string => ['group', kind, written(group)].join(mark);

/** The partition whose rows point to the items that are due, the earliest first. */
export const duePartition = (kind: Kind): string => ['due', kind].join(mark);

/** Rows of `duePartition` that are due at or before an instant sort before this. */
export const dueUntil = (before: string): string => before + String.fromCharCode(mark.charCodeAt(0) + 1);

export const itemPlace = (kind: Kind, id: string): Place => ({
  partitionKey: familyPartition(kind, family(id)),
  rowKey: id,
});

/** Versions have the width of the largest, so that the rows of one item lie in the order in which they were written. */
const point = (id: string, version: number): string => [id, String(version).padStart(10, '0')].join(mark);

/** The rows that point to one version of an item: none to its group where it lies with that anyway. */
export function pointers({ kind, id, group, due }: Omit<Draft, 'body'>, version: number): readonly Place[] {
  const grouped = group !== undefined && group !== family(id);
  return [
    ...(grouped ? [{ partitionKey: groupPartition(kind, group), rowKey: point(id, version) }] : []),
    ...(due === undefined ? [] : [{ partitionKey: duePartition(kind), rowKey: due + mark + point(id, version) }]),
  ];
}

/** What a row points to. */
export function pointed({ rowKey }: Place): { readonly id: string; readonly version: number } {
  const [version, id = ''] = rowKey.split(mark).reverse();
  return { id, version: Number(version) };
}

export const samePlace = (one: Place, other: Place): boolean =>
  one.partitionKey === other.partitionKey && one.rowKey === other.rowKey;
