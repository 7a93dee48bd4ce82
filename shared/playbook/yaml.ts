import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml';
import { InvalidInput, messageOf, type Place } from '../model/error.ts';
import { refusal } from './plain-yaml.ts';

/** A text read as YAML, with the places of its parts. */
export type Source = {
  /** Plain data: no alias, tag or key of a prototype. */
  readonly value: unknown;
  /** Line and column of what stands under a path, or of the nearest thing around it. */
  readonly place: (path: readonly PropertyKey[]) => Place;
  /** The same for a key itself. */
  readonly keyPlace: (path: readonly PropertyKey[]) => Place;
};

type At = { readonly message: string; readonly remedy: string; readonly offset: number };

/** A number that another program would read as another one: too long, with a leading zero, not finite. */
function oddNumber({ value, source = '' }: Scalar): boolean {
  if (typeof value !== 'number') return false;
  const unsafe = Number.isInteger(value) && !Number.isSafeInteger(value);
  return unsafe || !Number.isFinite(value) || /^[-+]?0\d/.test(source);
}

const offsetOf = (node: unknown): number => (isNode(node) && node.range ? node.range[0] : 0);

/** What the parser lets pass and a playbook has no use for. */
function inside(document: Document): At | undefined {
  const found: At[] = [];
  visit(document, {
    Scalar(_, node) {
      if (!oddNumber(node)) return undefined;
      const message = `${(node.source ?? '').slice(0, 40)} is not kept as it is written`;
      found.push({ message, remedy: 'Put it in quotes.', offset: offsetOf(node) });
      return visit.BREAK;
    },
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : '';
        const offset = offsetOf(key);
        if (name === '__proto__')
          found.push({ message: 'no key may be called __proto__', remedy: 'Take it out.', offset });
        if (seen.has(name))
          found.push({ message: `the key ${name.slice(0, 40)} stands here twice`, remedy: 'Take one out.', offset });
        seen.add(name);
      }
      return found.length > 0 ? visit.BREAK : undefined;
    },
  });
  return found[0];
}

const valueAt = (document: Document, path: readonly PropertyKey[]): unknown =>
  path.length === 0 ? document.contents : document.getIn(path, true);

/** The last key of a path, as it is written. */
function keyAt(document: Document, path: readonly PropertyKey[]): unknown {
  const holder = valueAt(document, path.slice(0, -1));
  const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return pair?.key;
}

/** Reads text as plain YAML 1.2. Throws `InvalidInput` with line and column for the first thing that is not. */
export function readYaml(text: string, file: string): Source {
  const lines = new LineCounter();
  const placed = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = ({ message, remedy, offset }: At): never => {
    throw new InvalidInput({ code: 'bad-yaml', message, remedy, place: placed(offset) });
  };
  const early = refusal(text);
  if (early) {
    lines.addNewLine(0);
    for (const { index } of text.slice(0, early.offset).matchAll(/\n/g)) lines.addNewLine(index + 1);
    return refuse(early);
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    uniqueKeys: false, // the parser compares every key with every other; `inside` does it in one pass
    stringKeys: true,
    merge: false,
    prettyErrors: false,
  });
  const [problem] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const remedy = 'Write plain YAML 1.2: one document, no tags, no anchors.';
  if (problem)
    refuse({ message: problem.message.split('\n')[0] ?? messageOf(problem), remedy, offset: problem.pos[0] });
  const found = inside(document);
  if (found) refuse(found);
  const at = (path: readonly PropertyKey[], node: unknown): Place => ({
    ...placed(offsetOf(node)),
    path: path.map(String).join('.'),
  });
  const place = (path: readonly PropertyKey[]): Place => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const part = path.slice(0, depth);
      const node = [valueAt(document, part), keyAt(document, part)].find(isNode);
      if (node) return at(path, node);
    }
    return { file, line: 1, column: 1 };
  };
  const keyPlace = (path: readonly PropertyKey[]): Place => {
    const key = keyAt(document, path);
    return isNode(key) ? at(path, key) : place(path);
  };
  return { value: document.toJS({ maxAliasCount: 0 }), place, keyPlace };
}
