/** Edit distance (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** "Did you mean …?" for a word that is none of the known ones, or the list of them. */
export function nearest(word: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, far: distance(word.toLowerCase().slice(0, 100), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  if (best && best.far <= Math.max(2, Math.floor(best.name.length / 3))) return `Did you mean ${best.name}?`;
  const few = ranked.slice(0, 12).map(({ name }) => name);
  return known.length === 0 ? 'None are known.' : `Known are ${few.join(', ')}${known.length > 12 ? ', …' : ''}.`;
}
