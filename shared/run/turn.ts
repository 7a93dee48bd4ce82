import { later } from '../model/duration.ts';
import { CordonError, messageOf, NotYet, ProviderError } from '../model/error.ts';
import { Json, own } from '../model/json.ts';
import { type RunOrder, type RunResult, RunState } from '../model/run.ts';
import { shareOf } from '../model/share.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import { type Journal, LostTurn, openJournal } from '../records/journal.ts';
import { type Admission, admit, lookAround, makeRoom } from './admit.ts';
import type { Await, Effect, Fault, Perform, Program, Reply } from './effect.ts';

/** What a work gets: the run it serves, its journal, and a signal that ends with the turn. */
export type WorkContext = {
  readonly order: RunOrder;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Many runs go on at once: the quotas of the providers are asked for room first. */
  readonly crowded?: boolean;
};
/** The table of effects: every work by name. */
export type WorkTable = { readonly [work: string]: (input: Json, context: WorkContext) => Promise<Json> };

export type Engine = {
  readonly records: Records;
  readonly clock: Clock;
  readonly works: WorkTable;
  readonly program: (order: RunOrder) => Program<RunResult>;
  /** Lets runs in by severity; without it each goes on at once. */
  readonly admission?: Admission;
};

/** Where a run stands after a turn: ended, or waiting until an instant or for a person. */
export type Standing = Pick<RunState, 'status' | 'dueAt' | 'waitsFor' | 'result'>;

/** The program cannot go on in this turn. */
type Pause = { readonly pause: true; readonly dueAt: string; readonly waitsFor: string | null };
const isPause = (reply: unknown): reply is Pause => own(reply, 'pause') === true;
const earlier = (a: Pause, b: Pause): Pause => (b.dueAt < a.dueAt ? b : a);

const faultOf = (thrown: unknown): Fault => ({
  code: thrown instanceof CordonError ? thrown.code : 'internal',
  message: thrown instanceof CordonError ? thrown.describe() : messageOf(thrown),
  retryable: thrown instanceof CordonError && thrown.retryable,
  indeterminate: thrown instanceof ProviderError && thrown.indeterminate,
});

type Turn = Engine & WorkContext & { readonly replies: Map<string, Json> };

function remember(turn: Turn, key: string, reply: Json): Json {
  turn.replies.set(key, reply);
  turn.journal.note({ type: 'reply', key, reply });
  return reply;
}

/** Seconds before a piece of work is tried again; all together longer than a lease lasts. The one layer that retries. */
const waits = [1, 5, 15, 60];
const tryKey = (key: string, attempt: number): string => `${key}~${attempt}`;

/** How often a piece of work has failed for now, and when it may be tried again. */
function triesOf({ replies }: Turn, key: string): { readonly failed: number; readonly until: string } {
  let failed = 0;
  while (replies.has(tryKey(key, failed))) failed += 1;
  return { failed, until: String(replies.get(tryKey(key, failed - 1)) ?? '') };
}

/** When a piece of work is tried again: never before the other side wants it, and not all runs at once. */
function nextTry({ clock, order }: Turn, failed: number, thrown: unknown): string | undefined {
  const seconds = waits[failed];
  if (seconds === undefined) return undefined;
  const asked = thrown instanceof CordonError ? (thrown.retryAfterSeconds ?? 0) : 0;
  return later(clock.now(), Math.max(seconds, asked) * (1 + shareOf([order.id, failed]) / 2));
}

/** Does a piece of work. A fault that may pass is no answer yet: the work is tried again, in a later turn. */
async function attempt(turn: Turn, { key, work, input }: Perform | Await): Promise<Reply<Json> | Pause> {
  const does = turn.works[work];
  if (!does) throw new CordonError({ code: 'unknown-work', message: `no work is called ${work}` });
  const { failed, until } = triesOf(turn, key);
  if (turn.clock.now() < until) return { pause: true, dueAt: until, waitsFor: null };
  try {
    return { ok: true, value: await does(input, turn) };
  } catch (thrown) {
    if (thrown instanceof LostTurn || turn.signal.aborted) throw thrown;
    if (thrown instanceof NotYet) return { pause: true, dueAt: thrown.until, waitsFor: null };
    const fault = faultOf(thrown);
    const dueAt = fault.retryable ? nextTry(turn, failed, thrown) : undefined;
    if (dueAt === undefined) return { ok: false, fault };
    remember(turn, tryKey(key, failed), dueAt);
    return { pause: true, dueAt, waitsFor: null };
  }
}

