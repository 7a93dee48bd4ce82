/** Texts in order; each knows the longest other one that begins it. */
export type Prefixes<V> = readonly Prefix<V>[];
type Prefix<V> = { readonly text: string; readonly value: V; readonly shorter: Prefix<V> | undefined };

/** Texts ready to be asked which of them begin a value. */
export function prefixesOf<V>(values: ReadonlyMap<string, V>): Prefixes<V> {
  const prefixes: Prefix<V>[] = [];
  for (const [text, value] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let shorter = prefixes.at(-1);
    while (shorter !== undefined && !text.startsWith(shorter.text)) shorter = shorter.shorter;
    prefixes.push({ text, value, shorter });
  }
  return prefixes;
}

/**
 * Gives `found` the value of every text that begins `text`. They all begin the greatest one that sorts at or before `text`, so
 * one binary search finds the chain that holds them.
 */
export function beginning<V>(prefixes: Prefixes<V>, text: string, found: (value: V) => void): void {
  let low = 0;
  let high = prefixes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const prefix = prefixes[middle];
    if (prefix !== undefined && prefix.text <= text) low = middle + 1;
    else high = middle;
  }
  let prefix = prefixes[low - 1];
  while (prefix !== undefined && !text.startsWith(prefix.text)) prefix = prefix.shorter;
  for (; prefix !== undefined; prefix = prefix.shorter) found(prefix.value);
}
