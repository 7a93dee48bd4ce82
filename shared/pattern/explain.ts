import type { Json } from '../model/json.ts';
import { type Clause, compile, type Plan } from './compile.ts';
import { begin, chain, firstLeaf, holds, type Run, verdictOf } from './judge.ts';
import type { Scalar } from './leaf.ts';
import { describe, either } from './operators.ts';
import type { Pattern } from './parse.ts';

/** One field that decided: what the event has there, and what the pattern wanted. */
export type Decision = {
  readonly path: string;
  /** The scalars found on the path, in no particular order; empty when there is none. */
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

const fewest = 5;
const show = (value: Scalar): string => JSON.stringify(value).replace(/^"(.*)"$/s, "'$1'");

function seenWords(seen: readonly Scalar[]): string {
  if (seen.length === 0) return 'is absent';
  const some = [...new Set(seen)].slice(0, fewest).map(show);
  const rest = new Set(seen).size - some.length;
  return `is ${rest > 0 ? `${some.join(', ')} and ${rest} more` : some.join(', ').replace(/, ([^,]*)$/, ' and $1')}`;
}

function decide(clause: Clause, run: Run, matched: boolean): Decision {
  const seen = Array.from(chain(firstLeaf(clause, run)), ({ value }) => value).reverse();
  const wanted = clause.conditions.map((condition) => describe(condition));
  const { path } = clause.slot;
  const sentence = `${path === '' ? 'the field ""' : path} ${seenWords(seen)}`;
  return { path, seen, wanted, text: matched ? sentence : `${sentence}, wanted ${either(wanted)}` };
}

const failed = ({ clauses }: Plan, run: Run): readonly Clause[] =>
  clauses.filter((clause) => verdictOf(clause, run) === 'missed');

const inOrder = (clauses: readonly Clause[]): readonly Clause[] =>
  [...clauses].sort((a, b) => a.slot.number - b.slot.number);

function explainMatch({ clauses }: Plan, run: Run): Explanation {
  const fields = inOrder(clauses).map((clause) => decide(clause, run, true));
  return { matched: true, fields, apart: false, text: fields.map(({ text }) => text).join('; ') };
}

/** The alternative with the fewest failed fields decides; the first of equals. */
function explainMiss(plans: readonly Plan[], run: Run): Explanation {
  let nearest: { readonly plan: Plan; readonly missed: readonly Clause[] } | undefined;
  for (const plan of plans) {
    const missed = failed(plan, run);
    if (nearest === undefined || missed.length < nearest.missed.length) nearest = { plan, missed };
  }
  if (nearest === undefined) return { matched: false, fields: [], apart: false, text: 'the pattern asks for nothing' };
  const apart = nearest.missed.length === 0;
  const bound = nearest.plan.clauses.filter(({ verdict }) => verdict !== 'free');
  const fields = inOrder(apart ? bound : nearest.missed).map((clause) => decide(clause, run, false));
  const text = fields.map((field) => field.text).join('; ');
  return { matched: false, fields, apart, text: apart ? `not in one and the same array element: ${text}` : text };
}

/** Why a pattern matches an event or misses it, for people. Throws what `matching` throws. */
export function explain(pattern: Pattern, event: Json): Explanation {
  const matcher = compile([{ id: true, pattern }]);
  const run = begin(matcher, event);
  const held = matcher.plans.find((plan) => holds(plan, run));
  return held === undefined ? explainMiss(matcher.plans, run) : explainMatch(held, run);
}

export { describe };
