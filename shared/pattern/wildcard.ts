/** What a wildcard reads of a value; a test passes one that counts. */
export type Text = Pick<string, 'length' | 'charCodeAt'>;

/** A run of literal text, with its Knuth-Morris-Pratt borders: how much still fits after a mismatch. */
type Segment = { readonly text: string; readonly borders: readonly number[] };

/** The literal runs between the asterisks, in order; a single one means that there is no asterisk. */
export type Wildcard = readonly Segment[];

function bordersOf(text: string): readonly number[] {
  const borders = [0];
  for (let at = 1; at < text.length; at++) {
    let length = borders[at - 1] ?? 0;
    while (length > 0 && text[length] !== text[at]) length = borders[length - 1] ?? 0;
    borders.push(text[length] === text[at] ? length + 1 : 0);
  }
  return borders;
}

/** Reads `*` as any run, `\*` and `\\` as themselves. Anything else after a backslash, and `**`, is refused in words. */
export function parseWildcard(pattern: string): Wildcard | string {
  const segments = [''];
  const add = (text: string) => segments.push((segments.pop() ?? '') + text);
  for (let at = 0; at < pattern.length; at++) {
    const unit = pattern.charAt(at);
    if (unit === '\\') {
      const escaped = pattern.charAt(++at);
      if (escaped !== '*' && escaped !== '\\') return `a backslash at position ${at} that escapes neither * nor \\`;
      add(escaped);
    } else if (unit !== '*') add(unit);
    else if (pattern.charAt(at + 1) === '*') return `two asterisks in a row at position ${at + 1}`;
    else segments.push('');
  }
  return segments.map((text) => ({ text, borders: bordersOf(text) }));
}

function standsAt(value: Text, text: string, from: number): boolean {
  for (let at = 0; at < text.length; at++) if (value.charCodeAt(from + at) !== text.charCodeAt(at)) return false;
  return true;
}

/** The position after the first occurrence between `from` and `to`, or -1; each unit of the value is read once. */
function after(value: Text, { text, borders }: Segment, from: number, to: number): number {
  if (text === '') return from;
  let matched = 0;
  for (let at = from; at < to; at++) {
    const unit = value.charCodeAt(at);
    while (matched > 0 && text.charCodeAt(matched) !== unit) matched = borders[matched - 1] ?? 0;
    if (text.charCodeAt(matched) === unit) matched++;
    if (matched === text.length) return at + 1;
  }
  return -1;
}

/**
 * Whether the whole value has the shape. The first and last run are anchored, each run between is taken where it first fits:
 * leftmost is never worse, so nothing is tried twice and the steps are linear in the value for every pattern.
 */
export function fitsWildcard(value: Text, wildcard: Wildcard): boolean {
  const first = wildcard[0];
  const last = wildcard.at(-1);
  if (first === undefined || last === undefined) return false;
  if (wildcard.length === 1) return value.length === first.text.length && standsAt(value, first.text, 0);
  const end = value.length - last.text.length;
  let at = first.text.length;
  if (at > end || !standsAt(value, first.text, 0) || !standsAt(value, last.text, end)) return false;
  for (let segment = 1; segment < wildcard.length - 1; segment++) {
    at = after(value, wildcard[segment] ?? first, at, end);
    if (at < 0) return false;
  }
  return true;
}
