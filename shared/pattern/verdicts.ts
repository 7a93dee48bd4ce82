import { InvalidInput, messageOf, type Place } from '../model/error.ts';
import { isObject, type Json, own } from '../model/json.ts';
import { noJson } from './json-text.ts';
import { matches } from './match.ts';
import { parsePattern, parsePatternText } from './parse.ts';

/** What a matcher says: of a pattern and an event, or of a pattern alone. */
export type Verdict = 'matches' | 'does not match' | 'accepted' | 'refused';

/** Why a recorded verdict cannot be held against a matcher, by the mark that the record carries. */
export const marks = {
  textual: 'turns on how a number is written or a key repeated, which parsed JSON no longer tells',
  enginesDisagree: 'the engines of the reference disagree among themselves',
  quirk: 'an accident of the reference engine, not copied',
} as const;
export type Mark = keyof typeof marks;

/** One verdict of another matcher, as a file records it. */
export type Recorded = {
  /** The name that the file gives it, else where it stands. */
  readonly name: string;
  /** As JSON, or as the text of JSON. */
  readonly pattern: Json;
  readonly event: Json | undefined;
  readonly theirs: Verdict;
  readonly mark: Mark | undefined;
};

/** A verdict on which we differ. */
export type Difference = Omit<Recorded, 'event'> & {
  readonly event?: Json;
  readonly ours: Verdict | 'failed';
  /** Why we refused the pattern, or gave up on the event. */
  readonly reason?: string;
};

/** How a file came out; `cases` is the sum of `agreed`, `apart` and `differences`. */
export type Agreement = {
  cases: number;
  agreed: number;
  /** Verdicts we do not share, each with a mark in the file that says why. */
  readonly apart: Difference[];
  readonly differences: Difference[];
};

export const noneYet = (): Agreement => ({ cases: 0, agreed: 0, apart: [], differences: [] });

const shapes = 'Write {name, pattern, event, matches} or {name, pattern, valid}, in lines {p, e, m} or {p, valid}.';

/** JSON for a word that is none: Python writes a number too large for a double as Infinity. */
const bareWords = /"(?:[^"\\]|\\.)*"|\bInfinity\b/g;
const withoutWords = (text: string): string =>
  text.replace(bareWords, (found) => (found === 'Infinity' ? '1e400' : found));

const firstOf = (record: unknown, ...names: readonly string[]): unknown =>
  names.map((name) => own(record, name)).find((value) => value !== undefined);

function markOf(record: unknown): Mark | undefined {
  const found = Object.keys(marks).find((mark) => firstOf(record, mark) !== undefined && own(record, mark) !== false);
  return found as Mark | undefined; // a key of the table
}

/** Where a file has the documented verdict beside the engine's own, as for accidents, the documented one counts. */
function theirsOf(record: unknown): Verdict | undefined {
  const matched = firstOf(record, 'documented', 'm', 'matches');
  if (typeof matched === 'boolean') return matched ? 'matches' : 'does not match';
  const valid = own(record, 'valid');
  return typeof valid === 'boolean' ? (valid ? 'accepted' : 'refused') : undefined;
}

/** One record of a file. Throws `InvalidInput` when it is of no known shape. */
function recordedOf(record: unknown, name: string, place: Place): Recorded {
  const wrong = (message: string) => new InvalidInput({ code: 'bad-verdict', message, place, remedy: shapes });
  if (!isObject(record)) throw wrong(`${name} is no object`);
  const theirs = theirsOf(record);
  const pattern = firstOf(record, 'p', 'pattern');
  const event = firstOf(record, 'e', 'event');
  if (pattern === undefined) throw wrong(`${name} has no pattern`);
  if (theirs === undefined) throw wrong(`${name} has no verdict: neither matches (m) nor valid is true or false`);
  const paired = theirs === 'matches' || theirs === 'does not match';
  if (paired && event === undefined) throw wrong(`${name} has a verdict on an event, but no event`);
  const given = own(record, 'name');
  return {
    name: typeof given === 'string' ? given : name,
    pattern: pattern as Json, // parsed out of JSON text
    event: paired ? (event as Json) : undefined, // parsed out of JSON text
    theirs,
    mark: markOf(record),
  };
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (fault) {
    try {
      return JSON.parse(withoutWords(text));
    } catch {
      throw noJson(text, fault, { code: 'bad-verdict', what, remedy: shapes });
    }
  }
}

/** A line of JSON lines. Throws `InvalidInput` with the line. */
export function recordedLine(text: string, line: number): Recorded {
  try {
    return recordedOf(parsed(text, `line ${line}`), `line ${line}`, { line, column: 1 });
  } catch (fault) {
    if (!(fault instanceof InvalidInput)) throw fault;
    const { code, message, place, remedy = shapes } = fault;
    throw new InvalidInput({ code, message, remedy, place: { ...place, line }, cause: fault });
  }
}

/** The records of a JSON array. Throws `InvalidInput` with the line, or the number of the record. */
export function recordedArray(text: string): readonly Recorded[] {
  const records = parsed(text, 'the file');
  if (!Array.isArray(records)) throw new InvalidInput({ code: 'bad-verdict', message: 'no array', remedy: shapes });
  return records.map((record, at) => recordedOf(record, `case ${at + 1}`, { path: `[${at}]` }));
}

type Ours = Pick<Difference, 'ours' | 'reason'>;

function oursOf({ pattern, event }: Recorded): Ours {
  try {
    const read = typeof pattern === 'string' ? parsePatternText(pattern) : parsePattern(pattern);
    if (event === undefined) return { ours: 'accepted' };
    return { ours: matches(read, event) ? 'matches' : 'does not match' };
  } catch (fault) {
    const refused = fault instanceof InvalidInput && fault.code === 'invalid-pattern';
    return { ours: refused ? 'refused' : 'failed', reason: messageOf(fault) };
  }
}

/** Holds one recorded verdict against this engine and counts it. */
export function compare(agreement: Agreement, recorded: Recorded): void {
  const { event, ...record } = recorded;
  const ours = oursOf(recorded);
  agreement.cases++;
  if (ours.ours === recorded.theirs) agreement.agreed++;
  else
    (recorded.mark === undefined ? agreement.differences : agreement.apart).push({
      ...record,
      ...(event !== undefined && { event }),
      ...ours,
    });
}
