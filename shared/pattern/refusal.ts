import { InvalidInput } from '../model/error.ts';

/** A place inside a pattern, the outermost being the pattern itself; written out only when something is refused there. */
export type Place = { readonly outer: Place | undefined; readonly key: string | number };

/** `detail.type[0].prefix` */
function pathOf(place: Place | undefined): string {
  let path = '';
  for (let at = place; at?.outer !== undefined; at = at.outer) {
    const dot = path === '' || path.startsWith('[') ? '' : '.';
    path = `${typeof at.key === 'number' ? `[${at.key}]` : at.key}${dot}${path}`;
  }
  return path;
}

const widest = 300;

/** What a message quotes may be as long as the pattern: its middle is left out. */
const cut = (text: string): string =>
  text.length <= widest ? text : `${text.slice(0, widest / 2)} ... ${text.slice(-widest / 2)}`;

/** Refuses a pattern: the place inside it, the reason, the way out. */
export function refuse(place: Place | undefined, message: string, remedy?: string): never {
  throw new InvalidInput({
    code: 'invalid-pattern',
    message: cut(message),
    place: { path: cut(pathOf(place)) },
    ...(remedy === undefined ? {} : { remedy: cut(remedy) }),
  });
}

/** How many single edits (insert, delete, replace, swap of neighbours) turn one short word into another. */
function distance(from: string, to: string): number {
  let before: readonly number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = above;
    above = current;
  }
  return above[to.length] ?? 0;
}

const bare = (word: string): string => word.toLowerCase().replaceAll(/[^a-z]/g, '');

/** The known word that a misspelt one was probably meant to be, or undefined. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(bare(word), bare(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.max(1, Math.floor(bare(word).length / 3))
    ? best.candidate
    : undefined;
}
