import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject } from '../../shared/model/json.ts';
import { type Expression, parseBicep, type Statement } from './bicep.ts';
import { memberOf, plainText, type ReadFile } from './bicep-rules.ts';

/** A resource as a deployment would ask for it; what Azure alone knows stands as `<symbol.path>`. */
export type Deployed = {
  readonly type: string;
  readonly file: string;
  readonly name: string;
  /** The resource group that it would lie in, where it lies in one. */
  readonly group: string;
  readonly body: JsonObject;
  /** The name of what it is a part of, where it is one. */
  readonly above: string;
};

/** What a deployment comes to: its resources, those of its modules included, and its outputs. */
export type Deployment = { readonly resources: readonly Deployed[]; readonly outputs: JsonObject };

/** A value, or something that is known only once it is deployed: its path from a symbol. */
type Value = Json | Unknown;
class Unknown {
  readonly path: string;
  readonly known: JsonObject;
  constructor(path: string, known: JsonObject = {}) {
    this.path = path;
    this.known = known;
  }
}

type Scope = { readonly names: ReadonlyMap<string, () => Value>; readonly read: ReadFile; readonly group: string };

const jsonOf = (value: Value): Json => (value instanceof Unknown ? `<${value.path}>` : value);
const listOf = (value: Value): readonly Json[] => {
  const json = jsonOf(value);
  if (Array.isArray(json)) return json;
  throw new TypeError(`${JSON.stringify(json)} is no list`);
};
const objectOf = (value: Value): JsonObject => {
  const json = jsonOf(value);
  if (isObject(json)) return json as JsonObject; // JSON inside of JSON
  throw new TypeError(`${JSON.stringify(json)} is no object`);
};
const textOf = (value: Value): string => {
  const json = jsonOf(value);
  return typeof json === 'object' ? JSON.stringify(json) : String(json);
};

const subscriptionId = '0a1b2c3d-0000-4000-8000-000000000001';
const subscription = { id: `/subscriptions/${subscriptionId}`, subscriptionId };

/** The same for the same, as Bicep's own is. */
const guidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The functions of Bicep that are values alone. */
const plainFunctions: Readonly<Record<string, (...given: readonly Value[]) => Value>> = {
  union: (...given) => Object.assign({}, ...given.map(objectOf)),
  concat: (...given) => given.flatMap(listOf),
  empty: (value) => value === undefined || ['', '[]', '{}', 'null'].includes(textOf(value)),
  guid: (...given) => guidOf(given.map(textOf).join()),
  uniqueString: (...given) => `k3x${guidOf(given.map(textOf).join()).replaceAll('-', '').slice(0, 10)}`,
  take: (value = '', count = 0) => textOf(value).slice(0, Number(count)),
  split: (value = '', by = '') => textOf(value).split(textOf(by)),
  join: (value = [], by = '') => listOf(value).map(textOf).join(textOf(by)),
  replace: (value = '', from = '', to = '') => textOf(value).replaceAll(textOf(from), textOf(to)),
  last: (value = []) => listOf(value).at(-1) ?? null,
  tenant: () => ({ tenantId: '0a1b2c3d-0000-4000-8000-0000000000ff' }),
  environment: () => ({ authentication: { loginEndpoint: 'https://login.microsoftonline.com/' } }),
  subscription: () => subscription,
  managementGroup: () => ({ id: '/providers/Microsoft.Management/managementGroups/mg', name: 'mg' }),
  resourceId: (group = '', type = '', name = '') =>
    `${subscription.id}/resourceGroups/${textOf(group)}/providers/${textOf(type)}/${textOf(name)}`,
  subscriptionResourceId: (type = '', name = '') => `${subscription.id}/providers/${textOf(type)}/${textOf(name)}`,
};

function member(of: Value, name: string): Value {
  if (of instanceof Unknown) return of.known[name] ?? new Unknown(`${of.path}.${name}`);
  return objectOf(of)[name] ?? null;
}

const bind = (scope: Scope, names: readonly string[], values: readonly Value[]): Scope => ({
  ...scope,
  names: new Map([...scope.names, ...names.map((name, at) => [name, () => values[at] ?? null] as const)]),
});

const compare: Readonly<Record<string, (left: Json, right: Json) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '&&': (left, right) => left === true && right === true,
  '||': (left, right) => left === true || right === true,
};

const groupOf = (name: string) => ({
  ...{ name, location: 'westeurope' },
  id: `${subscription.id}/resourceGroups/${name}`,
});

function call({ name, given }: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
  const [first, second] = given;
  if (name === 'loadJsonContent') return JSON.parse(scope.read(plainText(first) ?? '')) as Json; // JSON by its parser
  if (name === 'filter' || name === 'map') {
    if (!first || second?.kind !== 'lambda') throw new TypeError(`${name} takes a list and a lambda`);
    const of = (item: Json) => jsonOf(evaluate(second.body, bind(scope, second.names, [item])));
    const items = listOf(evaluate(first, scope));
    return name === 'map' ? items.map(of) : items.filter((item) => of(item) === true);
  }
  if (name === 'resourceGroup') return groupOf(first ? textOf(evaluate(first, scope)) : scope.group);
  const known = plainFunctions[name];
  if (!known) throw new TypeError(`${name} is not known`);
  return known(...given.map((one) => evaluate(one, scope)));
}

