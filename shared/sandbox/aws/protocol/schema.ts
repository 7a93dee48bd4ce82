import { NormalizedSchema, translateTraits } from '@smithy/core/schema';
import type {
  $SchemaRef,
  SchemaTraitsObject,
  StaticErrorSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types';

/** The schema of a string. */
export const text = 0;

/** The schemas of a structure's members by name, in the order of its model. */
export type Members = Readonly<Record<string, $SchemaRef>>;

const isTagged = (value: unknown, tag: number): boolean => Array.isArray(value) && value[0] === tag;

/** Whether what a client package exports is an operation: `[9, namespace, name, traits, input, output]`. */
export const isOperation = (value: unknown): value is StaticOperationSchema => isTagged(value, 9);

/** Whether what a client package exports is an error: `[-3, namespace, name, traits, names, members]`. */
export const isError = (value: unknown): value is StaticErrorSchema => isTagged(value, -3);

/** The traits of an operation or an error, which small models pack into a number. */
export const traitsOf = (schema: StaticOperationSchema | StaticErrorSchema): SchemaTraitsObject =>
  translateTraits(schema[3]);

const shapeOf = (ref: $SchemaRef): StaticStructureSchema | StaticErrorSchema | undefined => {
  const schema = NormalizedSchema.of(ref).getSchema();
  return typeof schema === 'object' && (schema[0] === 3 || schema[0] === -3) ? schema : undefined;
};

/** The members of a structure or an error as the model writes them; none for the unit shape. */
export function membersOf(ref: $SchemaRef): Members {
  const [, , , , names = [], members = []] = shapeOf(ref) ?? [];
  return Object.fromEntries(names.map((name, at) => [name, members[at] ?? 0]));
}

/** The members of a structure with their traits resolved; none for the unit shape. */
export const boundMembersOf = (schema: NormalizedSchema): readonly (readonly [string, NormalizedSchema])[] =>
  schema.isStructSchema() ? [...schema.structIterator()] : [];

/** The names of the members that the model requires: it lists them first and counts them. */
export const requiredOf = (ref: $SchemaRef): ReadonlySet<string> => {
  const shape = shapeOf(ref);
  return new Set(shape?.[4].slice(0, shape[6] ?? 0));
};

/** A structure made up for one envelope around what the model describes. */
export const structure = (name: string, members: Members): StaticStructureSchema => [
  3,
  'cordon.sandbox',
  name,
  0,
  Object.keys(members),
  Object.values(members),
];
