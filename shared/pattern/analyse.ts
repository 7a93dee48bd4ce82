import { isObject } from '../model/json.ts';
import type { Condition } from './condition.ts';
import { leafOf, type Scalar } from './leaf.ts';
import { describe, either, operators, testOf } from './operators.ts';
import type { AndMap, Field, Pattern } from './parse.ts';

/** Something about a valid pattern that its author hardly meant. */
export type Warning = {
  readonly code:
    | 'never-matches'
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

/** Whether the other alternatives let in all that this one excludes: told for plain values only, which can be tried. */
function leavesNothingOut(one: Exclusions, others: readonly Condition[]): boolean {
  if (one.of !== 'exactly') return false;
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

/** Whether a field holds in every event: absent or present, whatever the value. */
const holdsAlways = (field: Field): boolean =>
  field.conditions.some(isAbsence) && (field.conditions.some(isPresence) || idleExclusion(field) !== undefined);

const holdsNever = ({ conditions }: Field): boolean => conditions.every(isImpossible);

function* fieldWarnings(field: Field): Generator<Warning> {
  const { path, conditions } = field;
  if (holdsNever(field)) {
    const wanted = either(conditions.map((condition) => describe(condition)));
    yield { code: 'never-matches', path, message: `No number is ${wanted}` };
  }
  const idle = idleExclusion(field);
  if (idle !== undefined) {
    const message = `"${describe(idle)}" excludes nothing: conditions of one field are alternatives, and another lets it in`;
    yield { code: 'excludes-nothing', path, message };
  }
  const texts = conditions.map((condition) => JSON.stringify(condition));
  const repeated = conditions.find((_, at) => texts.indexOf(texts[at] ?? '') < at);
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

const isDead = (fields: AndMap): boolean => fields.some(holdsNever);

function* patternWarnings({ alternatives, replaced, orIsField }: Pattern): Generator<Warning> {
  if (alternatives.every(isDead)) {
    yield { code: 'never-matches', path: '', message: 'The pattern can match no event' };
  }
  if (alternatives.some((fields) => fields.every(holdsAlways))) {
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
 * are reasoned about.
 */
export function analyse(pattern: Pattern): readonly Warning[] {
  const warnings = [...patternWarnings(pattern)];
  const fields = new Set(pattern.alternatives.flat());
  for (const field of fields) warnings.push(...fieldWarnings(field));
  if (isObject(pattern.source)) warnings.push(...operatorsAsFields(pattern.source, ''));
  return warnings;
}
