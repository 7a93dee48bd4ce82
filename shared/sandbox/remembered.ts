/** A function of nothing but a text, which works each text out once. It forgets them all when they become many. */
export function remembered<T extends object>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= 1_000) known.clear();
    const made = make(text);
    known.set(text, made);
    return made;
  };
}
