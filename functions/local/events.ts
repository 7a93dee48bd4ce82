import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { envelopeOf, parseEvent, unwrap } from '../../shared/ingest/message.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import type { Envelope } from '../../shared/ingest/screen.ts';
import type { Reading } from '../../shared/ingest/source.ts';
import { InvalidInput, messageOf } from '../../shared/model/error.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Json } from '../../shared/model/json.ts';

/** One message of a file, and what its source makes of it. */
export type ReadEvent = {
  readonly file: string;
  readonly event: Json;
  readonly envelope: Envelope;
  readonly source: string | null;
  readonly reading: Reading;
};

const textOf = async (file: string): Promise<string> => {
  try {
    return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch (thrown) {
    throw new InvalidInput({
      code: 'no-such-file',
      message: messageOf(thrown),
      place: { file },
      remedy: 'Name a readable JSON file, or - for standard input.',
    });
  }
};

/** The messages of a file, `-` for standard input. Throws `InvalidInput` for what is not JSON. */
export async function readEvents(file: string): Promise<readonly ReadEvent[]> {
  const parsed = parseEvent(await textOf(file));
  if (!('event' in parsed))
    throw new InvalidInput({ code: 'bad-event', message: parsed.problem, place: { file }, remedy: parsed.remedy });
  return unwrap(parsed.event).map((event) => ({ file, event, envelope: envelopeOf(event), ...normalise(event) }));
}

/** The one finding of a file. Throws `InvalidInput` with the reason when there is none. */
export async function oneFinding(file: string): Promise<ReadEvent & { readonly finding: Finding }> {
  for (const read of await readEvents(file)) {
    const { reading } = read;
    if (reading.kind === 'findings' && reading.findings[0]) return { ...read, finding: reading.findings[0] };
    if (reading.kind === 'malformed')
      throw new InvalidInput({ code: 'bad-event', message: reading.problem, place: { file }, remedy: reading.remedy });
    if (reading.kind === 'ignored')
      throw new InvalidInput({ code: 'no-finding', message: reading.reason, place: { file } });
  }
  throw new InvalidInput({ code: 'no-finding', message: 'the file holds no message', place: { file } });
}
