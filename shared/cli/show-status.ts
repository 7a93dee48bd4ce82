import type { Status } from '../run/status.ts';
import { asTyped, utc } from './show-inbox.ts';
import { bold, columns, dim, green, inert, red, yellow } from './style.ts';

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${count} ${inert(name)}`)
    .join(', ');

/** A number that is good at zero. */
const better = (count: number, text: string): string => (count === 0 ? dim(text) : yellow(text));

function brakes({ switches, breakers, heldBack }: Status): string[][] {
  const stops = switches.map(({ scope, by, at, why }) => [
    red('halted'),
    `${bold(inert(scope))} by ${inert(by)}, ${utc(at)}: ${inert(why)}`,
  ]);
  const open = breakers.map(({ scope, openedAt, why }) => [
    red('breaker'),
    `open for ${bold(inert(scope))} since ${utc(openedAt)}: ${inert(why)}; close it with cordon close-breaker ${inert(scope)}`,
  ]);
  const back = heldBack.map(({ run, playbook, targetName }) => [
    yellow('held back'),
    `${run}  ${playbook}  ${inert(targetName)}`,
  ]);
  const calm = stops.length + open.length === 0 ? [[dim('brakes'), green('no kill switch on, no breaker open')]] : [];
  return [...calm, ...stops, ...open, ...back];
}

function work({ runs, questions, containments, holds }: Status): string[][] {
  const asked =
    questions.open === 0
      ? dim('none open')
      : yellow(
          `${questions.open} open, the oldest since ${utc(questions.oldest ?? '')}, the next deadline ${utc(questions.nextDeadline ?? '')}`,
        );
  const cut = containments.held === 0 ? dim('nothing') : `${containments.held}: ${counts(containments.byPlaybook)}`;
  return [
    [dim('runs'), `${runs.open} open, ${runs.waiting} waiting; today ${counts(runs.endedToday) || 'none'} ended`],
    [dim('questions'), asked],
    [
      dim('cut off'),
      `${cut}  ${better(containments.reviewsOverdue, `${containments.reviewsOverdue} reviews overdue`)}`,
    ],
    [dim('holds'), `${holds}`],
  ];
}

function chores({ outbox, expiredExclusions }: Status): string[][] {
  const since = outbox.oldest === null ? '' : ` since ${utc(outbox.oldest)}`;
  return [
    [
      dim('outbox'),
      `${better(outbox.waiting, `${outbox.waiting} waiting${since}`)}, ${better(outbox.givenUp, `${outbox.givenUp} given up`)}`,
    ],
    ...expiredExclusions.map(({ name, owner, expires }) => [
      yellow('expired'),
      `exclusion ${inert(name)} of ${inert(owner)}, since ${expires}: renew it or take it out`,
    ]),
  ];
}

/** How things stand, at one glance. */
export const statusLines = (status: Status): string[] => {
  const { stage, mode, at, switches, questions } = status;
  const next = [
    ...(switches.length > 0 ? [asTyped("cordon resume [run | --playbook <id> | --all] --why '...'")] : []),
    ...(questions.open > 0 ? [asTyped('cordon inbox')] : []),
  ];
  return [
    `${bold('Cordon')} stage ${inert(stage)}, ${mode === 'enforce' ? green('enforce') : yellow('dry-run')}  ${dim(utc(at))}`,
    ...columns([...brakes(status), ...work(status), ...chores(status)], '  '),
    ...next.map((command) => `  ${dim('$')} ${command}`),
  ];
};
