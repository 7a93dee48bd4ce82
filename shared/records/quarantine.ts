import { digest, Json } from '../model/json.ts';
import { masked } from '../model/masked.ts';
import { Quarantined } from '../model/quarantined.ts';
import type { Clock } from '../ports/clock.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Records } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly evidence: Evidence; readonly clock: Clock };

/** What could not be used and why: `event` when it is JSON, `text` when it is not. */
export type Unusable = {
  readonly message: { readonly event: Json } | { readonly text: string };
  readonly source: string | null;
  readonly problem: string;
  readonly remedy: string;
  readonly requester: string;
};

const headLength = 4_096;
const sentenceLength = 300;

/** The start of a text, without secrets, and without control characters: each of them would take six bytes in the record. */
const head = (text: string): string =>
  masked(text.slice(0, 2 * headLength))
    .slice(0, headLength)
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, '\uFFFD');

/** Keeps a message that cannot be used; the same message once. Answers with its id, the digest of the message. */
export async function quarantine({ records, evidence, clock }: Deps, unusable: Unusable): Promise<string> {
  const { message, source, problem, remedy, requester } = unusable;
  const event = 'event' in message ? await evidence.put(message.event) : null;
  const text = 'text' in message ? message.text.toWellFormed() : '';
  const id = event ?? digest(text);
  const at = clock.now();
  const body: Quarantined = {
    id,
    at,
    source,
    problem: problem.slice(0, sentenceLength),
    remedy: remedy.slice(0, sentenceLength),
    event,
    head: event === null ? head(text) : null,
    requester,
  };
  await records.create({ kind: 'quarantined', id, group: at.slice(0, 10), body: Json.parse(body) });
  return id;
}

/** The messages kept on one day (`2026-11-20`). */
export const quarantinedOn = async ({ records }: Pick<Deps, 'records'>, day: string): Promise<readonly Quarantined[]> =>
  (await records.list('quarantined', day)).map(({ body }) => Quarantined.parse(body));
