import type * as z from 'zod';
import type { Action } from '../action/action.ts';
import { loadAction } from '../action/catalogue.ts';
import { InvalidInput } from '../model/error.ts';
import { asJson, type JsonObject } from '../model/json.ts';
import { Playbook, type Step } from '../model/playbook.ts';
import type { Target } from '../model/target.ts';
import { matches } from '../pattern/match.ts';
import { compilePlaybook } from '../playbook/compiled.ts';
import type { Canary } from './canary.ts';
import type { RunDeps } from './deps.ts';

const wrong = (message: string, remedy: string) => new InvalidInput({ code: 'bad-drill', message, remedy });

/** How the names of playbooks begin that are made for a drill. */
export const drillPrefix = 'drill-';

type Draft = z.input<typeof Playbook>;

/** The same steps for this target alone, under a name of their own: budgets, journals and messages say that it is a drill. */
const drilled = (id: string, title: string, steps: Draft['steps'], last: Draft['finally'] = []): Playbook =>
  Playbook.parse({
    id: `${drillPrefix}${id}`.slice(0, 60),
    title: `Drill: ${title}`.slice(0, 120),
    on: { finding: { type: ['Person/NamedTarget'] } },
    mode: 'enforce',
    steps,
    finally: last,
  });

const unasked = ({ approve: _, ...step }: Step): Step => step;

/** A playbook as a drill. Whom its steps ask is asked all the same, unless the settings name the canary. */
export function drillOf(playbook: Playbook, { target, standing }: Canary): Playbook {
  const { id, title, steps, finally: last } = playbook;
  if (!matches(compilePlaybook(playbook).targets, asJson(target)))
    throw wrong(`${id} does not act on ${target.type}`, 'Give a canary of the kind that it acts on.');
  if (standing === 'tagged') return drilled(id, title, steps, last);
  const all = steps.map((one) => ('parallel' in one ? { parallel: one.parallel.map(unasked) } : unasked(one)));
  return drilled(id, title, all, last.map(unasked));
}

/** Inputs that are called like what the target says of itself, and ids of Azure resources that are the target's own. */
function inputsFrom(target: Target, { input, cloud }: Action): Readonly<Record<string, string>> {
  const own = Object.keys(input.shape).flatMap((name) => {
    if (Object.hasOwn(target, name)) return [[name, `\${target.${name}}`] as const];
    return cloud === 'azure' && name.endsWith('Id') ? [[name, '${target.id}'] as const] : [];
  });
  return Object.fromEntries(own);
}

/** Inputs that cannot lead away from the canary: numbers, and what it is itself called. */
function harmless(target: Target, given: JsonObject): JsonObject {
  const itsOwn = Object.values(target);
  const astray = Object.entries(given).find(([, value]) => typeof value !== 'number' && !itsOwn.includes(value));
  if (!astray) return given;
  const remedy = 'Give numbers, and ids of the canary itself; drill anything else by a playbook.';
  throw wrong(`${astray[0]} could lead to something else than the canary`, remedy);
}

/** One action as a drill: its inputs out of the target, as its portable verb has them, or as given. */
export async function drillOfAction(
  { actions }: Pick<RunDeps, 'actions'>,
  id: string,
  target: Target,
  given: JsonObject,
): Promise<Playbook> {
  const { action } = await loadAction(actions, id);
  if (action.target !== target.type)
    throw wrong(`${id} acts on ${action.target}, and the canary is ${target.type}`, 'Give another canary.');
  const inputs = { ...inputsFrom(target, action), ...action.portable?.with, ...harmless(target, given) };
  return drilled(id.replaceAll('.', '-'), action.title, [{ id: 'contain', action: id, with: inputs }]);
}
