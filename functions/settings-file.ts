import type * as z from 'zod';
import { Settings } from '../shared/config/settings.ts';
import { InvalidInput, type Place } from '../shared/model/error.ts';
import { asJson, isObject, type Json, own } from '../shared/model/json.ts';
import { nearest } from '../shared/model/nearest.ts';
import { readYaml } from '../shared/playbook/yaml.ts';

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

function problemsOf(
  issue: z.core.$ZodIssue,
  place: (path: readonly PropertyKey[], key: boolean) => Place,
): InvalidInput[] {
  const at = (path: readonly PropertyKey[], message: string, remedy?: string, key = false) =>
    new InvalidInput({
      code: 'bad-settings',
      message: `${path.map(String).join('.') || 'the settings'}: ${message}`,
      place: place(path, key),
      ...(remedy !== undefined && { remedy }),
    });
  if (issue.code !== 'unrecognized_keys') return [at(issue.path, issue.message)];
  return issue.keys.map((key) =>
    at([...issue.path, key], 'there is no such setting', nearest(key, keysAt(blank, issue.path)), true),
  );
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
 * Reads settings from YAML (or JSON, which is YAML). Throws the first of its problems with line and column, and with
 * all of them in its message where there are more.
 */
export function readSettingsFile(text: string, file: string, environment: Environment = {}): SettingsFile {
  const source = readYaml(text, file);
  const parsed = Settings.safeParse(source.value ?? {});
  if (!parsed.success) {
    const place = (path: readonly PropertyKey[], key: boolean) => (key ? source.keyPlace(path) : source.place(path));
    const [first, ...more] = parsed.error.issues.flatMap((issue) => problemsOf(issue, place));
    if (!first || more.length === 0)
      throw first ?? new InvalidInput({ code: 'bad-settings', message: `${file} does not fit` });
    const all = [first, ...more].map((problem) => `  ${problem.describe()}`).join('\n');
    throw new InvalidInput({
      code: 'bad-settings',
      message: `${more.length + 1} things are wrong:\n${all}`,
      place: { file },
    });
  }
  const stage = environment[stageVariable];
  const settings = stage ? { ...parsed.data, stage } : parsed.data;
  const from = (path: readonly (string | number)[]): string => {
    if (stage && path.join('.') === 'stage') return stageVariable;
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
