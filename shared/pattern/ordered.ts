/**
 * Puts an item into a sorted list, behind its equals. For the short lists of fields and clauses this is what sorting costs
 * least, in time and in memory, when thousands of patterns are compiled in a cold process.
 */
export function insert<T>(list: T[], item: T, compare: (a: T, b: T) => number): void {
  let at = list.length;
  for (; at > 0; at--) {
    const before = list[at - 1];
    if (before === undefined || compare(before, item) <= 0) break;
    list[at] = before;
  }
  list[at] = item;
}
