import type { Hold } from '../records/holds.ts';
import type { CutOff } from '../run/contained-now.ts';
import type { ManyPlan } from '../run/release-many.ts';
import { asTyped, utc } from './show-inbox.ts';
import { planLines } from './show-plan.ts';
import { bold, columns, cyan, dim, green, inert, red, yellow } from './style.ts';

function untilText({ until, reviewAt, reviewOverdue }: CutOff): string {
  if (until !== null) return `ends by itself ${utc(until)}`;
  const review = `until released, review ${utc(reviewAt)}`;
  return reviewOverdue ? `${review}  ${red('review overdue')}` : review;
}

function watchText({ watched, recontained }: CutOff): string {
  const again = recontained === 0 ? '' : `  ${yellow(`contained again ${recontained} times`)}`;
  if (watched.next === null) return `${green('✓')} the last look is behind it${again}`;
  return `looked at ${watched.looks} of ${watched.of} times, next ${utc(watched.next)}${again}`;
}

function cutLines(one: CutOff): string[] {
  const { id, action, targetName, account, region, since, because, release } = one;
  const why = because.map(({ run, playbook, finding, by }, at) => [
    dim(at === 0 ? 'why' : ''),
    `${inert(finding.title)}  ${dim(`${finding.severity}, ${inert(finding.type)}`)}  by ${bold(playbook)}, run ${run}, asked by ${by.kind} ${inert(by.id)}`,
  ]);
  return [
    `${cyan(inert(targetName))}  ${bold(action)}  ${dim(`${inert(account)} ${region}`)}`,
    ...columns(
      [
        ...why,
        [dim('since'), `${utc(since)}, ${untilText(one)}`],
        [dim('watch'), watchText(one)],
        [dim('id'), dim(id)],
        ...release.map((command) => [dim('$'), asTyped(command)]),
      ],
      '  ',
    ),
  ];
}

/** What is cut off now: why, by whom, since when and until when, and the way back. */
export const containedLines = (all: readonly CutOff[]): string[] =>
  all.length === 0 ? [dim('nothing is cut off')] : all.flatMap((one) => [...cutLines(one), '']);

/** What a bulk release would do: each run's own plan, what is left as it is, and the digest over all. */
export const manyLines = ({ digest, runs, left }: ManyPlan): string[] => [
  ...runs.flatMap(({ run, playbook, targetName, plan }) => [
    `${bold('Run')} ${run}  ${playbook}  ${cyan(inert(targetName))}`,
    ...planLines(plan).map((line) => `  ${line}`),
    '',
  ]),
  ...left.map(
    ({ run, playbook, targetName, why }) => `${yellow('left')} ${run}  ${playbook}  ${inert(targetName)}  ${dim(why)}`,
  ),
  runs.length === 0
    ? dim('nothing that fits would be taken back')
    : `${bold(`${runs.length} runs`)} ${dim('together, sha256')} ${digest}`,
];

/** What is on hold: released by a person, and not contained again by the same finding. */
export const holdLines = (all: readonly Hold[]): string[] =>
  all.length === 0
    ? [dim('nothing is on hold')]
    : [
        ...columns(
          all.map(({ run, target, finding, by, at }) => [
            run,
            cyan(inert(target)),
            dim(inert(finding)),
            `released by ${inert(by)}`,
            utc(at),
          ]),
        ),
        dim(`Let the finding count again: ${asTyped('cordon unhold <run>')}`),
      ];