async function performWork(turn: Turn, effect: Perform): Promise<Json | Pause> {
  const reply = await attempt(turn, effect);
  return isPause(reply) ? reply : remember(turn, effect.key, Json.parse(reply));
}

async function awaitAnswer(turn: Turn, effect: Await): Promise<Json | Pause> {
  const reply = await attempt(turn, effect);
  if (isPause(reply)) return reply;
  const open = reply.ok && reply.value === null;
  if (open && turn.clock.now() < effect.until) return { pause: true, dueAt: effect.until, waitsFor: effect.what };
  return remember(turn, effect.key, Json.parse(reply));
}

async function perform(turn: Turn, effect: Effect): Promise<unknown> {
  const known = turn.replies.get(effect.key);
  if (known !== undefined) return known;
  switch (effect.do) {
    case 'perform':
      return performWork(turn, effect);
    case 'await':
      return awaitAnswer(turn, effect);
    case 'sleep':
      if (turn.clock.now() < effect.until) return { pause: true, dueAt: effect.until, waitsFor: null } satisfies Pause;
      return remember(turn, effect.key, null);
    case 'all': {
      const replies = await Promise.all(effect.of.map((one) => perform(turn, one)));
      const pauses = replies.filter(isPause);
      return pauses.length > 0 ? pauses.reduce(earlier) : replies;
    }
  }
}

async function advance(turn: Turn): Promise<Standing> {
  const program = turn.program(turn.order);
  let step = program.next();
  while (!step.done) {
    const reply = await perform(turn, step.value);
    if (isPause(reply)) {
      await turn.journal.commit();
      return { status: 'waiting', dueAt: reply.dueAt, waitsFor: reply.waitsFor, result: null };
    }
    step = program.next(reply);
  }
  if (!turn.replies.has('result')) remember(turn, 'result', Json.parse(step.value));
  await turn.journal.commit();
  return { status: 'ended', dueAt: null, waitsFor: null, result: step.value };
}

/** Reads a run; undefined when none has that id. */
export async function readRun(records: Records, runId: string): Promise<(RunState & { version: number }) | undefined> {
  const stored = await records.read('run', runId);
  return stored && { ...RunState.parse(stored.body), version: stored.version };
}

async function save(
  { records, clock }: Engine,
  run: RunState & { version: number },
  standing: Standing,
): Promise<void> {
  const endedAt = standing.status === 'ended' ? clock.now() : null;
  const body = RunState.parse({ ...standing, order: run.order, endedAt });
  const draft = { kind: 'run', id: run.order.id, group: runGroup(body), body: Json.parse(body) } as const;
  const due = standing.dueAt === null ? {} : { due: standing.dueAt };
  if (!(await records.replace({ ...draft, ...due }, run.version))) throw new LostTurn(run.order.id);
}

/**
 * Carries a run on as far as it goes now. Safe to call at any time, from anywhere, as often as one likes:
 * the journal is the truth, and a second turn at the same time loses its first write and stops.
 */
export async function turn(engine: Engine, runId: string, signal: AbortSignal): Promise<Standing> {
  const { records } = engine;
  const [run, journal, first] = await Promise.all([
    readRun(records, runId),
    openJournal(engine, runId),
    lookAround(engine),
  ]);
  if (!run) throw new CordonError({ code: 'no-such-run', message: `there is no run ${runId}` });
  if (run.status === 'ended') return run;
  const { order } = run;
  const admitted = await admit(engine, order, journal, first);
  if (!admitted.go) {
    const standing: Standing = { status: 'waiting', dueAt: admitted.dueAt, waitsFor: admitted.waitsFor, result: null };
    await save(engine, run, standing);
    return standing;
  }
  if (journal.entries.length === 0) journal.note({ type: 'opened', order: Json.parse(order) });
  const replies = new Map<string, Json>();
  for (const entry of journal.entries) if (entry.type === 'reply') replies.set(entry.key, entry.reply);
  const { crowded } = admitted;
  const standing = await advance({ ...engine, order, journal, signal, crowded, replies });
  // before the run is saved: one that dies in between is due, comes back and does it again
  if (standing.status === 'ended' || standing.waitsFor !== null) await makeRoom(engine, order);
  await save(engine, run, standing);
  return standing;
}

/** Runs are listed by day, newest days first asked. */
export const runGroup = ({ order }: Pick<RunState, 'order'>): string => order.openedAt.slice(0, 10);
