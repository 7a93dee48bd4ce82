import * as z from 'zod';
import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import { isPortable, type PortableVerb, portableVerbs, tellPerson } from '../action/portable.ts';
import { type Json, type JsonObject, own } from '../model/json.ts';
import { nearest } from '../model/nearest.ts';
import type { PlacedStep, Step } from '../model/playbook.ts';
import type { TargetType } from '../model/target.ts';
import { fits, follow, memberOf, plainShapes, type Shape, shapeText, stepScope } from './scope.ts';
import { pathsIn, wholeTemplate, writingProblems } from './template.ts';

/** Something wrong, by its dotted path in the playbook. */
export type Problem = { readonly path: string; readonly message: string; readonly remedy?: string };

const inputShapes = ({ input }: Action): JsonObject =>
  own(z.toJSONSchema(input, { unrepresentable: 'any', io: 'input' }), 'properties') as JsonObject; // an object schema has them

/** What is wrong with the templates of one text that stands where `wanted` is wanted. */
function textProblems(text: string, at: string, scope: Shape, wanted: Shape): readonly Problem[] {
  const written = writingProblems(text);
  if (written.length > 0) return written.map((message) => ({ path: at, message }));
  const whole = wholeTemplate(text);
  if (whole === undefined && text.includes('${') && !fits({ type: 'string' }, wanted))
    return [{ path: at, message: `${JSON.stringify(text)} gives text, wanted is ${shapeText(wanted)}` }];
  return pathsIn(text).flatMap((path): readonly Problem[] => {
    const found = follow(path, scope);
    if (!('shape' in found)) return [{ path: at, ...found }];
    if (whole !== undefined && !fits(found.shape, wanted))
      return [{ path: at, message: `\${${path}} is ${shapeText(found.shape)}, wanted is ${shapeText(wanted)}` }];
    const scalar = plainShapes(found.shape).some(({ type }) => type !== 'array' && type !== 'object');
    if (whole !== undefined || scalar) return [];
    return [{ path: at, message: `\${${path}} is ${shapeText(found.shape)} and cannot stand inside a text` }];
  });
}

/** What is wanted under one key of what is wanted. */
const memberWanted = (wanted: Shape, key: string): Shape => ({
  anyOf: plainShapes(wanted).flatMap((one) => memberOf(one, key) ?? []),
});

/** What is wrong with the templates anywhere in a value. */
export function templateProblemsIn(value: Json, at: string, scope: Shape, wanted: Shape = {}): readonly Problem[] {
  if (typeof value === 'string') return textProblems(value, at, scope, wanted);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    templateProblemsIn(member, `${at}.${key}`, scope, memberWanted(wanted, key)),
  );
}

const isTemplate = (value: Json | undefined): boolean => JSON.stringify(value ?? null).includes('${');

/** Inputs that are given to an action: wrong literals, templates that find nothing or do not fit. */
function valueProblems(step: Step, path: string, action: Action, scope: Shape): readonly Problem[] {
  const shapes = inputShapes(action);
  return Object.entries(step.with).flatMap(([name, value]): readonly Problem[] => {
    const schema = own(action.input.shape, name);
    if (schema === undefined) return [];
    const at = `${path}.with.${name}`;
    if (isTemplate(value)) return templateProblemsIn(value, at, scope, (shapes[name] ?? {}) as Shape); // a schema's member
    const [issue] = action.input.shape[name]?.safeParse(value).error?.issues ?? [];
    return issue ? [{ path: at, message: `${name}: ${issue.message}` }] : [];
  });
}

const needed = ({ input }: Action): readonly string[] =>
  Object.keys(input.shape).filter((name) => input.shape[name]?.safeParse(undefined).success === false);

function unknownInputs({ action, with: given }: Step, path: string, known: readonly string[]): readonly Problem[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `${path}.with.${name}`,
      message: `${action} has no input ${name}`,
      remedy: nearest(name, known),
    }));
}

const missingInputs = ({ action, with: given }: Step, path: string, wanted: readonly string[]): readonly Problem[] =>
  wanted
    .filter((name) => !Object.hasOwn(given, name))
    .map((name) => ({ path: `${path}.with`, message: `${action} needs the input ${name}` }));

const plainProblems = (step: Step, path: string, action: Action, scope: Shape): readonly Problem[] => [
  ...unknownInputs(step, path, Object.keys(action.input.shape)),
  ...valueProblems(step, path, action, scope),
  ...missingInputs(step, path, needed(action)),
];

