import * as z from 'zod';
import { InvalidInput, type Place } from '../model/error.ts';
import type { Json } from '../model/json.ts';
import { conditionTest } from './conditions.ts';

const grammar = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html';

/** A list, which AWS lets people write as its only member. */
const listOf = <T>(item: z.ZodType<T, unknown>) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).readonly());

const actions = listOf(z.string().regex(/^(\*|[^:\s]+:[^:\s]+)$/, { error: 'expected "*" or "service:Action"' }));
const resources = listOf(z.string().min(1, { error: 'expected an ARN or "*"' }));
const names = listOf(z.string().min(1, { error: 'expected a principal' }));
const values = listOf(
  z
    .union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number or a boolean' })
    .transform((value) => String(value)),
);

/** Whom a statement of a resource policy is about, by kind; `"*"` has become `{ AWS: ['*'] }`. */
export type Principals = z.output<typeof Principals>;
const Principals = z.preprocess(
  (value) => (value === '*' ? { AWS: '*' } : value),
  z
    .strictObject({
      AWS: names.exactOptional(),
      Service: names.exactOptional(),
      Federated: names.exactOptional(),
      CanonicalUser: names.exactOptional(),
    })
    .readonly(),
);

const Condition = z.record(z.string(), z.record(z.string(), values)).superRefine((conditions, context) => {
  for (const name of Object.keys(conditions).filter((known) => !conditionTest(known))) {
    context.addIssue({ code: 'custom', path: [name], message: `there is no condition operator ${name}` });
  }
});

/** One statement, every single value made a list. */
export type Statement = z.output<typeof Statement>;
export const Statement = z
  .strictObject({
    Sid: z.string().exactOptional(),
    Effect: z.enum(['Allow', 'Deny']),
    Principal: Principals.exactOptional(),
    NotPrincipal: Principals.exactOptional(),
    Action: actions.exactOptional(),
    NotAction: actions.exactOptional(),
    Resource: resources.exactOptional(),
    NotResource: resources.exactOptional(),
    Condition: Condition.exactOptional(),
  })
  .readonly()
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    error: 'needs one of Action and NotAction',
  })
  .refine(({ Resource, NotResource }) => Resource === undefined || NotResource === undefined, {
    error: 'has both Resource and NotResource',
  })
  .refine(
    ({ Resource, NotResource, Principal, NotPrincipal }) => Resource ?? NotResource ?? Principal ?? NotPrincipal,
    {
      error: 'needs one of Resource and NotResource',
    },
  )
  .refine(({ Principal, NotPrincipal }) => Principal === undefined || NotPrincipal === undefined, {
    error: 'has both Principal and NotPrincipal',
  })
  .refine(({ Effect, NotPrincipal }) => Effect === 'Deny' || NotPrincipal === undefined, {
    error: 'allows a NotPrincipal, which AWS does not support',
  });

/** A policy document of AWS, its statements always a list. Written back as JSON it means the same. */
export type PolicyDocument = z.output<typeof PolicyDocument>;
export const PolicyDocument = z
  .strictObject({
    Version: z.enum(['2012-10-17', '2008-10-17']).exactOptional(),
    Id: z.string().exactOptional(),
    Statement: listOf(Statement),
  })
  .readonly();

const invalid = (message: string, place: Place, cause?: unknown): InvalidInput =>
  new InvalidInput({
    code: 'invalid-policy',
    message: `The policy document is not valid: ${message}`,
    remedy: `Compare it with ${grammar}`,
    place,
    cause,
  });

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '') || 'the top';

function fromText(text: string): unknown {
  try {
    // IAM hands documents out percent-encoded
    return JSON.parse(/^\s*%7B/i.test(text) ? decodeURIComponent(text) : text);
  } catch (cause) {
    const [, line, column] = /line (\d+) column (\d+)/.exec(String(cause)) ?? [];
    const place = line ? { line: Number(line), column: Number(column) } : {};
    throw invalid('it is not JSON', { file: 'policy document', ...place }, cause);
  }
}

/** Reads a document from JSON text (percent-encoded or not) or from JSON. Throws InvalidInput with the place. */
export function parsePolicy(source: string | Json): PolicyDocument {
  const { data, error } = PolicyDocument.safeParse(typeof source === 'string' ? fromText(source) : source);
  if (data) return data;
  const [issue] = error.issues;
  throw invalid(issue?.message ?? error.message, { path: pathOf(issue?.path ?? []) }, error);
}
