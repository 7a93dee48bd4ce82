import { northwind } from '../../functions/local/desk.ts';
import { digest, own } from '../../shared/model/json.ts';
import type { Entry } from '../../shared/records/journal.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import type { Snapshot } from '../../shared/sandbox/rows.ts';
import { memoryStore, type MemoryStore } from '../support/memory-records.ts';
import type { Message } from './messages.ts';

/** What outlives a process: the clouds, the store, and the messages that nobody has acknowledged yet. */
export type World = { readonly sandbox: Sandbox; readonly store: MemoryStore; readonly inbox: Message[] };

export const { sandbox: company, settings, identities } = await northwind();
/** What no story has touched. */
const untouched: Snapshot = company.rows.snapshot();

/** Northwind on a quiet day, a minute after it was last changed. */
export function freshWorld(): World {
  const sandbox = company.fork();
  sandbox.clock.advance(60);
  return { sandbox, store: memoryStore(), inbox: [] };
}

/** The same world, to go on apart. */
export const forked = ({ sandbox, store, inbox }: World): World => ({
  sandbox: sandbox.fork(),
  store: store.fork(),
  inbox: [...inbox],
});

/** Cordon's own sessions, and requests under way: they come and go with its processes. */
const passing = ['aws.sts.sessions', 'aws.sso.provisionings'];

/** Rows that are not what they were before the story; null where one is gone. Unchanged rows are the same objects. */
export function changedRows({ sandbox }: World): Readonly<Record<string, unknown>> {
  const now = sandbox.rows.snapshot();
  const changed: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(untouched), ...Object.keys(now)])) {
    if (passing.includes(name)) continue;
    const [before, after] = [untouched[name] ?? {}, now[name] ?? {}];
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (before[key] !== after[key]) changed[`${name} ${key}`] = after[key] ?? null;
  }
  return changed;
}

/** Whether a call changes the customer's clouds: all that do, but Cordon's own sessions. */
export const isChange = ({ mutating, operation }: RecordedCall): boolean => mutating && operation !== 'sts:AssumeRole';

/** A call whose answer was lost was made all the same. */
export const wasMade = ({ error }: RecordedCall): boolean => error === '' || error === 'ECONNRESET';

export const changesIn = ({ sandbox }: World): readonly RecordedCall[] => sandbox.recorder.calls.filter(isChange);

/** What differs from process to process without a meaning: names of calls, what is computed over them, and counts of writes. */
const meaningless = ['requestId', 'hash', 'prev', 'seal', 'version', 'etag', 'revision'];
const texts = new WeakMap<object, string>();

/** A row or record as text; what does not change is written down once. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value, (key, member: unknown) => (meaningless.includes(key) ? undefined : member));
  texts.set(value, text);
  return text;
}

/** What a later turn of a run can still hear of its journal: answers, and intents of steps that have not answered. */
function remembered(entries: readonly Entry[]): string[] {
  const replied = new Set(entries.flatMap((entry) => (entry.type === 'reply' ? [entry.key] : [])));
  /** An attempt that failed is forgotten once a later one has answered. */
  const isPast = (key: string): boolean => /~\d+$/.test(key) && replied.has(key.replace(/~\d+$/, ''));
  const isOver = (step: string): boolean =>
    [...replied].some((key) => key.startsWith(`${step}#`) && key.endsWith('/contain'));
  return entries.flatMap((entry) => {
    if (entry.type === 'call' || entry.type === 'applied') return [];
    if (entry.type === 'reply' && isPast(entry.key)) return [];
    if ((entry.type === 'intent' || entry.type === 'decision') && isOver(entry.step)) return [];
    return [textOf(entry)];
  });
}

/** The entries of the journal of a run as they lie in the store. */
export const entriesOf = ({ store }: World, runId: string): readonly Entry[] =>
  store
    .all('journal')
    .filter(({ group }) => group === runId)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ body }) => (own(body, 'entries') ?? []) as readonly Entry[]); // a row of a journal has entries

/** Everything in the store but journals, which are told by what is remembered of them. */
const recordsOf = ({ store }: World): string[] =>
  store.kinds
    .filter((kind) => kind !== 'journal')
    .flatMap((kind) =>
      store.all(kind).map(({ id, group = '', due = '', body }) => `${kind} ${id} ${group} ${due} ${textOf(body)}`),
    );

/** Longer than any simulated service lags. */
const freshSeconds = 15;

/** An instant says how far ahead it is, or that it has passed. */
const asSeen = (text: string, now: number): string =>
  text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (instant) => {
    const ahead = Date.parse(instant) - now;
    return ahead > 0 ? `+${ahead}` : 'past';
  });

/**
 * A name for all that a process which begins now can see, and that the checks look at; instants count by how far ahead
 * they are. A process remembers nothing, so that two worlds of one name have one future.
 */
export function nameOf(world: World): string {
  const { sandbox, store, inbox } = world;
  const now = sandbox.clock.milliseconds;
  const calls = changesIn(world).map((call) => {
    const age = now - Date.parse(call.at);
    const { operation, resource, error } = call;
    return `${operation} ${resource} ${wasMade(call) ? '' : error} ${age < freshSeconds * 1_000 ? age : ''}`;
  });
  const parts = [
    sandbox.clock.now().slice(0, 13), // budgets go by the hour
    ...inbox.map(textOf),
    ...Object.entries(changedRows(world)).map(([key, row]) => `${key} ${textOf(row)}`),
    ...recordsOf(world),
    ...store.all('run').flatMap(({ id }) => [id, ...remembered(entriesOf(world, id))]),
    ...calls.sort(),
  ];
  return digest(asSeen(parts.join('\n'), now));
}
