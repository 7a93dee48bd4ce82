import { LineCounter, type Document, isAlias, isNode, isPair, isScalar, parseDocument, visit } from 'yaml';
import type * as z from 'zod';
import { InvalidInput, messageOf, type Place } from '../model/error.ts';
import { asJson, digest } from '../model/json.ts';
import { nearest } from '../model/nearest.ts';
import { Approve, Expectation, Playbook, PlaybookTest, Step } from '../model/playbook.ts';

const sizeLimit = 256 * 1_024;
const depthLimit = 64;

/** A playbook as written, checked against its schema, with the digest that pins runs to it. */
export type ReadPlaybook = {
  readonly playbook: Playbook;
  readonly hash: string;
  readonly place: (path: string) => Place;
};

type Source = { readonly file: string; readonly document: Document; readonly lines: LineCounter };

function placeOf({ file, document, lines }: Source, path: readonly PropertyKey[]): Place {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return { file, line, column: col, path: path.map(String).join('.') };
  }
  return { file, line: 1, column: 1 };
}

/** Bracket and indentation depth, judged before the parser sees the text: parsers recurse. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > depthLimit) return true;
  }
  return /^ {200,}\S/m.test(text) || /^(- ?){65,}/m.test(text);
}

function parseYaml(text: string, file: string): Source {
  const refuse = (message: string, remedy: string, line = 1, column = 1): never => {
    throw new InvalidInput({ code: 'bad-yaml', message, remedy, place: { file, line, column } });
  };
  if (Buffer.byteLength(text) > sizeLimit) refuse('the file is over 256 KB', 'Split it into several playbooks.');
  if (tooDeep(text)) refuse(`the file nests deeper than ${depthLimit} levels`, 'Flatten it.');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    refuse(
      problem.message.split('\n')[0] ?? 'not YAML',
      'Write plain YAML 1.2: no tags, no duplicate keys.',
      line,
      col,
    );
  }
  visit(document, (_, node) => {
    const at = (offset = 0) => [lines.linePos(offset).line, lines.linePos(offset).col] as const;
    if (isAlias(node)) refuse(`*${node.source} is an alias`, 'Write the value out.', ...at(node.range?.[0]));
    if (isPair(node) && isScalar(node.key) && node.key.value === '__proto__')
      refuse('no key may be called __proto__', 'Take it out.', ...at(node.key.range?.[0]));
  });
  return { file, document, lines };
}

/** Parts of a playbook that have keys of their own, by the key they stand under. */
const shapes: ReadonlyMap<PropertyKey, z.ZodObject> = new Map<PropertyKey, z.ZodObject>([
  ['steps', Step],
  ['approve', Approve],
  ['limits', Playbook.shape.limits.unwrap()],
  ['tests', PlaybookTest],
  ['event', PlaybookTest.shape.event],
  ['expect', Expectation],
]);

const keysAt = (path: readonly PropertyKey[]): readonly string[] => {
  const inside = path.findLast((part) => shapes.has(part));
  return Object.keys(((inside !== undefined && shapes.get(inside)) || Playbook).shape);
};

function problemsOf(source: Source, issue: z.core.$ZodIssue): InvalidInput[] {
  const problem = (path: readonly PropertyKey[], message: string, remedy?: string) =>
    new InvalidInput({
      code: 'bad-playbook',
      message: message.slice(0, 300),
      place: placeOf(source, path),
      ...(remedy !== undefined && { remedy }),
    });
  if (issue.code !== 'unrecognized_keys')
    return [problem(issue.path, `${issue.path.join('.') || 'the playbook'}: ${issue.message}`)];
  return issue.keys.map((key) => problem([...issue.path, key], `unknown key ${key}`, nearest(key, keysAt(issue.path))));
}

/** Reads a playbook's text: every problem with its line and column, or the playbook. Throws nothing for bad text. */
export function readPlaybook(
  text: string,
  file: string,
): { readonly read?: ReadPlaybook; readonly problems: readonly InvalidInput[] } {
  let source: Source;
  let value: unknown;
  try {
    source = parseYaml(text, file);
    value = source.document.toJS({ maxAliasCount: 0 });
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { problems: [thrown] };
    const place = { file, line: 1, column: 1 };
    const remedy = 'Write plain YAML 1.2.';
    return { problems: [new InvalidInput({ code: 'bad-yaml', message: messageOf(thrown), remedy, place })] };
  }
  const parsed = Playbook.safeParse(value);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => problemsOf(source, issue)) };
  const playbook = parsed.data;
  const place = (path: string) =>
    placeOf(
      source,
      path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    );
  return { read: { playbook, hash: playbookHash(playbook), place }, problems: [] };
}

/** The digest of what a playbook does; its own tests do not count. */
export const playbookHash = ({ tests: _, ...does }: Playbook): string => digest(asJson(does));
