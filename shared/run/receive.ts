import type { Settings } from '../config/settings.ts';
import { envelopeOf, parseEvent, unwrap } from '../ingest/message.ts';
import { readMessage } from '../ingest/read-message.ts';
import type { Unread } from '../ingest/source.ts';
import { InvalidInput } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Reason } from '../model/reason.ts';
import type { Requester } from '../model/run.ts';
import type { PlaybookSet } from '../playbook/playbook-set.ts';
import type { Clock } from '../ports/clock.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Records } from '../ports/records.ts';
import type { Starter } from '../ports/starter.ts';
import { askRecheck } from '../records/rechecks.ts';
import { quarantine, type Unusable } from '../records/quarantine.ts';
import { type Opening, openRuns } from './open.ts';
import { readRun } from './turn.ts';

/** What receiving reaches the outside through. */
export type ReceiveDeps = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly starter: Starter;
};

/** What became of one message, or of one finding in it. */
export type Received =
  | {
      readonly kind: 'opened';
      readonly finding: string;
      readonly runId: string;
      readonly playbook: string;
      readonly target: string;
      /** False when an earlier delivery had opened it. */
      readonly fresh: boolean;
    }
  | {
      readonly kind: 'skipped';
      readonly finding: string;
      readonly playbook: string | null;
      readonly reason: Reason;
    }
  /** A known source that has nothing to contain, such as a clean scan. */
  | { readonly kind: 'ignored'; readonly source: string; readonly why: string }
  | { readonly kind: 'quarantined'; readonly id: string; readonly problem: string; readonly remedy: string };

/** What became of one event of a delivery; its source where one was recognised. */
export type Taken = { readonly source: string | null; readonly became: readonly Received[] };

type Delivery = {
  readonly deps: ReceiveDeps;
  readonly playbooks: PlaybookSet;
  readonly requester: Requester;
};

const mostMessages = 5_000;
const tooDeep = '['.repeat(100);

async function set(
  { deps, requester }: Delivery,
  message: Unusable['message'],
  source: string | null,
  { problem, remedy }: Pick<Unusable, 'problem' | 'remedy'>,
): Promise<readonly Received[]> {
  const id = await quarantine(deps, { message, source, problem, remedy, requester: requester.id });
  return [{ kind: 'quarantined', id, problem, remedy }];
}

/** A run that an earlier delivery opened is started again unless it has ended: that start may have been lost. */
async function started({ deps }: Delivery, finding: Finding, opening: Opening): Promise<Received> {
  const { id } = finding;
  if (!opening.opened) return { kind: 'skipped', finding: id, playbook: opening.playbook, reason: opening.reason };
  const { runId, playbook, target, fresh, update } = opening;
  const ended = !fresh && (await readRun(deps.records, runId))?.status === 'ended';
  if (!ended) await deps.starter.start(runId);
  else if (update) await askRecheck(deps, runId);
  return { kind: 'opened', finding: id, runId, playbook, target, fresh };
}

async function open(delivery: Delivery, event: Json, findings: readonly Finding[]): Promise<readonly Received[]> {
  const { deps, playbooks, requester } = delivery;
  const envelope = envelopeOf(event);
  const all: Received[] = [];
  for (const finding of findings) {
    const openings = await openRuns(deps, playbooks, { finding, event, envelope, requester, wants: 'enforce' });
    all.push(...(await Promise.all(openings.map((opening) => started(delivery, finding, opening)))));
  }
  return all;
}

/** What makes no finding: kept where something is wrong with it, counted where a known source has nothing to contain. */
async function setAside(
  delivery: Delivery,
  event: Json,
  source: string | null,
  part: Unread,
): Promise<readonly Received[]> {
  if (part.kind === 'malformed') return set(delivery, { event }, source, part);
  if (source !== null) return [{ kind: 'ignored', source, why: part.reason }];
  const remedy = 'Route events of other sources away from Cordon, or add a source for them.';
  return set(delivery, { event }, source, { problem: part.reason, remedy });
}

async function receiveOne(delivery: Delivery, event: Json): Promise<Taken> {
  const { source, reading } = await readMessage(event);
  if (reading.kind !== 'findings') return { source, became: await setAside(delivery, event, source, reading) };
  const all: Received[] = [];
  for (const part of reading.rest ?? []) all.push(...(await setAside(delivery, event, source, part)));
  try {
    all.push(...(await open(delivery, event, reading.findings)));
  } catch (thrown) {
    // Too complex to be matched in bounded time: it will be the next time too. Every other fault may pass.
    if (!(thrown instanceof InvalidInput)) throw thrown;
    const remedy = thrown.remedy ?? 'Handle it by hand.';
    all.push(...(await set(delivery, { event }, source, { problem: thrown.message, remedy })));
  }
  return { source, became: all };
}

/** A message as text. JSON too deep to be written down becomes text that is too deep to be read. */
function textOf(message: Json): string {
  if (typeof message === 'string') return message;
  try {
    return JSON.stringify(message);
  } catch {
    return tooDeep;
  }
}

/**
 * Stages 1 to 5 of the road for one delivery: parse, unwrap, recognise, normalise, screen, match, open, start.
 * What can never be used is quarantined and is an answer like any other; it throws only what may pass when the
 * delivery comes again, and a delivery that comes again finds the runs it opened. Answers event by event.
 */
export async function receiveEach(
  deps: ReceiveDeps,
  playbooks: PlaybookSet,
  message: Json,
  requester: Requester,
): Promise<readonly Taken[]> {
  const delivery: Delivery = { deps, playbooks, requester };
  const text = textOf(message);
  const parsed = parseEvent(text);
  if ('problem' in parsed) return [{ source: null, became: await set(delivery, { text }, null, parsed) }];
  const messages = unwrap(parsed.event);
  if (messages.length > mostMessages) {
    const remedy = `Send at most ${mostMessages} events at once.`;
    const problem = `The delivery holds ${messages.length} messages.`;
    return [{ source: null, became: await set(delivery, { text }, null, { problem, remedy }) }];
  }
  const all: Taken[] = [];
  for (const event of messages) all.push(await receiveOne(delivery, event));
  return all;
}

/** The same, with what became of all events in one list. */
export const receive = async (...delivery: Parameters<typeof receiveEach>): Promise<readonly Received[]> =>
  (await receiveEach(...delivery)).flatMap(({ became }) => became);
