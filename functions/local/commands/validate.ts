import { dim, green, red, yellow } from '../../../shared/cli/style.ts';
import { analyse } from '../../../shared/pattern/analyse.ts';
import { parsePattern } from '../../../shared/pattern/parse.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks, type PlaybookFile } from '../playbooks.ts';

const warningsOf = ({ read, problems }: PlaybookFile) =>
  read && problems.length === 0
    ? analyse(parsePattern(read.playbook.on)).map(({ path, message }) => ({ path, message }))
    : [];

/** Checks playbooks without running them: shape, patterns, actions, inputs, templates. */
export async function validate(paths: readonly string[], { json }: { readonly json: boolean }): Promise<ExitCode> {
  const files = await loadPlaybooks(paths);
  const rows = files.map((file) => ({
    file: file.file,
    id: file.read?.playbook.id,
    problems: file.problems.map(({ message, remedy, place }) => ({ message, remedy, place })),
    warnings: warningsOf(file),
  }));
  print(json, rows, () =>
    files.flatMap((file) => [
      `${file.problems.length > 0 ? red('✗') : green('✓')} ${file.file}  ${dim(file.read ? `${file.read.playbook.steps.length} steps, ${file.read.playbook.tests.length} tests` : '')}`,
      ...file.problems.map((problem) => `    ${red(problem.describe())}`),
      ...warningsOf(file).map(({ path, message }) => `    ${yellow(`warning: on.${path}: ${message}`)}`),
    ]),
  );
  return files.some(({ problems }) => problems.length > 0) ? exit.invalid : exit.done;
}
