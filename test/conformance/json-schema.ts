import { isObject, own } from '../../shared/model/json.ts';

type Check = {
  readonly value: unknown;
  readonly schema: unknown;
  readonly path: string;
  /** The document that `$ref` points into. */
  readonly root: unknown;
};

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  null: (value) => value === null,
};

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** `#/$defs/Finding` and the like. */
function resolved({ schema, root }: Check): unknown {
  const reference = own(schema, '$ref');
  if (typeof reference !== 'string') return schema;
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => own(at, key), root);
}

function members(check: Check, schema: unknown): readonly string[] {
  const { value, path } = check;
  if (!isObject(value)) return [];
  const missing = listOf(own(schema, 'required')).filter((key) => own(value, String(key)) === undefined);
  return [
    ...missing.map((key) => `${path}.${key} is missing`),
    ...Object.entries(value).flatMap(([key, member]) => {
      const inner = own(own(schema, 'properties'), key) ?? own(schema, 'additionalProperties');
      return isObject(inner) ? problems({ ...check, value: member, schema: inner, path: `${path}.${key}` }) : [];
    }),
  ];
}

function problems(check: Check): readonly string[] {
  const { value, path } = check;
  const schema = resolved(check);
  if (!isObject(schema)) return [`${path} has a schema that is not there`];
  const types = listOf(own(schema, 'type')).map(String);
  if (types.length > 0 && !types.some((type) => kinds[type]?.(value))) return [`${path} is no ${types.join(' or ')}`];
  const allowed = own(schema, 'enum');
  if (Array.isArray(allowed) && !allowed.includes(value)) return [`${path} is none of ${allowed.join(', ')}`];
  const items = own(schema, 'items');
  const inList = Array.isArray(value) && items !== undefined ? value : [];
  return [
    ...members(check, schema),
    ...inList.flatMap((item, at) => problems({ ...check, value: item, schema: items, path: `${path}.${at}` })),
  ];
}

/** What is wrong with a value by `type`, `required`, `properties`, `additionalProperties`, `items`, `enum` and `$ref`. */
export const problemsOf = (value: unknown, schema: unknown): readonly string[] =>
  problems({ value, schema, path: 'value', root: schema });
