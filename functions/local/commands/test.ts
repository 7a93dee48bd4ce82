import { tellPerson } from '../../../shared/action/portable.ts';
import { bold, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { type Playbook, placedSteps, stepOfUse } from '../../../shared/model/playbook.ts';
import { type Northwind, readNorthwind } from '../desk.ts';
import { missingTests } from '../missing-tests.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks, type PlaybookFile } from '../playbooks.ts';
import { type Difference, type Tried, tryPlaybook } from '../try.ts';

/** A step that tests have not shown to work, and the line where it stands. */
type Unproven = { readonly step: string; readonly line: number };

type Row = {
  readonly file: string;
  readonly playbook: string;
  readonly invalid: readonly string[];
  readonly tests: readonly Tried[];
  /** What every playbook's tests must show, and these do not. */
  readonly missing: readonly string[];
  /** Steps that stand in no plan of any test. */
  readonly unreached: readonly Unproven[];
  /** Steps that are planned and never make a change, as where they wait for a person. */
  readonly onlyPlanned: readonly Unproven[];
};

/** The steps that some uses belong to, whatever list, group or end they stand in. */
const stepsOf = (playbook: Playbook, uses: readonly string[]): ReadonlySet<string> =>
  new Set(uses.flatMap((use) => stepOfUse(playbook, use)?.step.id ?? []));

async function rowOf({ file, read, problems }: PlaybookFile, company: Northwind): Promise<Row> {
  const nothing = { tests: [], missing: [], unreached: [], onlyPlanned: [] };
  const invalid = problems.map((problem) => problem.describe());
  if (!read || invalid.length > 0) return { file, playbook: read?.playbook.id ?? file, invalid, ...nothing };
  const { playbook, place } = read;
  const tests: Tried[] = [];
  for (const one of playbook.tests) tests.push(await tryPlaybook(playbook, one, { company }));
  const reached = stepsOf(
    playbook,
    tests.flatMap((one) => one.reached),
  );
  const planned = stepsOf(
    playbook,
    tests.flatMap((one) => one.planned),
  );
  const unproven = placedSteps(playbook)
    .filter(({ step }) => !reached.has(step.id) && step.action !== tellPerson)
    .map(({ step, path }) => ({ step: step.id, line: place(path).line ?? 1 }));
  return {
    file,
    playbook: playbook.id,
    invalid,
    tests,
    missing: missingTests(playbook),
    unreached: unproven.filter(({ step }) => !planned.has(step)),
    onlyPlanned: unproven.filter(({ step }) => planned.has(step)),
  };
}

const differenceLines = ({ what, expected, got, detail }: Difference): string[] => [
  `      ${what}`,
  `        ${green(`+ ${inert(expected)}`)}  ${dim('expected')}`,
  `        ${red(`- ${inert(got)}`)}  ${dim('got')}`,
  ...(detail ? [`        ${dim(inert(detail))}`] : []),
];

const named = (steps: readonly Unproven[]): string =>
  steps.map(({ step, line }) => `${step} (line ${line})`).join(', ');

const linesOf = ({ file, playbook, invalid, tests, missing, unreached, onlyPlanned }: Row): string[] => [
  `${bold(inert(playbook))}  ${dim(file)}`,
  ...invalid.map((problem) => `  ${red('✗')} ${inert(problem)}`),
  ...tests.flatMap(({ test, problems, milliseconds }) => [
    `  ${problems.length === 0 ? green('✓') : red('✗')} ${inert(test)}  ${dim(`${milliseconds} ms`)}`,
    ...problems.flatMap(differenceLines),
  ]),
  ...missing.map((what) => `  ${red('✗')} ${what}`),
  ...(unreached.length > 0 ? [`  ${yellow('!')} no test reaches ${named(unreached)}`] : []),
  ...(onlyPlanned.length > 0 ? [`  ${yellow('!')} no test makes a change with ${named(onlyPlanned)}`] : []),
];

/** How all of it went, in numbers. */
function summed(rows: readonly Row[]) {
  const tests = rows.flatMap((row) => row.tests);
  const failed = tests.filter(({ problems }) => problems.length > 0).length;
  return {
    playbooks: rows.length,
    invalid: rows.filter(({ invalid }) => invalid.length > 0).length,
    passed: tests.length - failed,
    failed,
    missing: rows.flatMap(({ missing }) => missing).length,
    unreached: rows.flatMap(({ unreached, onlyPlanned }) => [...unreached, ...onlyPlanned]).length,
    milliseconds: tests.reduce((sum, one) => sum + one.milliseconds, 0),
  };
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

function summaryLine({
  playbooks,
  invalid,
  passed,
  failed,
  missing,
  unreached,
  milliseconds,
}: ReturnType<typeof summed>) {
  return [
    counted(playbooks, 'playbook'),
    ...(invalid > 0 ? [red(`${invalid} not valid`)] : []),
    green(`${passed} passed`),
    ...(failed > 0 ? [red(`${failed} failed`)] : []),
    ...(missing > 0 ? [red(`${counted(missing, 'test')} missing`)] : []),
    ...(unreached > 0 ? [yellow(`${counted(unreached, 'step')} unproven`)] : []),
    dim(`${milliseconds} ms`),
  ].join(', ');
}

/**
 * Runs the tests that playbooks carry on the sandbox company, and names what no test has shown: a playbook answers something,
 * leaves something alone, and uses each of its steps. Only the last of these is no failure.
 */
export async function test(paths: readonly string[], { json }: { readonly json: boolean }): Promise<ExitCode> {
  const rows: Row[] = [];
  const company = await readNorthwind();
  for (const file of await loadPlaybooks(paths)) rows.push(await rowOf(file, company));
  const summary = summed(rows);
  print(json, { playbooks: rows, summary }, () => [
    ...rows.flatMap((row) => [...linesOf(row), '']),
    summaryLine(summary),
  ]);
  if (summary.invalid > 0) return exit.invalid;
  return summary.failed + summary.missing > 0 ? exit.failed : exit.done;
}
