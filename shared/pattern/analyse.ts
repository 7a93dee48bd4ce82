import { isObject } from '../model/json.ts';
import type { Condition } from './condition.ts';
import { leafOf, type Scalar } from './leaf.ts';
import { describe, either, operators, testOf } from './operators.ts';
import type { Field, Pattern } from './parse.ts';

/** Something about a valid pattern that its author hardly meant. */
export type Warning = {
  readonly code:
    | 'never-matches'
    | 'cannot-occur'
    | 'always-matches'
    | 'excludes-nothing'
    | 'repeated'
    | 'replaced'
    | 'or-as-field'
    | 'operator-as-field';
  /** The dotted path of the field; empty for the whole pattern. */
  readonly path: string;
  readonly message: string;
};

/** What can stand on a path: one of `values`, or any scalar where they are undefined; and whether there can be none. */
export type Domain = { readonly values: readonly Scalar[] | undefined; readonly absent: boolean };

/** What is known about the values on a path. */
export type Domains = (path: string) => Domain;

const anything: Domains = () => ({ values: undefined, absent: true });

/** The double next above or below a finite one. */
function neighbour(value: number, up: boolean): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigInt64(0);
  if (value === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  view.setBigInt64(0, bits + (up === value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Whether no number meets all bounds. If any does, then one of these: a bound, or a number right beside it. */
function isEmptyRange({ bounds }: Condition<'numeric'>): boolean {
  const condition: Condition = { kind: 'numeric', bounds };
  const fits = testOf(condition);
  const tried = bounds.flatMap(([, bound]) => [bound, neighbour(bound, true), neighbour(bound, false)]);
  return !tried.some((value) => fits(leafOf(0, value, undefined)));
}

const isImpossible = (condition: Condition): boolean => condition.kind === 'numeric' && isEmptyRange(condition);
const isPresence = (condition: Condition): boolean => condition.kind === 'exists' && condition.exists;
const isAbsence = (condition: Condition): boolean => condition.kind === 'exists' && !condition.exists;

type Exclusions = Condition<'anything-but'>;

/** So many trials of values against conditions are made; beyond, nothing is said. */
const mostTrials = 1_000_000;

/** Whether the other alternatives let in all that this one excludes: told for plain values only, which can be tried. */
function leavesNothingOut(one: Exclusions, others: readonly Condition[]): boolean {
  if (one.of !== 'exactly' || one.values.length * others.length > mostTrials) return false;
  const tests = others.map((condition) => testOf(condition));
  return one.values.every((value: Scalar) => tests.some((test) => test(leafOf(0, value, undefined))));
}

/** An `anything-but` whose exclusions the other alternatives of its field let in again, or undefined. */
function idleExclusion({ conditions }: Field): Exclusions | undefined {
  for (const condition of conditions) {
    if (condition.kind !== 'anything-but') continue;
    const others = conditions.filter((other) => other !== condition);
    if (leavesNothingOut(condition, others)) return condition;
  }
  return undefined;
}

/** Whether a condition holds for some value, or for none at all, that can stand there. */
function canHold(condition: Condition, { values, absent }: Domain): boolean {
  if (isAbsence(condition)) return absent;
  if (values === undefined) return !isImpossible(condition);
  const test = testOf(condition);
  return values.some((value) => test(leafOf(0, value, undefined)));
}

/** Whether one of these conditions holds for every value that can stand there. */
function coverAll(field: Field, { values }: Domain): boolean {
  if (field.conditions.some(isPresence) || idleExclusion(field) !== undefined) return true;
  if (values === undefined) return false;
  const tests = field.conditions.filter((condition) => !isAbsence(condition)).map((condition) => testOf(condition));
  return values.every((value) => tests.some((test) => test(leafOf(0, value, undefined))));
}

/** Whether a field holds in every event: whatever the value, and absent too where it can be. */
function holdsAlways(field: Field, domains: Domains): boolean {
  const domain = domains(field.path);
  return (!domain.absent || field.conditions.some(isAbsence)) && coverAll(field, domain);
}

const holdsNever = ({ path, conditions }: Field, domains: Domains): boolean =>
  !conditions.some((condition) => canHold(condition, domains(path)));

const mostNamed = 8;

/** What a field can be, in words. */
function domainWords({ values, absent }: Domain): string {
  if (values === undefined) return '';
  if (values.length === 0) return ', which has no values';
  const named = values.slice(0, mostNamed).map((value) => String(value));
  const rest = values.length > mostNamed ? ` and ${values.length - mostNamed} more` : '';
  return `, which is one of ${named.join(', ')}${rest}${absent ? ', or absent' : ''}`;
}

/** Conditions that no value of the field meets. */
function* vainWarnings({ path, conditions }: Field, domains: Domains): Generator<Warning> {
  const domain = domains(path);
  if (domain.values?.length === 0 && !conditions.some(isAbsence)) {
    yield { code: 'cannot-occur', path, message: `There is no field ${path} with a value of its own` };
    return;
  }
  const vain = conditions.filter((condition) => !canHold(condition, domain));
  if (vain.length === 0) return;
  const wanted = either(vain.map((condition) => describe(condition)));
  const message =
    domain.values === undefined && vain.every(isImpossible)
      ? `No number is ${wanted}`
      : `${path} is never ${wanted}${domainWords(domain)}`;
  yield { code: 'cannot-occur', path, message };
}

function* fieldWarnings(field: Field, domains: Domains): Generator<Warning> {
  const { path, conditions } = field;
  yield* vainWarnings(field, domains);
  const idle = idleExclusion(field);
  if (idle !== undefined) {
    const message = `"${describe(idle)}" excludes nothing: conditions of one field are alternatives, and another lets it in`;
    yield { code: 'excludes-nothing', path, message };
  }
  const seen = new Set<string>();
  const repeated = conditions.find((condition) => seen.size === seen.add(JSON.stringify(condition)).size);
  if (repeated !== undefined) yield { code: 'repeated', path, message: `${describe(repeated)} stands there twice` };
}

/** Field names that are operators: `{"severity": {"numeric": [">=", 7]}}` asks for a field severity.numeric. */
function* operatorsAsFields(object: object, path: string): Generator<Warning> {
  for (const [key, value] of Object.entries(object)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (path !== '' && Object.hasOwn(operators, key) && !isObject(value)) {
      const message = `"${key}" is read as the name of a field here; as an operator it is written "${path}": [{"${key}": ...}]`;
      yield { code: 'operator-as-field', path: name, message };
    }
    if (isObject(value)) yield* operatorsAsFields(value, name);
  }
}

function* patternWarnings({ alternatives, replaced, orIsField }: Pattern, domains: Domains): Generator<Warning> {
  if (alternatives.every((fields) => fields.some((field) => holdsNever(field, domains)))) {
    yield { code: 'never-matches', path: '', message: 'The pattern can match no event' };
  }
  if (alternatives.some((fields) => fields.every((field) => holdsAlways(field, domains)))) {
    yield { code: 'always-matches', path: '', message: 'The pattern matches every event' };
  }
  for (const path of replaced) {
    yield {
      code: 'replaced',
      path,
      message: 'Conditions on this field stand twice; the later ones replace the earlier',
    };
  }
  if (orIsField) {
    const message =
      '"$or" is read as the name of a field, because it does not hold a list of at least two objects with fields';
    yield { code: 'or-as-field', path: '$or', message };
  }
}

/**
 * What is provably odd about a valid pattern. No warning does not mean that the pattern is right: only numbers and plain values
 * are reasoned about, with what is known about the values on each path.
 */
export function analyse(pattern: Pattern, domains: Domains = anything): readonly Warning[] {
  const warnings = [...patternWarnings(pattern, domains)];
  const fields = new Set(pattern.alternatives.flat());
  for (const field of fields) warnings.push(...fieldWarnings(field, domains));
  if (isObject(pattern.source)) warnings.push(...operatorsAsFields(pattern.source, ''));
  return warnings;
}
