import type { Json } from '../model/json.ts';
import { envelopeNames } from './envelope.ts';
import { unread } from './message.ts';
import type { Reading, Source } from './source.ts';
import { sources } from './sources.ts';

const index: ReadonlyMap<string, Source> = new Map(
  sources.flatMap((source) => source.envelopes.map((name) => [name, source] as const)),
);

/** The source whose message this is. */
export const recognise = (event: Json): Source | undefined =>
  envelopeNames(event)
    .map((name) => index.get(name))
    .find((source) => source !== undefined);

/** One message as findings, or why there are none, with every source at hand; `readMessage` loads just the one. Never throws. */
export function normalise(event: Json): { readonly source: string | null; readonly reading: Reading } {
  const source = recognise(event);
  return source ? { source: source.id, reading: source.read(event) } : { source: null, reading: unread(event) };
}
