import * as z from 'zod';
import { Json, type JsonObject } from '../../model/json.ts';
import { PolicyDocument, type Statement } from '../../policy/document.ts';

/** A policy document or statement as AWS keeps it, with everything that others wrote into it. */
export const PolicyJson: z.ZodType<JsonObject> = z.record(z.string(), Json);

/** A statement that denies everything, or everything under one condition. The Sid tells which run it is of. */
export const denyAll = (sid: string, condition?: JsonObject): JsonObject => ({
  Sid: sid,
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  ...(condition && { Condition: condition }),
});

/** A document of one statement. */
export const documentWith = (statement: JsonObject): JsonObject => ({ Version: '2012-10-17', Statement: [statement] });

/** The document in what IAM answers, which is percent-encoded JSON. */
export const readDocument = (text: string): JsonObject => PolicyJson.parse(JSON.parse(decodeURIComponent(text)));

type Test = { readonly name: string; readonly values: readonly string[] };

/** Keys of conditions compare without case. */
const testsOf = ({ Condition = {} }: Statement): readonly Test[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ name: `${operator} ${key}`.toLowerCase(), values })),
  );

/**
 * Where a document denies everything under exactly these tests, such as `StringEquals aws:userid`: the values of each,
 * one row for each such statement. Without tests: a row for each statement that denies everything always.
 */
export function denied(document: JsonObject | null, ...tests: readonly string[]): readonly (readonly string[])[][] {
  const statements = PolicyDocument.safeParse(document).data?.Statement ?? [];
  return statements
    .filter(({ Effect, Action, Resource }) => Effect === 'Deny' && Action?.includes('*') && Resource?.includes('*'))
    .map(testsOf)
    .filter((found) => found.length === tests.length)
    .map((found) => tests.flatMap((test) => found.filter(({ name }) => name === test.toLowerCase())))
    .filter((found) => found.length === tests.length)
    .map((found) => found.map(({ values }) => values));
}

/** Whether one of these instants is not before another. A name such as `{startedAt}` is before none and after all. */
export const reaches = (instants: readonly string[], wanted: string): boolean =>
  instants.some((instant) => Date.parse(instant) >= Date.parse(wanted));