/** The kinds of target that a portable step can be about, as far as its template tells; undefined where it does not. */
function typesNamed(target: Json | undefined, scope: Shape): readonly string[] | undefined {
  const path = typeof target === 'string' ? wholeTemplate(target) : undefined;
  const found = path === undefined ? undefined : follow(path, scope);
  if (!found || !('shape' in found)) return undefined;
  const types = plainShapes(found.shape).map((shape) => own(own(own(shape, 'properties'), 'type'), 'const'));
  return types.every((type) => typeof type === 'string') ? types : undefined;
}

const aTarget: Shape = { anyOf: [{ type: 'string' }, { type: 'object' }] };

async function verbProblems(
  verb: PortableVerb,
  { step, path }: PlacedStep,
  catalogue: Catalogue,
  scope: Shape,
): Promise<readonly Problem[]> {
  const all = Object.values(catalogue).filter(({ portable }) => portable?.verb === verb);
  const covered: readonly TargetType[] = [...new Set(all.flatMap(({ portable }) => portable?.target ?? []))];
  const { target } = step.with;
  const types = typesNamed(target, scope);
  const entries = all.filter(({ portable }) => !types || types.some((type) => type === portable?.target));
  if (entries.length === 0)
    return [
      {
        path: `${path}.action`,
        message: `no action declares ${verb} for ${types?.join(' or ') ?? 'anything'}`,
        remedy: covered.length > 0 ? `There is one for ${covered.join(', ')}.` : 'Name an action instead.',
      },
    ];
  const actions = await Promise.all(entries.map(({ load }) => load()));
  const known = ['target', ...new Set(actions.flatMap(({ input }) => Object.keys(input.shape)))];
  const missing = actions.map((action) =>
    needed(action).filter((name) => !Object.hasOwn(action.portable?.with ?? {}, name)),
  );
  const wanted = missing.reduce((common, names) => common.filter((name) => names.includes(name)));
  const values = actions.map((action) => valueProblems(step, path, action, scope));
  const targetProblems = target === undefined ? [] : templateProblemsIn(target, `${path}.with.target`, scope, aTarget);
  return [
    ...unknownInputs(step, path, known),
    ...targetProblems,
    // An input may be meant for one of the actions only: it is wrong where it fits none that takes it.
    ...(values.every((problems) => problems.length > 0) ? (values[0] ?? []) : []),
    ...missingInputs(step, path, ['target', ...wanted]),
  ];
}

/** A step that only tells may ask as well, then always: there is no change that could go without. */
function tellingProblems({ step, path }: PlacedStep): readonly Problem[] {
  const { when, unless } = step.approve ?? {};
  const always = when === undefined && unless === undefined;
  const message = `approve of ${tellPerson} takes neither when nor unless`;
  const remedy = 'Say who is asked: approve: { by: [approver], within: 8h }; without approve people are told.';
  return [...unknownInputs(step, path, []), ...(always ? [] : [{ path: `${path}.approve`, message, remedy }])];
}

/** What can be said about the action and the inputs of a step before they are known. */
export async function stepProblems(
  placed: PlacedStep,
  catalogue: Catalogue,
  whole: Shape,
): Promise<readonly Problem[]> {
  const { step, path } = placed;
  const list: Shape = { type: 'array' };
  const around = [
    ...(step.forEach === undefined ? [] : templateProblemsIn(step.forEach, `${path}.forEach`, whole, list)),
    ...(step.in === undefined
      ? []
      : templateProblemsIn(step.in, `${path}.in`, stepScope(whole, step), { type: 'string' })),
  ];
  const scope = stepScope(whole, step);
  if (step.action === tellPerson) return [...around, ...tellingProblems(placed)];
  if (isPortable(step.action)) return [...around, ...(await verbProblems(step.action, placed, catalogue, scope))];
  const entry = Object.hasOwn(catalogue, step.action) ? catalogue[step.action] : undefined;
  if (entry) return [...around, ...plainProblems(step, path, await entry.load(), scope)];
  const names = [...Object.keys(catalogue), ...Object.keys(portableVerbs), tellPerson];
  const unknown = {
    path: `${path}.action`,
    message: `there is no action ${step.action}`,
    remedy: nearest(step.action, names),
  };
  return [unknown, ...around, ...templateProblemsIn(step.with, `${path}.with`, scope)];
}
