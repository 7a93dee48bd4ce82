import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { CapturedState } from '../model/evidence.ts';
import { Json } from '../model/json.ts';
import { Change } from '../model/plan.ts';
import { reasonCodes } from '../model/reason.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import { checkChain, originOf, seal } from './chain.ts';

/** One thing that happened in a run. */
export const Entry = z.discriminatedUnion('type', [
  /** What the run set out to do, as its order said when the first turn began. */
  z.object({ type: z.literal('opened'), order: Json }),
  /** The answer to an effect of the program, remembered so that a replay gets the same one. */
  z.object({ type: z.literal('reply'), key: z.string(), reply: Json }),
  /** What is about to be changed and what was there: written before the call. */
  z.object({
    type: z.literal('intent'),
    step: z.string(),
    digest: z.string(),
    changes: z.array(Change),
    /** Captured state, or its digest in the evidence store when it is large. */
    captured: CapturedState,
    startedAt: z.string(),
  }),
  /** One call to a provider; `requestId` joins it to CloudTrail or the Activity Log. */
  z.object({
    type: z.literal('call'),
    step: z.string(),
    operation: z.string(),
    requestId: z.string(),
    status: z.int(),
    error: z.string().optional(),
  }),
  z.object({ type: z.literal('applied'), step: z.string(), changes: z.array(Change) }),
  /** A person's answer to one step of one plan. */
  z.object({
    type: z.literal('approval'),
    step: z.string(),
    approval: z.string(),
    digest: z.string(),
    verdict: z.enum(['approved', 'rejected']),
    person: z.string(),
    note: z.string(),
    at: z.string(),
  }),
  z.object({ type: z.literal('decision'), step: z.string(), reason: z.enum(reasonCodes), detail: z.string() }),
]);
export type Entry = z.infer<typeof Entry>;

export const Row = z.object({
  seq: z.int(),
  at: z.string(),
  /** Hash of the row before; of the run id for the first. */
  prev: z.string(),
  entries: z.array(Entry),
  hash: z.string(),
});
export type Row = z.infer<typeof Row>;

/** Somebody else has written to this journal: another turn is at work, this one must stop at once. */
export class LostTurn extends CordonError {
  constructor(runId: string) {
    super({
      code: 'lost-turn',
      message: `run ${runId} is being carried on by another turn`,
      remedy: 'Nothing needs to be done; the other turn goes on.',
      retryable: true,
    });
  }
}

/** The audit record of one run, hash-chained. What only reads may be noted; what acts is committed first. */
export type Journal = {
  readonly entries: readonly Entry[];
  /** Remembered with the next commit: for answers that may be found again when they are lost. */
  note(entry: Entry): void;
  /** Durable when it resolves. Throws `LostTurn` when another turn has written meanwhile. */
  commit(...entries: readonly Entry[]): Promise<void>;
};

type Deps = { readonly records: Records; readonly clock: Clock };

/** The name of a row in the store. */
export const rowId = (runId: string, seq: number): string => `${runId}:${String(seq).padStart(6, '0')}`;

function parseRow(runId: string, body: Json): Row {
  const parsed = Row.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CordonError({
    code: 'journal-newer',
    message: `the journal of run ${runId} has an entry that this version of Cordon does not know`,
    remedy: 'Use the version that wrote it, or a later one.',
    cause: parsed.error,
  });
}

/** All rows of a run in order. Throws when one was altered, left out or put elsewhere. */
export async function readJournal(records: Records, runId: string): Promise<readonly Row[]> {
  const bodies = (await records.list('journal', runId)).map(({ body }) => body);
  const { broken } = checkChain(runId, bodies);
  if (!broken) return bodies.map((body) => parseRow(runId, body));
  throw new CordonError({
    code: 'journal-broken',
    message: `the journal of run ${runId} does not hold together at entry ${broken.seq}: ${broken.message}`,
    remedy: 'Do not release this run by machine; compare it with the provider’s own log.',
  });
}

/** Opens the journal of a run for one turn. */
export async function openJournal({ records, clock }: Deps, runId: string): Promise<Journal> {
  const rows = await readJournal(records, runId);
  const entries = rows.flatMap((row) => row.entries);
  let last = { seq: rows.length - 1, hash: rows.at(-1)?.hash ?? originOf(runId) };
  let noted: Entry[] = [];
  let writing: Promise<void> = Promise.resolve();

  const write = async (added: readonly Entry[]): Promise<void> => {
    const batch = [...noted, ...added];
    noted = [];
    if (batch.length === 0) return;
    const open = { seq: last.seq + 1, at: clock.now(), prev: last.hash, entries: Json.parse(batch) };
    const body = { ...open, hash: seal(runId, open) };
    if (!(await records.create({ kind: 'journal', id: rowId(runId, open.seq), group: runId, body })))
      throw new LostTurn(runId);
    last = { seq: open.seq, hash: body.hash };
  };

  return {
    entries,
    note(entry) {
      entries.push(entry);
      noted.push(entry);
    },
    commit(...added) {
      entries.push(...added);
      writing = writing.then(() => write(added));
      return writing;
    },
  };
}
