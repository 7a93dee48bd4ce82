import type { Catalogue } from '../action/catalogue.ts';
import { tagProblem } from '../config/guards.ts';
import { secondsOf } from '../model/duration.ts';
import { CordonError, InvalidInput, messageOf } from '../model/error.ts';
import { own } from '../model/json.ts';
import { nearest } from '../model/nearest.ts';
import { type PlacedStep, type Playbook, placedSteps } from '../model/playbook.ts';
import { parsePattern } from '../pattern/parse.ts';
import { type Problem, stepProblems } from './check-inputs.ts';
import { patternsOf } from './compiled.ts';
import type { ReadPlaybook } from './parse.ts';
import { playbookScope, targetTypes } from './scope.ts';

function patternProblems({ playbook }: ReadPlaybook): Problem[] {
  return patternsOf(playbook).flatMap(([path, source]): Problem[] => {
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

/** Where tags would make a decision laxer: they may be written by the very one whom the playbook is for. */
const laxTags = ({ playbook }: ReadPlaybook): Problem[] =>
  patternsOf(playbook).flatMap(([path, source]): Problem[] => {
    const makes = path.endsWith('.approve.unless') ? 'laxer' : path.endsWith('.approve.when') ? 'stricter' : undefined;
    const message = makes && tagProblem(source, makes);
    if (message === undefined) return [];
    const remedy = 'Ask by a fact that Cordon reads itself, as target.autoScalingGroup or the account of the finding.';
    return [{ path, message: `${path.split('.').slice(-2).join('.')} ${message}`, remedy }];
  });

/** Uses of a step with `forEach` are called `id-1`, `id-2`, …: no other step may be. */
const namesTaken = (placed: readonly PlacedStep[]): Problem[] =>
  placed.flatMap(({ step: other, path }) => {
    const number = /-([1-9]\d*)$/.exec(other.id)?.[1];
    const listed = placed
      .map(({ step }) => step)
      .find(({ id, forEach }) => forEach !== undefined && `${id}-${number}` === other.id);
    if (!listed || number === undefined) return [];
    const ordinal = ['first', 'second', 'third'][Number(number) - 1] ?? `${number}th`;
    return [
      {
        path: `${path}.id`,
        message: `${other.id} is also what the ${ordinal} use of ${listed.id} would be called`,
      },
    ];
  });

/** Kinds of target that there are not. */
function unknownTypes({ targets }: Playbook): Problem[] {
  const named: unknown = own(targets, 'type');
  const words = Array.isArray(named) ? named.filter((type) => typeof type === 'string') : [];
  return words
    .filter((type) => !targetTypes.some((known) => known === type))
    .map((type) => ({
      path: 'targets.type',
      message: `there is no kind of target ${type}`,
      remedy: nearest(type, targetTypes),
    }));
}

/** No host keeps a question open for longer (docs.aws.amazon.com/lambda, durable functions). */
const longestDays = 366;

/** Questions that stay open for longer than a run can. */
const waits = (placed: readonly PlacedStep[]): Problem[] =>
  placed.flatMap(({ step: { approve }, path }): Problem[] => {
    if (!approve) return [];
    const rungs = approve.silence === 'escalate' ? approve.by.length + 1 : 1;
    if (secondsOf(approve.within) * rungs <= longestDays * 86_400) return [];
    const message = `the question would stay open for over ${longestDays} days`;
    return [{ path: `${path}.approve.within`, message, remedy: 'Ask for a shorter time.' }];
  });

/** Everything wrong with a playbook that can be known without running it, each with its place. */
export async function checkPlaybook(read: ReadPlaybook, catalogue: Catalogue): Promise<readonly InvalidInput[]> {
  const steps = placedSteps(read.playbook);
  const repeated = steps.filter(({ step }, at) => steps.findIndex((other) => other.step.id === step.id) !== at);
  const scope = playbookScope(read.playbook);
  const found = [
    ...patternProblems(read),
    ...laxTags(read),
    ...repeated.map(({ step, path }): Problem => ({ path, message: `two steps are called ${step.id}` })),
    ...namesTaken(steps),
    ...unknownTypes(read.playbook),
    ...waits(steps),
    ...(await Promise.all(steps.map((one) => stepProblems(one, catalogue, scope)))).flat(),
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
