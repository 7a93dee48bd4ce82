import type * as z from 'zod';
import { InvalidInput, messageOf, type Place } from '../model/error.ts';
import { asJson, digest, isObject, own } from '../model/json.ts';
import { nearest } from '../model/nearest.ts';
import { Approve, Expectation, Parallel, Playbook, PlaybookTest, Step } from '../model/playbook.ts';
import { readYaml, type Source } from './yaml.ts';

/** A playbook as written, checked against its schema, with the digest that pins runs to it. */
export type ReadPlaybook = {
  readonly playbook: Playbook;
  readonly hash: string;
  /** Line and column of a dotted path, or of the nearest thing around it. */
  readonly place: (path: string) => Place;
};

const keysOf = (shape: z.ZodObject): readonly string[] => Object.keys(shape.shape);

/** Parts of a playbook that have keys of their own, by the key they stand under. */
const keys: ReadonlyMap<PropertyKey, readonly string[]> = new Map<PropertyKey, readonly string[]>([
  ['on', ['finding', 'event', '$or']],
  ['steps', [...keysOf(Step), ...keysOf(Parallel)]],
  ['parallel', keysOf(Step)],
  ['finally', keysOf(Step)],
  ['approve', keysOf(Approve)],
  ['limits', keysOf(Playbook.shape.limits.unwrap())],
  ['tests', keysOf(PlaybookTest)],
  ['event', keysOf(PlaybookTest.shape.event)],
  ['expect', keysOf(Expectation)],
]);

/** The keys that may stand under a path. */
function keysAt(path: readonly PropertyKey[], value: unknown): readonly string[] {
  const group = path.reduce<unknown>((at, key) => own(at, String(key)), value);
  if (isObject(group) && Object.hasOwn(group, 'parallel')) return keysOf(Parallel);
  const inside = path.findLast((part) => keys.has(part));
  return (inside !== undefined && keys.get(inside)) || keysOf(Playbook);
}

/** What somebody who wrote one of a few words wrong may have meant. */
const meant = (issue: z.core.$ZodIssue, written: unknown): string | undefined =>
  issue.code === 'invalid_value' && typeof written === 'string'
    ? nearest(written, issue.values.map(String))
    : undefined;

function problemsOf({ value, place, keyPlace }: Source, issue: z.core.$ZodIssue): InvalidInput[] {
  const problem = (path: readonly PropertyKey[], message: string, remedy?: string, where = place) =>
    new InvalidInput({
      code: 'bad-playbook',
      message: message.slice(0, 300),
      place: where(path),
      ...(remedy !== undefined && { remedy }),
    });
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      problem([...issue.path, key], `unknown key ${key}`, nearest(key, keysAt(issue.path, value)), keyPlace),
    );
  const written = issue.path.reduce<unknown>((at, key) => own(at, String(key)), value);
  const key = issue.path.at(-1);
  if (written === undefined && typeof key === 'string') return [problem(issue.path, `the key ${key} is missing`)];
  const name = issue.path.join('.') || 'the playbook';
  return [problem(issue.path, `${name}: ${issue.message}`, meant(issue, written))];
}

/** Reads a playbook's text: every problem with its line and column, or the playbook. Throws nothing for bad text. */
export function readPlaybook(
  text: string,
  file: string,
): { readonly read?: ReadPlaybook; readonly problems: readonly InvalidInput[] } {
  let source: Source;
  try {
    source = readYaml(text, file);
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { problems: [thrown] };
    const place = { file, line: 1, column: 1 };
    const remedy = 'Write plain YAML 1.2.';
    return { problems: [new InvalidInput({ code: 'bad-yaml', message: messageOf(thrown), remedy, place })] };
  }
  const parsed = Playbook.safeParse(source.value);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => problemsOf(source, issue)) };
  const playbook = parsed.data;
  const place = (path: string) => source.place(path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)));
  return { read: { playbook, hash: playbookHash(playbook), place }, problems: [] };
}

/** The digest of what a playbook does; its own tests do not count. */
export const playbookHash = ({ tests: _, ...does }: Playbook): string => digest(asJson(does));
