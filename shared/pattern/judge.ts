import type { Json } from '../model/json.ts';
import { collect, type Found, nothingFound, type Tree, treeOf } from './collect.ts';
import type { Clause, Matcher, Plan, Slot, Verdict } from './compile.ts';
import { type Budget, consistent, fullBudget, type Wish } from './consistent.ts';
import type { Leaf } from './leaf.ts';
import { testOf } from './operators.ts';

/** One event before one matcher. */
export type Run = {
  readonly matcher: Matcher<unknown>;
  readonly event: Json;
  readonly number: number;
  readonly found: Found;
  readonly budget: Budget;
};

/** Turns a matcher to an event; what it knew of the one before is void. */
export function begin(matcher: Matcher<unknown>, event: Json): Run {
  matcher.run++;
  return { matcher, event, number: matcher.run, found: nothingFound(), budget: { left: fullBudget } };
}

/** Hands their leaves to the slots of a walk. */
export function gather(tree: Tree, slots: readonly Slot[], run: Run): readonly Leaf[] {
  const leaves = collect(tree, run.event, run.found);
  for (const slot of slots) {
    slot.first = undefined;
    slot.run = run.number;
  }
  for (const leaf of leaves) {
    const slot = run.matcher.slots[leaf.field];
    if (slot === undefined) continue;
    leaf.next = slot.first;
    slot.first = leaf;
  }
  return leaves;
}

/** The first leaf on the path of a clause; the others hang on it. A path without a file is looked for when first asked. */
export function firstLeaf({ slot }: Clause, run: Run): Leaf | undefined {
  if (slot.run !== run.number) {
    slot.tree ??= treeOf([slot]);
    gather(slot.tree, [slot], run);
  }
  return slot.first;
}

/** All leaves from one on. */
export function* chain(first: Leaf | undefined): Generator<Leaf> {
  for (let leaf = first; leaf !== undefined; leaf = leaf.next) yield leaf;
}

/** Whether a leaf meets one of the conditions of a clause. */
export function passes(clause: Clause, leaf: Leaf): boolean {
  clause.tests ??= clause.conditions.map((condition) => testOf(condition));
  for (const test of clause.tests) if (test(leaf)) return true;
  return false;
}

/** The verdict where the path has leaves and some of them, or several, have to be looked at. */
function judgeAll(clause: Clause, first: Leaf): Verdict {
  const hits: Leaf[] = [];
  for (let leaf: Leaf | undefined = first; leaf !== undefined; leaf = leaf.next) {
    if (clause.absent && leaf.within !== undefined) return 'contested';
    if (!passes(clause, leaf)) continue;
    if (leaf.within === undefined && !clause.absent) return 'free';
    hits.push(leaf);
  }
  clause.hits = hits;
  if (hits.length === 0) return 'missed';
  return clause.absent ? 'free' : 'bound';
}

function judge(clause: Clause, first: Leaf | undefined): Verdict {
  if (first === undefined) return clause.absent ? 'free' : 'missed';
  if (first.next === undefined && first.within === undefined) return passes(clause, first) ? 'free' : 'missed';
  return judgeAll(clause, first);
}

/** What a clause says about the event, judged once. */
export function verdictOf(clause: Clause, run: Run): Verdict {
  if (clause.run !== run.number) {
    clause.verdict = judge(clause, firstLeaf(clause, run));
    clause.run = run.number;
  }
  return clause.verdict;
}

function wishOf(clause: Clause, run: Run): Wish {
  const leaves = [...chain(firstLeaf(clause, run))];
  const hits = clause.verdict === 'bound' ? clause.hits : leaves.filter((leaf) => passes(clause, leaf));
  return { path: `${clause.slot.path}.`, hits, absent: clause.absent, leaves };
}

/** Whether the fields of these clauses, each of which holds, hold together in the elements of the arrays. */
function together(clauses: readonly Clause[], run: Run): boolean {
  const ordered = [...clauses].sort((a, b) => a.slot.number - b.slot.number);
  return consistent(
    ordered.map((clause) => wishOf(clause, run)),
    run.found.dotted,
    run.budget,
  );
}

/** Whether an AND-map holds. Arrays are searched only when two of its clauses depend on elements, or one on absence in them. */
export function holds({ clauses }: Plan, run: Run): boolean {
  let bound = 0;
  let contested = false;
  for (const clause of clauses) {
    const verdict = verdictOf(clause, run);
    if (verdict === 'missed') return false;
    if (verdict === 'bound') bound++;
    else if (verdict === 'contested') contested = true;
  }
  if (contested) return together(clauses, run);
  return (
    bound < 2 ||
    together(
      clauses.filter((clause) => clause.verdict === 'bound'),
      run,
    )
  );
}
