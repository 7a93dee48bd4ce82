import { isObject } from '../../shared/model/json.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';

/** What the simulated clouds hold, one line for each value: `table/key/field…` and what stands there. */
export type Lines = ReadonlyMap<string, string>;

/** What is nobody's edit: Cordon's own sessions, the findings themselves, and the counts of writes. */
const aside = ['aws.sts.sessions', 'aws.guardduty.findings', 'azure.defender.alerts', 'azure.defender.assessments'];
const counts = ['revision'];

/** Elements of a list are told apart by their name, or by themselves where they are text; any other list is one value. */
const elements = (list: readonly unknown[]): readonly (readonly [string, unknown])[] | undefined => {
  const names = list.map((item) => (isObject(item) ? item['name'] : item));
  const distinct = new Set(names).size === names.length && names.every((name) => typeof name === 'string');
  return distinct ? list.map((item, at) => [String(names[at]), item] as const) : undefined;
};

function* linesIn(path: string, value: unknown): Generator<readonly [string, string]> {
  const parts = Array.isArray(value) ? elements(value) : isObject(value) ? Object.entries(value) : undefined;
  if (!parts) return void (yield [path, JSON.stringify(value)]);
  for (const [key, part] of parts) if (!counts.includes(key)) yield* linesIn(`${path}/${key}`, part);
}

/** All that stands in both clouds now. */
export const linesOf = ({ rows }: Pick<Sandbox, 'rows'>): Lines =>
  new Map(
    Object.entries(rows.snapshot())
      .filter(([table]) => !aside.includes(table))
      .flatMap(([table, all]) => Object.entries(all).flatMap(([key, row]) => [...linesIn(`${table}/${key}`, row)])),
  );

/** The lines in which two states differ, and what stands in the second. */
export const changedLines = (from: Lines, to: Lines): ReadonlyMap<string, string | undefined> =>
  new Map(
    [...new Set([...from.keys(), ...to.keys()])]
      .filter((line) => from.get(line) !== to.get(line))
      .map((line) => [line, to.get(line)]),
  );

/** Somebody's edit of what Cordon has made: before, with Cordon's changes, and with the edit on top of them. */
export type History = { readonly before: Lines; readonly contained: Lines; readonly edited: Lines };

/** Where the edit does not stand exactly as it was made. */
export const clobbered = ({ contained, edited }: History, released: Lines): string[] =>
  [...changedLines(contained, edited)].flatMap(([line, made]) => (released.get(line) === made ? [] : [line]));

/** What Cordon had changed, nobody has touched since, and is not as it was before. */
export const leftOver = ({ before, contained, edited }: History, released: Lines): string[] =>
  [...changedLines(before, contained).keys()].filter(
    (line) => edited.get(line) === contained.get(line) && released.get(line) !== before.get(line),
  );

/** What neither Cordon nor the edit had touched, and the release has changed. */
export const damaged = ({ before, contained, edited }: History, released: Lines): string[] => {
  const touched = new Set([...changedLines(before, contained).keys(), ...changedLines(contained, edited).keys()]);
  return [...changedLines(edited, released).keys()].filter((line) => !touched.has(line));
};
