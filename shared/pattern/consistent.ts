import { InvalidInput } from '../model/error.ts';
import type { Element, Leaf } from './leaf.ts';

/** A field that some array of the event holds, and what there is to choose from. */
export type Wish = {
  /** The path with a dot behind. */
  readonly path: string;
  /** The leaves that meet one of its conditions. */
  readonly hits: readonly Leaf[];
  /** Whether absence meets it too, inside the elements already chosen. */
  readonly absent: boolean;
  /** All leaves on the path. */
  readonly leaves: readonly Leaf[];
};

/** How much the array searches of one event may still compare. */
export type Budget = { left: number };

/** Enough for a megabyte of array members under a thousand patterns; a fraction of a second. */
export const fullBudget = 20_000_000;

function spend(budget: Budget, comparisons: number): void {
  budget.left -= comparisons;
  if (budget.left >= 0) return;
  throw new InvalidInput({
    code: 'event-too-complex',
    message: 'the event nests its arrays so that its fields cannot be assigned to elements within reason',
    remedy: 'Look at the event: keys with dots that repeat other paths, or arrays nested hundreds deep, are no finding',
  });
}

/** Whether two places can be part of one match: they never lie in different elements of the same array. */
function compatible(one: Element | undefined, other: Element | undefined, budget: Budget): boolean {
  let a = one;
  let b = other;
  let steps = 1;
  while (a !== undefined && b !== undefined && a !== b) {
    if (a.array === b.array) break;
    const lower = a.array.depth - b.array.depth;
    if (lower >= 0) a = a.array.within;
    if (lower <= 0) b = b.array.within;
    steps++;
  }
  spend(budget, steps);
  return a === undefined || b === undefined || a === b;
}

/** The innermost of an element and those around it that passes. */
function climb(from: Element, passes: (element: Element) => boolean, budget: Budget): Element | undefined {
  let element: Element | undefined = from;
  for (; element !== undefined && !passes(element); element = element.array.within) spend(budget, 1);
  return element;
}

/** The innermost chosen element in which the leaves of a path now have to lie. */
function anchorOf(path: string, chosen: readonly Element[], budget: Budget): Element | undefined {
  let anchor: Element | undefined;
  for (const place of chosen) {
    const element = climb(place, ({ array }) => path.startsWith(array.prefix), budget);
    if (element !== undefined && element.array.depth > (anchor?.array.depth ?? 0)) anchor = element;
  }
  return anchor;
}

/** For the prefix of an array, the position of the last wish that can have leaves in it. */
function lastReach(wishes: readonly Wish[], budget: Budget): (prefix: string) => number {
  const known = new Map<string, number>();
  return (prefix) => {
    let last = known.get(prefix);
    if (last === undefined) {
      spend(budget, wishes.length);
      last = wishes.findLastIndex(({ path }) => path.startsWith(prefix));
      known.set(prefix, last);
    }
    return last;
  };
}

function byElement(leaves: readonly Leaf[], budget: Budget): ReadonlyMap<Element, readonly Leaf[]> {
  const groups = new Map<Element, Leaf[]>();
  for (const leaf of leaves) {
    for (let element = leaf.within; element !== undefined; element = element.array.within) {
      const group = groups.get(element);
      if (group === undefined) groups.set(element, [leaf]);
      else group.push(leaf);
      spend(budget, 1);
    }
  }
  return groups;
}

/** Leaves that can be asked for those inside an element; few are not worth the grouping. */
function grouped(leaves: readonly Leaf[], budget: Budget): (anchor: Element | undefined) => readonly Leaf[] {
  if (leaves.length < 16) return () => leaves;
  let groups: ReadonlyMap<Element, readonly Leaf[]> | undefined;
  return (anchor) => {
    if (anchor === undefined) return leaves;
    groups ??= byElement(leaves, budget);
    return groups.get(anchor) ?? [];
  };
}

/**
 * Whether a leaf (or, where allowed, absence) can be chosen for every wish so that no two come from different elements of one
 * array. Wishes come in the order of their paths, because absence is judged inside what smaller paths chose.
 *
 * The search goes back over choices, but never twice into the same situation: what matters of the choices so far is only which
 * elements they fixed in arrays that later wishes reach. Where every path leads through at most one array per element, that is
 * one element, so the work is about the number of leaves times their depth. Only keys with dots can open several arrays under
 * one path (the question is NP-hard then); the budget ends such a search with `event-too-complex`.
 */
export function consistent(wishes: readonly Wish[], dotted: boolean, budget: Budget): boolean {
  const sources = wishes.map(({ hits, leaves }) => ({ hits: grouped(hits, budget), leaves: grouped(leaves, budget) }));
  const reach = lastReach(wishes, budget);
  const failed = new Set<string>();

  /** Of all chosen elements those that still matter from a wish on, each once. */
  const live = (chosen: readonly Element[], at: number): readonly Element[] => {
    const kept = new Set<Element>();
    for (const place of chosen) {
      const element = climb(place, ({ array }) => reach(array.prefix) >= at, budget);
      if (element !== undefined) kept.add(element);
    }
    return [...kept].sort((a, b) => a.id - b.id);
  };

  const satisfy = (at: number, before: readonly Element[]): boolean => {
    const wish = wishes[at];
    const source = sources[at];
    if (wish === undefined || source === undefined) return true;
    const chosen = live(before, at);
    const situation = `${at}:${chosen.map(({ id }) => id).join()}`;
    if (failed.has(situation)) return false;
    const anchor = dotted ? undefined : anchorOf(wish.path, chosen, budget);
    const fits = ({ within }: Leaf): boolean => chosen.every((element) => compatible(within, element, budget));
    const next = ({ within }: Leaf) => satisfy(at + 1, within === undefined ? chosen : [...chosen, within]);
    if (source.hits(anchor).some((leaf) => fits(leaf) && next(leaf))) return true;
    if (wish.absent && !source.leaves(anchor).some(fits) && satisfy(at + 1, chosen)) return true;
    failed.add(situation);
    return false;
  };

  return satisfy(0, []);
}
