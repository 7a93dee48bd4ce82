/** For each UTF-16 unit of a pattern text, the two spellings that may stand for it: its lower and its upper mapping. */
export type Folded = readonly (readonly [lower: string, upper: string])[];

/**
 * Event Ruler's folding: unit by unit of the pattern, never of the value. So `straße` meets `STRASSE` but not the reverse, and
 * characters outside the basic plane stand for themselves only.
 */
export function fold(text: string): Folded {
  const known = new Map<string, Folded[number]>(); // a long text has few different units
  return Array.from({ length: text.length }, (_, at) => {
    const unit = text.charAt(at);
    const pair = known.get(unit) ?? ([unit.toLowerCase(), unit.toUpperCase()] as const);
    known.set(unit, pair);
    return pair;
  });
}

// No unit's lower mapping begins or ends its upper mapping without equalling it (a test goes through all 65,536), so the first
// spelling that fits is the only one, and one pass decides.

/** Where the folded text ends that begins the value, or -1. */
export function startFolded(value: string, folded: Folded): number {
  let at = 0;
  for (const [lower, upper] of folded) {
    if (value.startsWith(lower, at)) at += lower.length;
    else if (value.startsWith(upper, at)) at += upper.length;
    else return -1;
  }
  return at;
}

/** Where the folded text begins that ends the value, or -1. */
export function endFolded(value: string, folded: Folded): number {
  let at = value.length;
  for (let unit = folded.length - 1; unit >= 0; unit--) {
    const [lower, upper] = folded[unit] ?? ['', ''];
    if (value.endsWith(lower, at)) at -= lower.length;
    else if (value.endsWith(upper, at)) at -= upper.length;
    else return -1;
  }
  return at;
}
