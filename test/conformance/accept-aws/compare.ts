import { canonical, isObject, type Json, type JsonObject } from '../../../shared/model/json.ts';

/** What one side has at a place; a dash where it has nothing. */
export type Difference = {
  /** The action, probe or command. */
  readonly subject: string;
  readonly at: string;
  readonly moto: string;
  readonly sandbox: string;
};

/** One member of a value by its path, as text. */
function* leaves(value: Json, path: string): Generator<readonly [path: string, text: string]> {
  const entries: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? value.map((item: Json, at) => [`[${at}]`, item])
    : isObject(value)
      ? Object.entries(value).map(([key, item]) => [`/${key}`, item as Json]) // an object of JSON
      : [];
  if (entries.length === 0 && (path !== '' || !isObject(value))) yield [path, canonical(value)];
  else for (const [key, item] of entries) yield* leaves(item, path + key);
}

/** Where two values differ, place by place. */
export function differences(subject: string, moto: Json, sandbox: Json): readonly Difference[] {
  const [theirs, ours] = [new Map(leaves(moto, '')), new Map(leaves(sandbox, ''))];
  const places = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
  return places.flatMap((at) => {
    const [a = '-', b = '-'] = [theirs.get(at), ours.get(at)];
    return a === b ? [] : [{ subject, at, moto: a, sandbox: b }];
  });
}

/** Two stories, each stage by its name. What follows where one of them ended early is no difference of its own. */
export function storyDifferences(subject: string, moto: JsonObject, sandbox: JsonObject): readonly Difference[] {
  const ended = Object.hasOwn(moto, 'ended') || Object.hasOwn(sandbox, 'ended');
  const shared = ([stage]: [string, Json]) =>
    !ended || stage === 'ended' || (Object.hasOwn(moto, stage) && Object.hasOwn(sandbox, stage));
  const told = (story: JsonObject) => Object.fromEntries(Object.entries(story).filter(shared));
  return differences(subject, told(moto), told(sandbox));
}

/** A difference that is understood, and no fault of the sandbox. */
export type Known = {
  readonly subjects: readonly string[];
  /** Matches the place. */
  readonly at: RegExp;
  /** The error code that the sandbox answers, where it refuses what moto lets pass or says otherwise. */
  readonly code?: string;
  /** Exactly what moto has there. */
  readonly moto?: string;
  readonly why: string;
  /** The version of moto that it was seen with. */
  readonly seen: string;
};

/** The entry that explains a difference; undefined where nobody has explained it. */
export const explanation = (known: readonly Known[], { subject, at, moto, sandbox }: Difference): Known | undefined =>
  known.find(
    (one) =>
      one.subjects.includes(subject) &&
      one.at.test(at) &&
      (one.moto === undefined || moto === JSON.stringify(one.moto)) &&
      (at !== '/code' || one.code === undefined || sandbox === JSON.stringify(one.code)),
  );
