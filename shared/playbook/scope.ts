import * as z from 'zod';
import { AzureLogging } from '../model/azure-logging.ts';
import { factsOf } from '../model/facts.ts';
import { Finding } from '../model/finding.ts';
import { isObject, type JsonObject, own } from '../model/json.ts';
import { nearest } from '../model/nearest.ts';
import type { Playbook, Step } from '../model/playbook.ts';
import { Target, type TargetType } from '../model/target.ts';
import { keysOf, wholeTemplate } from './template.ts';

/** A JSON Schema: what is known about a value before there is one. `{}` is anything. */
export type Shape = JsonObject;

const shapeOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { unrepresentable: 'any' }) as Shape; // plain JSON by its making

/** Every kind of resource. */
export const targetTypes: readonly TargetType[] = Target.options.map(({ shape }) => shape.type.value);

const isTargetType = (type: unknown): type is TargetType => targetTypes.some((known) => known === type);

/** The kinds of resource that a playbook's `targets` pattern can pick, where it names them. */
export function pickedTypes({ targets }: Playbook): readonly TargetType[] {
  const named: unknown = own(targets, 'type');
  const literal = Array.isArray(named) && named.every((type) => isTargetType(type));
  return literal ? named : targetTypes;
}

/** The settings that templates may read. */
const VisibleSettings = z.object({
  identityCenter: z.object({ account: z.string(), region: z.string() }).optional(),
  tenant: z.string().optional(),
  quarantineStorageAccount: z.string().optional(),
  quarantineBucket: z.object({ name: z.string(), account: z.string(), region: z.string() }).optional(),
  azureLogging: AzureLogging,
  isolation: z.object({
    allow: z.array(z.object({ cidr: z.string(), port: z.int().optional() })),
    instanceProfile: z.string(),
  }),
  /** The AWS accounts that Cordon watches over. */
  accounts: z.array(z.string()),
});

const saidOf: ReadonlyMap<TargetType, z.ZodObject> = new Map(
  Target.options.map((option) => [option.shape.type.value, option]),
);

const targetShape = (type: TargetType): Shape =>
  shapeOf((saidOf.get(type) ?? z.object({})).extend(factsOf(type).shape));

/** What stands behind each root of a template, for one playbook. */
export const playbookScope = (playbook: Playbook): Shape => ({
  type: 'object',
  properties: {
    finding: shapeOf(Finding),
    target: { anyOf: pickedTypes(playbook).map(targetShape) },
    settings: shapeOf(VisibleSettings),
  },
  additionalProperties: false,
});

const isShape = (value: unknown): value is Shape => isObject(value); // a schema is JSON through and through

/** The alternatives of a shape, none of them with alternatives of its own. */
export function plainShapes(shape: Shape): readonly Shape[] {
  const alternatives: unknown = own(shape, 'anyOf') ?? own(shape, 'oneOf');
  if (!Array.isArray(alternatives)) return [shape];
  return alternatives.flatMap((one: unknown) => (isShape(one) ? plainShapes(one) : []));
}

/** What stands under one key of a shape; nothing where there can be nothing. */
export function memberOf(shape: Shape, key: string): Shape | undefined {
  const type = own(shape, 'type');
  if (type === undefined) return {};
  if (type === 'array' && /^\d+$/.test(key)) return isShape(shape['items']) ? shape['items'] : {};
  if (type !== 'object') return undefined;
  const member = own(own(shape, 'properties'), key) ?? own(shape, 'additionalProperties');
  return isShape(member) ? member : undefined;
}

const namesIn = (shape: Shape): string[] => Object.keys(own(shape, 'properties') ?? {});

/** What a template path leads to, or where it leaves what is known. */
export type Found = { readonly shape: Shape } | { readonly message: string; readonly remedy: string };

/** Follows `finding.actor.userName` through a shape. */
export function follow(path: string, scope: Shape): Found {
  let shapes: readonly Shape[] = [scope];
  const passed: string[] = [];
  for (const key of keysOf(path)) {
    const next = shapes.flatMap((shape) => [memberOf(shape, key)]).filter((one) => one !== undefined);
    const names = [...new Set(shapes.flatMap((shape) => namesIn(shape)))];
    if (next.length === 0 && passed.length === 0)
      return { message: `\${${path}} stands outside of a step with forEach`, remedy: nearest(key, names) };
    if (next.length === 0)
      return { message: `\${${path}}: ${passed.join('.')} has no ${key}`, remedy: nearest(key, names) };
    shapes = next.flatMap((one) => plainShapes(one));
    passed.push(key);
  }
  return { shape: { anyOf: shapes } };
}

/** The scope with `item`, where the step goes over a list whose items are known. */
export function stepScope(scope: Shape, { forEach }: Step): Shape {
  if (forEach === undefined) return scope;
  const path = wholeTemplate(forEach);
  const found = path === undefined ? undefined : follow(path, scope);
  const items = found && 'shape' in found ? plainShapes(found.shape).flatMap((one) => memberOf(one, '0') ?? []) : [];
  const properties = own(scope, 'properties');
  return { ...scope, properties: { ...(properties as JsonObject), item: items.length > 0 ? { anyOf: items } : {} } }; // an object, made above
}

const words = (shape: Shape): readonly unknown[] | undefined => {
  const listed = own(shape, 'enum');
  if (Array.isArray(listed)) return listed;
  const only = own(shape, 'const');
  return only === undefined ? undefined : [only];
};

const number = (type: unknown): unknown => (type === 'integer' ? 'number' : type);

function plainFits(given: Shape, wanted: Shape): boolean {
  if (given['type'] === undefined || wanted['type'] === undefined) return true;
  if (number(given['type']) !== number(wanted['type'])) return false;
  const [have, want] = [words(given), words(wanted)];
  if (have && want && !have.some((word) => want.includes(word))) return false;
  const [item, wantedItem] = [given['items'], wanted['items']];
  return isShape(item) && isShape(wantedItem) ? fits(item, wantedItem) : true;
}

/** Whether a value of one shape can be one of another. */
export const fits = (given: Shape, wanted: Shape): boolean =>
  plainShapes(given).some((one) => plainShapes(wanted).some((other) => plainFits(one, other)));

/** What a shape is, in words: `text`, `a list or an object`. */
export function shapeText(shape: Shape): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    null: 'nothing',
  };
  const told = plainShapes(shape).map((one) => {
    const listed = words(one);
    return listed ? listed.map(String).join(' or ') : (names[String(one['type'])] ?? 'anything');
  });
  return [...new Set(told)].slice(0, 8).join(' or ');
}
