import { type Expression, parseBicep, type Statement } from './bicep.ts';

/** Reads a file of the folder by its name; throws where there is none. */
export type ReadFile = (name: string) => string;

const decorators = ['description', 'minLength', 'maxLength', 'minValue', 'maxValue', 'secure', 'allowed', 'batchSize'];
const dataTypes = ['string', 'int', 'bool', 'object', 'array'];
/** The functions that are used, and the scopes some of them exist in (learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions). */
const functions: Readonly<Record<string, readonly string[] | 'everywhere'>> = {
  ...{ concat: 'everywhere', union: 'everywhere', filter: 'everywhere', map: 'everywhere', empty: 'everywhere' },
  ...{ guid: 'everywhere', uniqueString: 'everywhere', take: 'everywhere', last: 'everywhere', split: 'everywhere' },
  ...{ join: 'everywhere', replace: 'everywhere', resourceId: ['resourceGroup'] },
  ...{ loadJsonContent: 'everywhere', tenant: 'everywhere', environment: 'everywhere' },
  managementGroup: ['managementGroup'],
  subscription: ['subscription', 'resourceGroup'],
  subscriptionResourceId: ['subscription', 'resourceGroup'],
  resourceGroup: ['resourceGroup'],
};
const resourceForm = /^([A-Z]\w*(?:\.[A-Z]\w*)+)((?:\/[a-zA-Z]+)+)@\d{4}-\d{2}-\d{2}(-preview)?$/;

/** The text of an expression that has no interpolation. */
export const plainText = (expression: Expression | undefined): string | undefined =>
  expression?.kind === 'text' && expression.holes.length === 0 ? expression.parts.join('') : undefined;

/** What a file may be deployed to. */
export const scopeOf = (file: readonly Statement[]): string =>
  plainText(file.find(({ kind }) => kind === 'targetScope')?.value) ?? 'resourceGroup';

/** A member of an object, or of the objects a loop makes. */
export function memberOf(expression: Expression | undefined, name: string): Expression | undefined {
  if (expression?.kind === 'for') return memberOf(expression.body, name);
  return expression?.kind === 'object'
    ? expression.members.find(({ key }) => plainText(key) === name)?.value
    : undefined;
}

const children = (expression: Expression): readonly Expression[] => {
  switch (expression.kind) {
    case 'text':
      return expression.holes;
    case 'object':
      return expression.members.flatMap(({ key, value }) => [key, value]);
    case 'array':
      return expression.items;
    case 'call':
      return expression.given;
    case 'member':
    case 'not':
      return [expression.of];
    case 'index':
      return [expression.of, expression.at];
    case 'both':
      return [expression.left, expression.right];
    case 'choice':
      return [expression.when, expression.then, expression.otherwise];
    default:
      return [];
  }
};

/** Every expression in one, itself included, each with the names that loops and lambdas around it bring in. */
export function* within(
  expression: Expression,
  bound: readonly string[] = [],
): Generator<[Expression, readonly string[]]> {
  yield [expression, bound];
  if (expression.kind === 'for') {
    yield* within(expression.over, bound);
    yield* within(expression.body, [...bound, ...expression.names]);
  } else if (expression.kind === 'lambda') yield* within(expression.body, [...bound, ...expression.names]);
  else for (const child of children(expression)) yield* within(child, bound);
}

const expressionsOf = ({ value, when, decorators: more }: Statement): readonly Expression[] => [
  ...(value ? [value] : []),
  ...(when ? [when] : []),
  ...more.flatMap(({ given }) => given),
];

type File = { readonly statements: readonly Statement[]; readonly read: ReadFile };

/** Every expression of a file, with the names that loops and lambdas around it bring in. */
const allIn = (statements: readonly Statement[]): readonly [Expression, readonly string[]][] =>
  statements.flatMap(expressionsOf).flatMap((expression) => [...within(expression)]);

function* checkNames({ statements }: File): Generator<string> {
  const declared = statements.filter(({ kind }) => !['output', 'metadata', 'targetScope'].includes(kind));
  const names = declared.map(({ name }) => name);
  const used = allIn(statements).flatMap(([one, bound]) =>
    one.kind === 'name' && !bound.includes(one.name) ? [one] : [],
  );
  yield* names.filter((name, at) => names.indexOf(name) < at).map((name) => `${name} is declared twice`);
  yield* used.filter(({ name }) => !names.includes(name)).map(({ name, line }) => `line ${line}: there is no ${name}`);
  yield* declared
    .filter(({ kind, name }) => (kind === 'param' || kind === 'var') && !used.some((one) => one.name === name))
    .map(({ kind, name }) => `${kind} ${name} is not used`);
}

/** A resource group by its name, which a subscription knows too. */
const isGroupOf = ({ name, given }: Extract<Expression, { kind: 'call' }>, scope: string): boolean =>
  name === 'resourceGroup' && given.length > 0 && scope === 'subscription';

function* checkCalls({ statements, read }: File): Generator<string> {
  const scope = scopeOf(statements);
  for (const [one] of allIn(statements)) {
    if (one.kind !== 'call') continue;
    const where = Object.hasOwn(functions, one.name) ? functions[one.name] : undefined;
    if (where === undefined) yield `line ${one.line}: ${one.name} is no function that is known here`;
    else if (where !== 'everywhere' && !where.includes(scope) && !isGroupOf(one, scope))
      yield `line ${one.line}: ${one.name}() has no meaning in a ${scope}`;
    if (one.name === 'loadJsonContent') JSON.parse(read(plainText(one.given[0]) ?? ''));
  }
}

