import { bold, dim, green, red, yellow } from '../../../shared/cli/style.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks } from '../playbooks.ts';
import { type Tried, tryPlaybook } from '../try.ts';

type Row = {
  readonly file: string;
  readonly playbook: string;
  readonly invalid: readonly string[];
  readonly tried: readonly Tried[];
  readonly unreached: readonly string[];
};

const stepName = (id: string): string => id.replace(/-\d+$/, '');

function linesOf({ file, playbook, invalid, tried, unreached }: Row): string[] {
  return [
    `${bold(playbook)}  ${dim(file)}`,
    ...invalid.map((problem) => `  ${red(problem)}`),
    ...tried.flatMap(({ test, problems }) => [
      `  ${problems.length === 0 ? green('✓') : red('✗')} ${test}`,
      ...problems.map((problem) => `      ${red(problem)}`),
    ]),
    ...(unreached.length > 0 ? [`  ${yellow(`no test makes a change with: ${unreached.join(', ')}`)}`] : []),
  ];
}

/** Runs the tests that playbooks carry on the sandbox company; names the steps that no test reached. */
export async function test(paths: readonly string[], { json }: { readonly json: boolean }): Promise<ExitCode> {
  const rows: Row[] = [];
  for (const { file, read, problems } of await loadPlaybooks(paths)) {
    const tried: Tried[] = [];
    const playbook = read && problems.length === 0 ? read.playbook : undefined;
    for (const one of playbook?.tests ?? []) if (playbook) tried.push(await tryPlaybook(playbook, one));
    const reached = new Set(tried.flatMap((one) => one.reached).flatMap((id) => [id, stepName(id)]));
    const unreached = (playbook?.steps ?? []).filter(({ id }) => !reached.has(id)).map(({ id }) => id);
    rows.push({
      file,
      playbook: read?.playbook.id ?? file,
      invalid: problems.map((problem) => problem.describe()),
      tried,
      unreached,
    });
  }
  const all = rows.flatMap(({ tried }) => tried);
  const failed = all.filter(({ problems }) => problems.length > 0).length;
  print(json, rows, () => [...rows.flatMap(linesOf), '', `${all.length - failed} passed, ${failed} failed`]);
  if (rows.some(({ invalid }) => invalid.length > 0)) return exit.invalid;
  return failed > 0 ? exit.failed : exit.done;
}
