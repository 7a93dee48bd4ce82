import type { Action } from '../action/action.ts';
import { type Catalogue, loadAction } from '../action/catalogue.ts';
import { isPortable, type PortableVerb, tellPerson } from '../action/portable.ts';
import { InvalidInput } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { Step } from '../model/playbook.ts';
import { targetNamed } from '../model/target-named.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';
import { render } from './template.ts';

/** The action that one use of a step comes down to; none where its portable verb means nothing there, and why. */
export type Meant = { readonly action?: Action; readonly hash: string; readonly fault?: InvalidInput };

/** The action that a verb means for one target, by id; undefined where none declares it. */
export const actionFor = (catalogue: Catalogue, verb: PortableVerb, target: JsonObject): string | undefined =>
  Object.entries(catalogue).find(
    ([, { portable }]) =>
      portable?.verb === verb &&
      portable.target === target['type'] &&
      (portable.where === undefined || matches(parsePattern(portable.where), target)),
  )?.[0];

/** The target of a portable step: a resource of the finding, or one named by its id alone. */
function targetOf(value: Json | undefined): JsonObject {
  if (isObject(value) && typeof value['type'] === 'string') return value as JsonObject; // an object out of JSON
  const named = typeof value === 'string' ? targetNamed(value) : undefined;
  if (named) return named;
  throw new InvalidInput({
    code: 'bad-target',
    message: 'the input target is no resource',
    place: { path: 'with.target' },
    remedy: 'Give "${target}", an item of finding.resources, or the id of a security group, a machine or a user.',
  });
}

/** The target that a portable step names, filled in. */
const targetIn = ({ with: given }: Step, scope: JsonObject): JsonObject =>
  targetOf(render(given['target'] ?? null, scope));

async function meantByVerb(catalogue: Catalogue, verb: PortableVerb, target: JsonObject): Promise<Meant> {
  const id = actionFor(catalogue, verb, target);
  if (id !== undefined) return loadAction(catalogue, id);
  const message = `no action declares ${verb} for ${String(target['type'])}`;
  return { hash: '', fault: new InvalidInput({ code: 'no-portable-action', message }) };
}

const byHand = (): Meant => {
  const message = 'nothing is changed here: a person takes it over';
  return { hash: '', fault: new InvalidInput({ code: 'by-hand', message }) };
};

/** Finds the action of one use of a step: the one it names, or the one its portable verb means for the target it names. */
export async function meantBy(catalogue: Catalogue, step: Step, scope: JsonObject): Promise<Meant> {
  if (step.action === tellPerson) return byHand();
  if (!isPortable(step.action)) return loadAction(catalogue, step.action);
  try {
    return await meantByVerb(catalogue, step.action, targetIn(step, scope));
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { hash: '', fault: thrown };
    throw thrown;
  }
}

/**
 * The inputs of one use of a step, filled in and not yet checked. Those of a portable verb come out of the target; what the step
 * gives beside it wins where the action knows it, and is left out where it does not. Throws `InvalidInput` for what is missing.
 */
export function inputOf({ portable, input }: Action, step: Step, scope: JsonObject): JsonObject {
  if (!isPortable(step.action)) return render(step.with, scope) as JsonObject; // an object stays one
  const given = Object.entries(step.with).filter(([name]) => Object.hasOwn(input.shape, name));
  const derived = Object.entries(portable?.with ?? {}).filter(([name]) => !Object.hasOwn(step.with, name));
  const target = targetIn(step, scope);
  return {
    ...(render(Object.fromEntries(derived), { ...scope, target }) as JsonObject), // an object stays one
    ...(render(Object.fromEntries(given), scope) as JsonObject),
  };
}