function loop({ names, over, body }: Extract<Expression, { kind: 'for' }>, scope: Scope): readonly Json[] {
  return listOf(evaluate(over, scope)).map((item, at) => jsonOf(evaluate(body, bind(scope, names, [item, at]))));
}

function index(of: Value, at: Value): Value {
  return of instanceof Unknown ? new Unknown(`${of.path}[${textOf(at)}]`) : (listOf(of)[Number(at)] ?? null);
}

const evaluators: {
  readonly [K in Expression['kind']]: (expression: Extract<Expression, { kind: K }>, scope: Scope) => Value;
} = {
  literal: ({ value }) => value,
  text: ({ parts, holes }, scope) =>
    parts.map((part, at) => part + (holes[at] ? textOf(evaluate(holes[at], scope)) : '')).join(''),
  name: ({ name }, scope) => {
    const named = scope.names.get(name);
    if (!named) throw new TypeError(`there is no ${name}`);
    return named();
  },
  object: ({ members }, scope) =>
    Object.fromEntries(members.map(({ key, value }) => [textOf(evaluate(key, scope)), jsonOf(evaluate(value, scope))])),
  array: ({ items }, scope) => items.map((item) => jsonOf(evaluate(item, scope))),
  for: loop,
  call,
  member: ({ of, name }, scope) => member(evaluate(of, scope), name),
  index: ({ of, at }, scope) => index(evaluate(of, scope), evaluate(at, scope)),
  not: ({ of }, scope) => jsonOf(evaluate(of, scope)) !== true,
  both: ({ sign, left, right }, scope) => {
    const known = compare[sign];
    if (!known) throw new TypeError(`${sign} is not known`);
    return known(jsonOf(evaluate(left, scope)), jsonOf(evaluate(right, scope)));
  },
  choice: ({ when, then, otherwise }, scope) =>
    evaluate(jsonOf(evaluate(when, scope)) === true ? then : otherwise, scope),
  lambda: () => {
    throw new TypeError('a lambda stands in filter and map only');
  },
};

function evaluate(expression: Expression, scope: Scope): Value {
  const one = evaluators[expression.kind] as (given: Expression, scope: Scope) => Value; // by its own kind
  return one(expression, scope);
}

const bodies = ({ value }: Statement, scope: Scope): readonly JsonObject[] => {
  if (!value) return [];
  return value.kind === 'for' ? loop(value, scope).map(objectOf) : [objectOf(evaluate(value, scope))];
};

type Parts = {
  readonly name: string;
  readonly params: JsonObject;
  readonly read: ReadFile;
  /** The resource group that is deployed to. */
  readonly group?: string;
};
type Run = Parts & { readonly scope: Scope; readonly names: Map<string, () => Value> };

/** What a symbol of a resource stands for: what it was asked for as, and for the rest its path. */
function symbol(statement: Statement, scope: Scope): Value {
  const { name, value } = statement;
  if (value?.kind === 'for') return bodies(statement, scope).map((body) => ({ ...body, id: `<${name}.id>` }));
  const own = memberOf(value, 'name');
  return new Unknown(name, own ? { name: textOf(evaluate(own, scope)) } : {});
}

/** What a statement puts behind its name. */
function meaning(statement: Statement, { name: file, params, scope }: Run): Value {
  const { kind, name, value } = statement;
  if (kind === 'resource') return symbol(statement, scope);
  if (kind === 'param' && Object.hasOwn(params, name)) return params[name] ?? null;
  if (value) return evaluate(value, scope);
  throw new TypeError(`${file} needs ${name}`);
}

function resourcesOf(statement: Statement, { name: file, scope, names, read }: Run): readonly Deployed[] {
  const { kind, name, type = '', value, when, existing } = statement;
  if (existing || (when && jsonOf(evaluate(when, scope)) !== true)) return [];
  const parent = memberOf(value, 'parent');
  const above = parent?.kind === 'name' ? textOf(member(evaluate(parent, scope), 'name')) : '';
  if (kind === 'resource')
    return bodies(statement, scope).map((body) => ({
      ...{ type: type.split('@')[0] ?? '', file, body, above, group: scope.group },
      name: textOf(body['name'] ?? ''),
    }));
  const given = memberOf(value, 'params');
  const other = memberOf(value, 'scope');
  const place = other ? evaluate(other, scope) : undefined;
  const group = place === undefined ? scope.group : textOf(member(place, 'name'));
  const inner = deployBicep({ name: type, params: given ? objectOf(evaluate(given, scope)) : {}, read, group });
  names.set(name, () => ({ outputs: inner.outputs }));
  return inner.resources;
}

/** Carries a file out as Azure Resource Manager would, without Azure: conditions, loops and modules are gone through. */
export function deployBicep(parts: Parts): Deployment {
  const statements = parseBicep(parts.read(parts.name));
  const names = new Map<string, () => Value>();
  const run: Run = { ...parts, names, scope: { names, read: parts.read, group: parts.group ?? 'rg-cordon' } };
  for (const statement of statements)
    if (['param', 'var', 'resource'].includes(statement.kind)) names.set(statement.name, () => meaning(statement, run));
  const resources = statements.flatMap((one) =>
    one.kind === 'resource' || one.kind === 'module' ? resourcesOf(one, run) : [],
  );
  const outputs = statements.flatMap(({ kind, name, value }) =>
    kind === 'output' && value ? [[name, jsonOf(evaluate(value, run.scope))] as const] : [],
  );
  return { resources, outputs: Object.fromEntries(outputs) };
}
