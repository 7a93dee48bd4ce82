import type { Catalogue } from '../action/catalogue.ts';
import type { Action } from '../action/action.ts';
import { CordonError, InvalidInput, messageOf } from '../model/error.ts';
import { nearest } from '../model/nearest.ts';
import type { Json } from '../model/json.ts';
import type { Step } from '../model/playbook.ts';
import { parsePattern } from '../pattern/parse.ts';
import { patternsOf } from './compiled.ts';
import type { ReadPlaybook } from './parse.ts';
import { templateProblems } from './template.ts';

type Found = { readonly path: string; readonly message: string; readonly remedy?: string };

function patternProblems({ playbook }: ReadPlaybook): Found[] {
  return patternsOf(playbook).flatMap(([path, source]): Found[] => {
    try {
      parsePattern(source);
      return [];
    } catch (thrown) {
      const inside = thrown instanceof CordonError && thrown.place?.path ? `.${thrown.place.path}` : '';
      const remedy = thrown instanceof CordonError ? thrown.remedy : undefined;
      return [{ path: `${path}${inside}`, message: messageOf(thrown), ...(remedy !== undefined && { remedy }) }];
    }
  });
}

const isTemplate = (value: Json | undefined): boolean => JSON.stringify(value ?? null).includes('${');

/** What can be said about a step's inputs before they are known: unknown names, missing ones, wrong literals. */
function inputProblems(step: Step, path: string, { input }: Action): Found[] {
  const known = Object.keys(input.shape);
  const given = Object.keys(step.with);
  const unknown = given.filter((name) => !known.includes(name));
  const literals = given.filter((name) => known.includes(name) && !isTemplate(step.with[name]));
  const problems = unknown.map(
    (name): Found => ({
      path: `${path}.with.${name}`,
      message: `${step.action} has no input ${name}`,
      remedy: nearest(name, known),
    }),
  );
  for (const name of literals) {
    const [issue] = input.shape[name]?.safeParse(step.with[name]).error?.issues ?? [];
    if (issue) problems.push({ path: `${path}.with.${name}`, message: `${name}: ${issue.message}` });
  }
  const missing = known.filter(
    (name) => !given.includes(name) && input.shape[name]?.safeParse(undefined).success === false,
  );
  return [
    ...problems,
    ...missing.map((name): Found => ({ path: `${path}.with`, message: `${step.action} needs the input ${name}` })),
  ];
}

async function stepProblems(step: Step, at: number, catalogue: Catalogue): Promise<Found[]> {
  const path = `steps.${at}`;
  const templates = [step.with, step.forEach ?? null, step.in ?? null].flatMap((value) =>
    templateProblems(value as Json),
  ); // JSON by schema
  const entry = Object.hasOwn(catalogue, step.action) ? catalogue[step.action] : undefined;
  const inputs = entry ? inputProblems(step, path, await entry.load()) : [];
  const unknown: Found[] = entry
    ? []
    : [
        {
          path: `${path}.action`,
          message: `there is no action ${step.action}`,
          remedy: nearest(step.action, Object.keys(catalogue)),
        },
      ];
  return [...unknown, ...templates.map((message): Found => ({ path: `${path}.with`, message })), ...inputs];
}

/** Uses of a step with `forEach` are called `id-1`, `id-2`, …: no other step may be. */
const namesTaken = (steps: readonly Step[]): Found[] =>
  steps.flatMap((other, at) => {
    const number = /-([1-9]\d*)$/.exec(other.id)?.[1];
    const listed = steps.find(({ id, forEach }) => forEach !== undefined && `${id}-${number}` === other.id);
    if (!listed || number === undefined) return [];
    const ordinal = ['first', 'second', 'third'][Number(number) - 1] ?? `${number}th`;
    return [
      {
        path: `steps.${at}.id`,
        message: `${other.id} is also what the ${ordinal} use of ${listed.id} would be called`,
      },
    ];
  });

/** Everything wrong with a playbook that can be known without running it, each with its place. */
export async function checkPlaybook(read: ReadPlaybook, catalogue: Catalogue): Promise<readonly InvalidInput[]> {
  const { steps } = read.playbook;
  const repeated = steps.filter(({ id }, at) => steps.findIndex((other) => other.id === id) !== at);
  const found = [
    ...patternProblems(read),
    ...repeated.map(({ id }): Found => ({ path: 'steps', message: `two steps are called ${id}` })),
    ...namesTaken(steps),
    ...(await Promise.all(steps.map((step, at) => stepProblems(step, at, catalogue)))).flat(),
  ];
  return found.map(
    ({ path, message, remedy }) =>
      new InvalidInput({
        code: 'bad-playbook',
        message,
        place: read.place(path),
        ...(remedy !== undefined && { remedy }),
      }),
  );
}