/** What may be named of a variable that a file was loaded into, and of the outputs of a module. */
const membersOf = (statements: readonly Statement[], read: ReadFile): ReadonlyMap<string, readonly string[]> =>
  new Map(
    statements.flatMap(({ kind, name, value, type = '' }): [string, readonly string[]][] => {
      if (kind === 'var' && value?.kind === 'call' && value.name === 'loadJsonContent')
        return [[name, Object.keys(Object(JSON.parse(read(plainText(value.given[0]) ?? ''))))]];
      if (kind !== 'module') return [];
      const outputs = parseBicep(read(type)).filter((one) => one.kind === 'output');
      return [[`${name}.outputs`, outputs.map((one) => one.name)]];
    }),
  );

/** `a` or `a.b`, where an expression is that and no more. */
function pathOf(expression: Expression): string {
  if (expression.kind === 'name') return expression.name;
  return expression.kind === 'member' && expression.of.kind === 'name'
    ? `${expression.of.name}.${expression.name}`
    : '';
}

function* checkMembers({ statements, read }: File): Generator<string> {
  const loaded = membersOf(statements, read);
  for (const [one] of allIn(statements)) {
    if (one.kind !== 'member') continue;
    const path = pathOf(one.of);
    if (loaded.get(path)?.includes(one.name) === false) yield `line ${one.line}: ${path} has no ${one.name}`;
  }
}

function* checkResource({ statements }: File, resource: Statement): Generator<string> {
  const { type = '', line, name, value } = resource;
  const [, , path = ''] = resourceForm.exec(type) ?? [];
  if (path === '') return yield `line ${line}: ${type} is no type with an API version`;
  if (!memberOf(value, 'name')) yield `line ${line}: ${name} has no name`;
  const parent = memberOf(value, 'parent');
  const holder = parent?.kind === 'index' ? parent.of : parent;
  const above = holder?.kind === 'name' ? statements.find((one) => one.name === holder.name) : undefined;
  if (path.split('/').length === 2) {
    if (parent) yield `line ${line}: ${name} stands in nothing and has a parent`;
    return;
  }
  const [outer = '', version = ''] = [type.slice(0, type.lastIndexOf('/')), type.slice(type.indexOf('@'))];
  if (above?.type !== outer + version) yield `line ${line}: the parent of ${name} is no ${outer}${version}`;
}

const moduleScopes: Readonly<Record<string, string>> = { 'Microsoft.Resources/resourceGroups': 'resourceGroup' };

function* checkModule({ statements, read }: File, module: Statement): Generator<string> {
  const { type = '', line, name, value } = module;
  const inner = parseBicep(read(type));
  const scope = memberOf(value, 'scope');
  const at = scope?.kind === 'name' ? statements.find((one) => one.name === scope.name) : undefined;
  const isGroup = scope?.kind === 'call' && isGroupOf(scope, scopeOf(statements));
  const of = isGroup ? 'resourceGroup' : moduleScopes[at?.type?.split('@')[0] ?? ''];
  const to = scope ? of : scopeOf(statements);
  if (to !== scopeOf(inner)) yield `line ${line}: ${type} is for a ${scopeOf(inner)}, not for a ${to}`;
  const given = memberOf(value, 'params');
  const keys = given?.kind === 'object' ? given.members.map(({ key }) => plainText(key) ?? '') : [];
  const params = inner.filter(({ kind }) => kind === 'param');
  for (const key of keys)
    if (!params.some((one) => one.name === key)) yield `line ${line}: ${type} has no param ${key}`;
  for (const one of params)
    if (!one.value && !keys.includes(one.name)) yield `line ${line}: ${name} gives no ${one.name}`;
}

function* checkStatement(file: File, statement: Statement): Generator<string> {
  const { kind, name, line, type = '', decorators: own, value } = statement;
  for (const decorator of own)
    if (!decorators.includes(decorator.name)) yield `line ${line}: @${decorator.name} is not known`;
  if (kind === 'param' && !own.some((one) => one.name === 'description'))
    yield `line ${line}: param ${name} says not what it is`;
  if ((kind === 'param' || kind === 'output') && !type.startsWith('{') && !dataTypes.includes(type.replace('[]', '')))
    yield `line ${line}: ${type} is no data type`;
  if (kind === 'output' && !value) yield `line ${line}: output ${name} has no value`;
  if (kind === 'resource') yield* checkResource(file, statement);
  if (kind === 'module') yield* checkModule(file, statement);
}

/** What stands against one file, each with its line: names, types, parents, modules. Throws `SyntaxError` where it cannot be read. */
export function bicepProblems(name: string, read: ReadFile): readonly string[] {
  const file: File = { statements: parseBicep(read(name)), read };
  const all = [...checkNames(file), ...checkCalls(file), ...checkMembers(file)];
  return [...all, ...file.statements.flatMap((statement) => [...checkStatement(file, statement)])].map(
    (problem) => `${name}: ${problem}`,
  );
}
