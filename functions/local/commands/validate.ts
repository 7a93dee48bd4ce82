import { dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { placedSteps } from '../../../shared/model/playbook.ts';
import { checkApprovals } from '../../../shared/playbook/check-approvals.ts';
import type { Problem } from '../../../shared/playbook/check-inputs.ts';
import { ownChangeWarnings } from '../../../shared/playbook/check-own-change.ts';
import { triggerWarnings } from '../../../shared/playbook/check-trigger.ts';
import type { ReadPlaybook } from '../../../shared/playbook/parse.ts';
import { findSettings } from '../../find-settings.ts';
import { parseSettings } from '../desk.ts';
import { missingTests } from '../missing-tests.ts';
import { allActions } from '../../wire.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks, type PlaybookFile } from '../playbooks.ts';

export type ValidateOptions = { readonly json: boolean; readonly config?: string; readonly stage?: string };

type Checked = {
  readonly file: PlaybookFile;
  readonly problems: readonly InvalidInput[];
  readonly warnings: readonly InvalidInput[];
};

const placed = ({ place }: ReadPlaybook, { path, message, remedy }: Problem): InvalidInput =>
  new InvalidInput({ code: 'bad-playbook', message, place: place(path), ...(remedy !== undefined && { remedy }) });

/** What is wrong, and apart from it what is only worth a look. */
async function checked(file: PlaybookFile, settings: Settings | undefined): Promise<Checked> {
  const { read, problems } = file;
  if (!read || problems.length > 0) return { file, problems, warnings: [] };
  const { playbook } = read;
  const approvals = settings ? checkApprovals(playbook, settings) : { problems: [], warnings: [] };
  const warnings: readonly Problem[] = [
    ...triggerWarnings(playbook),
    ...(await ownChangeWarnings(playbook, allActions)),
    ...missingTests(playbook).map((message) => ({ path: 'tests', message })),
    ...approvals.warnings,
  ];
  return {
    file,
    problems: approvals.problems.map((problem) => placed(read, problem)),
    warnings: warnings.map((warning) => placed(read, warning)),
  };
}

const headOf = ({ file: { file, read }, problems }: Checked): string => {
  const size = read ? `${placedSteps(read.playbook).length} steps, ${read.playbook.tests.length} tests` : '';
  return `${problems.length > 0 ? red('✗') : green('✓')} ${file}  ${dim(size)}`;
};

const dataOf = ({ message, remedy, place }: InvalidInput) => ({ message, remedy, place });

/** Checks playbooks without running them: shape, patterns, actions, inputs, templates, and approvals where settings are there. */
export async function validate(paths: readonly string[], { json, config, stage }: ValidateOptions): Promise<ExitCode> {
  const { file: given, text } = await findSettings(config, process.env);
  const settings = text === undefined ? undefined : parseSettings(text, given, stage);
  const all = await Promise.all((await loadPlaybooks(paths)).map((file) => checked(file, settings)));
  const rows = all.map(({ file, problems, warnings }) => ({
    file: file.file,
    id: file.read?.playbook.id,
    problems: problems.map(dataOf),
    warnings: warnings.map(dataOf),
  }));
  print(json, rows, () =>
    all.flatMap((one) => [
      headOf(one),
      ...one.problems.map((problem) => `    ${red('error')}    ${inert(problem.describe())}`),
      ...one.warnings.map((warning) => `    ${yellow('warning')}  ${inert(warning.describe())}`),
    ]),
  );
  return all.some(({ problems }) => problems.length > 0) ? exit.invalid : exit.done;
}
