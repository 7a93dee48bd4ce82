const many: unique symbol = Symbol('*');
const one: unique symbol = Symbol('?');

/** A pattern taken apart: literal characters and the two wildcards, which no literal can be mistaken for. */
export type Glob = readonly (string | typeof many | typeof one)[];

/** Text that stands for itself, one token per character. */
export const literal = (text: string): Glob => text.split('');

/** Text in which `*` is any run of characters and `?` any one of them. */
export const glob = (text: string): Glob =>
  text.split('').map((character) => (character === '*' ? many : character === '?' ? one : character));

/** Text in which `*` is a wildcard and `?` is not. */
export const starGlob = (text: string): Glob =>
  text.split('').map((character) => (character === '*' ? many : character));

/** Whether a pattern is a lone `*`. */
export const isAnything = (pattern: Glob): boolean => pattern.length === 1 && pattern[0] === many;

/** Whether the whole text fits. Goes back to the last `*` only: pattern times text steps at worst, one pass as a rule. */
export function fits(pattern: Glob, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const token = pattern[next];
    if (token === many) {
      star = next++;
      resume = at;
    } else if (token === one || token === text[at]) {
      next++;
      at++;
    } else if (star < 0) {
      return false;
    } else {
      next = star + 1;
      at = ++resume;
    }
  }
  while (pattern[next] === many) next++;
  return next === pattern.length;
}
