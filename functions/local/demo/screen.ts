import { bold, columns, cyan, dim, fitted, green, inert, red, rule, wrap, yellow } from '../../../shared/cli/style.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { outcomeText } from '../../../shared/cli/show-run.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { reasons } from '../../../shared/model/reason.ts';
import type { RecordedCall } from '../../../shared/sandbox/record.ts';
import type { Audience, DemoReport, SceneReport } from './report.ts';

const say = (...lines: readonly string[]): void => console.log(lines.map((line) => fitted(line)).join('\n'));
const widest = 110;
const cut = (text: string): string => (text.length > widest ? `${text.slice(0, widest)}…` : text);

function found(finding: Finding): string[] {
  const affected = finding.resources
    .filter(({ role }) => role === 'affected')
    .map(({ type, name }) => `${type} ${inert(name)}`);
  return [
    `  ${dim('alert')}    ${bold(inert(finding.type))}  ${finding.severity}`,
    `           ${dim(cut(inert(finding.title)))}`,
    `  ${dim('found')}    ${cyan(affected.join(', '))}  ${dim(`in ${finding.account}`)}`,
  ];
}

const callLine = ({ operation, resource, status, error, cloud, mutating }: RecordedCall): string => {
  const mark = error ? red('✗') : mutating ? green('●') : dim('○');
  return `  ${dim('call')}     ${mark} ${mutating ? operation : dim(operation)} ${dim(cut(inert(cloud === 'azure' ? (resource.split('/providers/').at(-1) ?? '') : resource)))}${error ? ` ${red(`${status} ${error}`)}` : ''}`;
};

/** Shows the demo on a terminal, as it happens. */
export const onScreen: Audience = {
  scene: (title, finding) => say('', rule(title), ...found(finding)),
  attack(call, answer, worked, after) {
    const bad = worked ? red : green;
    say(
      `  ${dim(after ? 'after' : 'attacker')}${after ? '    ' : ' '}$ ${call}`,
      ...wrap(inert(answer)).map((line) => `           ${bad(line)}`),
    );
  },
  matched: (playbook, why, plan) =>
    say(
      `  ${dim('playbook')} ${bold(playbook)}  ${dim(cut(inert(why)))}`,
      ...(plan === 'target-gone'
        ? [`           ${yellow(reasons['target-gone'])}`]
        : planLines(plan, 1).map((line) => `  ${line}`)),
    ),
  call(call) {
    const refused = call.status === 401 || call.status === 403;
    if (refused || (call.mutating && !call.error)) say(callLine(call));
  },
  approval: (person, step, digest) =>
    say(`  ${dim('person')}   ${yellow(person)} approves ${bold(step)} of plan ${digest.slice(0, 16)}`),
  outcome: ({ outcome, reason, state }) =>
    say(
      `  ${dim('outcome')}  ${state.result ? outcomeText(state.result.outcome) : yellow(outcome)}  ${reason === 'allowed' ? 'every change was seen when read again' : reasons[reason as keyof typeof reasons]}`,
    ),
  leftAlone: (playbook, reason) =>
    say(`  ${dim('playbook')} ${bold(playbook)}`, `  ${dim('outcome')}  ${yellow(reason)}  ${reasons[reason]}`),
  watch: (title) => say('', rule(title)),
  release: (title, plan) => say('', rule(title), ...planLines(plan, 1).map((line) => `  ${line}`)),
  released: (outcome, now) => say(`  ${dim('outcome')}  ${outcome}`, `  ${dim('now')}      ${inert(now)}`),
};

function row({ title, runs, left, attacks, calls, asExpected, expected }: SceneReport): string[] {
  const outcome =
    runs.length === 0 ? (left[0] ?? 'no playbook') : [...new Set(runs.map((one) => one.outcome))].join(', ');
  const proof =
    attacks.length === 0
      ? ''
      : `${attacks.filter(({ stopped }) => stopped).length}/${attacks.length} of the attacker's calls stopped`;
  const reason = [...new Set(runs.map((one) => one.reason).filter((one) => one !== 'allowed'))].join(', ');
  const changes = calls.filter(({ mutating, error }) => mutating && !error).length;
  return [
    asExpected ? green('✓') : red('✗'),
    title,
    expected === 'contained' ? outcome : yellow(outcome),
    `${changes} change${changes === 1 ? '' : 's'}`,
    dim(proof || reason),
  ];
}

/** The table at the end. */
export function summary({ scenes, watches, releases, seconds }: DemoReport): void {
  const done = scenes.filter(({ asExpected }) => asExpected).length;
  say(
    '',
    rule('Summary'),
    ...columns(scenes.map(row), '  '),
    ...columns(
      [
        ...watches.map(({ title, outcome, now }) => [green('◉'), title, outcome, dim(cut(inert(now)))]),
        ...releases.map(({ title, outcome, restored }) => [green('↩'), title, outcome, dim(cut(inert(restored)))]),
      ],
      '  ',
    ),
    '',
    `  ${done} of ${scenes.length} as expected, in ${seconds.toFixed(1)} s. No cloud account was used: both clouds are simulated, the SDK clients are real.`,
  );
}
