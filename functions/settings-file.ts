import type * as z from 'zod';
import { Settings } from '../shared/config/settings.ts';
import { InvalidInput } from '../shared/model/error.ts';
import { asJson, isObject, type Json, own } from '../shared/model/json.ts';
import { nearest } from '../shared/model/nearest.ts';
import { readYaml, type Source } from '../shared/playbook/yaml.ts';
import { crossProblems, wordsOf } from './settings-words.ts';

/** One value of the settings, and where it comes from: a line of the file, the environment, or the default. */
export type Setting = { readonly path: string; readonly value: Json; readonly from: string };

/** Settings as they hold, each value with where it comes from. */
export type SettingsFile = { readonly settings: Settings; readonly values: readonly Setting[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** The one value that the environment may set: a deployment knows its stage, and one file serves all of them. */
const stageVariable = 'CORDON_STAGE';

/** The names that a key could have had where it stands. */
function keysAt(value: unknown, path: readonly PropertyKey[]): readonly string[] {
  const at = path.reduce<unknown>((holder, key) => own(holder, String(key)), value);
  return isObject(at) ? Object.keys(at) : [];
}

/** Settings with every default, as far as they can be made from nothing: what keys there are. */
const blank = asJson(Settings.parse({}));

type Words = { readonly message: string; readonly remedy?: string };

/** A problem at its place; the place names the path once, also where nothing stands in the file to point at. */
const problemAt = ({ place, keyPlace }: Source, path: readonly PropertyKey[], words: Words, key = false) =>
  new InvalidInput({
    code: 'bad-settings',
    ...words,
    place: { ...(key ? keyPlace(path) : place(path)), ...(path.length > 0 && { path: path.map(String).join('.') }) },
  });

function problemsOf(issue: z.core.$ZodIssue, source: Source): InvalidInput[] {
  if (issue.code !== 'unrecognized_keys')
    return [problemAt(source, issue.path, wordsOf(issue), issue.code === 'invalid_key')];
  return issue.keys.map((key) => {
    const remedy = nearest(key, keysAt(blank, issue.path));
    const words = { message: 'there is no such setting', ...(remedy !== '' && { remedy }) };
    return problemAt(source, [...issue.path, key], words, true);
  });
}

/** Throws the one problem, or all of them in one message. */
function refuseFor(problems: readonly InvalidInput[], file: string): void {
  const [first, ...more] = problems;
  if (!first) return;
  if (more.length === 0) throw first;
  const all = problems.map((problem) => `  ${problem.describe()}`).join('\n');
  const message = `${problems.length} things are wrong:\n${all}`;
  throw new InvalidInput({ code: 'bad-settings', message, place: { file } });
}

/** Every scalar, and every empty list or object, with its path. */
function* leaves(
  value: Json,
  path: readonly (string | number)[] = [],
): Generator<[readonly (string | number)[], Json]> {
  const members = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  if (members.length === 0) yield [path, value];
  for (const [key, member] of members) yield* leaves(asJson(member), [...path, key]);
}

/** Whether a value stands in the file under a path. */
const stands = (value: unknown, path: readonly (string | number)[]): boolean =>
  path.reduce<unknown>((at, key) => (Array.isArray(at) ? at[Number(key)] : own(at, String(key))), value) !== undefined;

/**
 * Reads settings from YAML (or JSON, which is YAML); `given` is the stage that somebody named with the command. Throws
 * the first of its problems with line and column, and with all of them in its message where there are more.
 */
export function readSettingsFile(
  text: string,
  file: string,
  environment: Environment = {},
  given?: string,
): SettingsFile {
  const source = readYaml(text, file);
  const parsed = Settings.safeParse(source.value ?? {});
  if (!parsed.success) {
    refuseFor(
      parsed.error.issues.flatMap((issue) => problemsOf(issue, source)),
      file,
    );
    throw new InvalidInput({ code: 'bad-settings', message: `${file} does not fit` });
  }
  refuseFor(
    crossProblems(parsed.data).map(({ path, ...words }) => problemAt(source, path, words)),
    file,
  );
  const [stageFrom, stage] = given === undefined ? [stageVariable, environment[stageVariable]] : ['--stage', given];
  const settings = stage ? { ...parsed.data, stage } : parsed.data;
  const from = (path: readonly (string | number)[]): string => {
    if (stage && path.join('.') === 'stage') return stageFrom;
    if (!stands(source.value, path)) return 'default';
    return `${file}:${source.place(path).line ?? 1}`;
  };
  const values = [...leaves(asJson(settings))].map(([path, value]) => ({
    path: path.join('.'),
    value,
    from: from(path),
  }));
  return { settings, values };
}
