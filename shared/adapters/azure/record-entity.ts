import * as z from 'zod';
import { Json } from '../../model/json.ts';
import type { Draft, Kind, Stored } from '../../ports/records.ts';
import { recordBody } from '../record-body.ts';
import { itemPlace } from './record-keys.ts';

/** An item with what only the store knows: who wrote it, and the mark of this state of it. */
export type Kept = { readonly item: Stored; readonly writer: string; readonly etag: string };

const Entity = z.object({
  etag: z.string(),
  kind: z.string(),
  id: z.string(),
  version: z.int(),
  writer: z.string(),
  body: z.string(),
  group: z.string().optional(),
  due: z.string().optional(),
});

/** An item as it is written. Throws `bad-record` where it does not fit. */
export const entityOf = (draft: Draft, version: number, writer: string) => ({
  ...itemPlace(draft.kind, draft.id),
  kind: draft.kind,
  id: draft.id,
  version,
  writer,
  body: recordBody(draft),
  ...(draft.group !== undefined && { group: draft.group }),
  ...(draft.due !== undefined && { due: draft.due }),
});

/** An item as it was read. */
export function kept(entity: unknown): Kept {
  const { etag, kind, id, version, writer, body, group, due } = Entity.parse(entity);
  const item: Stored = {
    kind: kind as Kind, // only kinds are ever written
    id,
    version,
    body: Json.parse(JSON.parse(body)),
    ...(group !== undefined && { group }),
    ...(due !== undefined && { due }),
  };
  return { item, writer, etag };
}
