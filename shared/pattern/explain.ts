import type { Json } from '../model/json.ts';
import { type Clause, compile, type Plan } from './compile.ts';
import { begin, chain, firstLeaf, holds, passes, type Run, verdictOf } from './judge.ts';
import type { Scalar } from './leaf.ts';
import { describe, either } from './operators.ts';
import type { Pattern } from './parse.ts';

/** One field that decided: what the event has there, and what the pattern wanted. */
export type Decision = {
  readonly path: string;
  /** Of the scalars on the path those that hold, in a miss all; empty when there is none. */
  readonly seen: readonly Scalar[];
  /** The alternatives in words. */
  readonly wanted: readonly string[];
  /** Both as a sentence: "severity is 'Low', wanted 'High' or 'Critical'". */
  readonly text: string;
};

/** Why a pattern matches an event or not. */
export type Explanation = {
  readonly matched: boolean;
  /** Matched: every field of the alternative that holds. Missed: those that failed in the alternative that came nearest. */
  readonly fields: readonly Decision[];
  /** Whether each field holds by itself, but no choice of array elements makes them hold together. */
  readonly apart: boolean;
  readonly text: string;
};

const mostWords = 5;
const mostFields = 6;
const widest = 80;

const cut = (text: string): string =>
  text.length <= 2 * widest ? text : `${text.slice(0, widest)}... (${text.length} characters)`;
const show = (value: Scalar): string =>
  typeof value === 'string' ? JSON.stringify(cut(value)).replace(/^"(.*)"$/s, "'$1'") : String(value);

/** The first few in words, and how many more there are. */
function few<T>(all: readonly T[], most: number, inWords: (one: T) => string, more = 'more'): readonly string[] {
  const words = all.slice(0, most).map(inWords);
  return all.length > most ? [...words, `${all.length - most} ${more}`] : words;
}

const both = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const seenWords = (seen: readonly Scalar[]): string =>
  seen.length === 0 ? 'is absent' : `is ${both(few([...new Set(seen)], mostWords, show))}`;

/** "something beginning with 'a' or 'b'": what is said of several texts is said once. */
function wantedWords(wanted: readonly string[]): string {
  let said = '';
  const once = (word: string): string => {
    const lead = /^something [a-z ]+(?=')/.exec(word)?.[0] ?? '';
    const rest = lead === said ? word.slice(lead.length) : word;
    said = lead;
    return cut(rest);
  };
  return either(few(wanted, mostWords, once));
}

const wantedOf = ({ conditions }: Clause): readonly string[] => conditions.map((condition) => describe(condition));
const nameOf = ({ slot: { path } }: Clause): string => (path === '' ? 'the field ""' : path);

/** The values on a path in the order of the event; those that hold, or all. */
const valuesOf = (clause: Clause, run: Run, holding: boolean): readonly Scalar[] =>
  Array.from(chain(firstLeaf(clause, run)))
    .filter((leaf) => !holding || passes(clause, leaf))
    .map(({ value }) => value)
    .reverse();

function held(clause: Clause, run: Run): Decision {
  const seen = valuesOf(clause, run, true);
  return { path: clause.slot.path, seen, wanted: wantedOf(clause), text: `${nameOf(clause)} ${seenWords(seen)}` };
}

function missed(clause: Clause, run: Run): Decision {
  const seen = valuesOf(clause, run, false);
  const wanted = wantedOf(clause);
  const text = `${nameOf(clause)} ${seenWords(seen)}, wanted ${wantedWords(wanted)}`;
  return { path: clause.slot.path, seen, wanted, text };
}

const sentence = (fields: readonly Decision[]): string =>
  few(fields, mostFields, ({ text }) => text, 'more fields').join('; ');

const failed = ({ clauses }: Plan, run: Run): readonly Clause[] =>
  clauses.filter((clause) => verdictOf(clause, run) === 'missed');

const inOrder = (clauses: readonly Clause[]): readonly Clause[] =>
  [...clauses].sort((a, b) => a.slot.number - b.slot.number);

/** What is there decides more than what is absent, and is said first. */
function explainMatch({ clauses }: Plan, run: Run): Explanation {
  const all = inOrder(clauses).map((clause) => held(clause, run));
  const isThere = ({ seen }: Decision): boolean => seen.length > 0;
  const fields = [...all.filter(isThere), ...all.filter((field) => !isThere(field))];
  return { matched: true, fields, apart: false, text: sentence(fields) };
}

/** Every field holds somewhere, but their elements exclude each other. */
function explainApart({ clauses }: Plan, run: Run): Explanation {
  const bound = inOrder(clauses.filter(({ verdict }) => verdict !== 'free'));
  const fields = bound.map((clause) => (clause.verdict === 'bound' ? held(clause, run) : missed(clause, run)));
  const text = `these hold, but never in the same element of an array: ${sentence(fields)}`;
  return { matched: false, fields, apart: true, text };
}

/** The alternative with the fewest failed fields decides; the first of equals. */
function explainMiss(plans: readonly Plan[], run: Run): Explanation {
  let nearest: { readonly plan: Plan; readonly clauses: readonly Clause[] } | undefined;
  for (const plan of plans) {
    const clauses = failed(plan, run);
    if (nearest === undefined || clauses.length < nearest.clauses.length) nearest = { plan, clauses };
  }
  if (nearest === undefined) return { matched: false, fields: [], apart: false, text: 'the pattern asks for nothing' };
  if (nearest.clauses.length === 0) return explainApart(nearest.plan, run);
  const fields = inOrder(nearest.clauses).map((clause) => missed(clause, run));
  return { matched: false, fields, apart: false, text: sentence(fields) };
}

/** Why a pattern matches an event or misses it, for people. Throws what `matching` throws. */
export function explain(pattern: Pattern, event: Json): Explanation {
  const matcher = compile([{ id: true, pattern }]);
  const run = begin(matcher, event);
  const plan = matcher.plans.find((each) => holds(each, run));
  return plan === undefined ? explainMiss(matcher.plans, run) : explainMatch(plan, run);
}

export { describe };
