import type { Json } from '../model/json.ts';
import { envelopeNames } from './envelope.ts';
import { unread } from './message.ts';
import type { Reading } from './source.ts';
import { sourceIndex } from './source-index.ts';

/** Stage 2 of the road: one message as findings, or why there are none. Only the source that reads it is loaded. Never throws for what a message says. */
export async function readMessage(event: Json): Promise<{ readonly source: string | null; readonly reading: Reading }> {
  const [load] = envelopeNames(event).flatMap((name) => sourceIndex.get(name) ?? []);
  const source = await load?.();
  return source ? { source: source.id, reading: source.read(event) } : { source: null, reading: unread(event) };
}
