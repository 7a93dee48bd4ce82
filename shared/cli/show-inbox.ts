import { rungsOf } from '../model/approval.ts';
import { reasons } from '../model/reason.ts';
import type { OpenQuestion } from '../run/inbox.ts';
import { changeLines } from './show-plan.ts';
import { bold, columns, cyan, dim, green, inert, red, wrap, yellow } from './style.ts';

/** A command as it is typed in a checkout of Cordon. */
export const asTyped = (command: string): string => command.replace(/^cordon /, 'npm run cordon -- ');

/** `2026-11-20 09:35 UTC`. */
export const utc = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** Minutes as people say them: `3 h 05 min`. */
export function minutesText(minutes: number): string {
  if (minutes < 60) return `${Math.max(0, minutes)} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const urgent = (minutes: number): string => {
  const text = `${minutesText(minutes)} left`;
  if (minutes < 15) return red(text);
  return minutes < 60 ? yellow(text) : green(text);
};

const shortest = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

function foundRows({ finding, targetName, target, account }: OpenQuestion): string[][] {
  if (!finding) return [['found', yellow('the run that asks is not in the store')]];
  return [
    ['found', `${inert(shortest(finding.title, 160))}  ${dim(`${finding.severity}, ${finding.provider}`)}`],
    ['', dim(inert(finding.type))],
    [
      'target',
      `${cyan(inert(targetName ?? ''))}  ${dim(inert(shortest(target ?? '', 100)))}  account ${inert(account)}`,
    ],
  ];
}

function askRows(question: OpenQuestion): string[][] {
  const { asked, turnUntil, votes, quorum, requester, reason, asks, deadline } = question;
  const later = rungsOf(question).length > 1 && turnUntil < deadline ? dim(', then others are asked too') : '';
  const given = votes.map(({ person, verdict }) => `${person} ${verdict}`).join(', ');
  return [
    ['why', `${reasons[reason]}${asks?.detail === undefined ? '' : dim(` (${inert(asks.detail)})`)}`],
    ['asked', `${inert(asked.join(', '))} until ${utc(turnUntil)}${later}`],
    [
      'votes',
      `${votes.length} of ${quorum}${given === '' ? '' : `: ${inert(given)}`}  ${dim(`asked by ${inert(requester)}, who cannot answer`)}`,
    ],
  ];
}

const cutRows = ({ cut }: OpenQuestion): string[][] =>
  cut.length === 0
    ? [['cut', dim('nothing yet')]]
    : cut.map(({ action, targetName, since }, at) => [
        at === 0 ? 'cut' : '',
        `${green('✓')} ${action} on ${cyan(inert(targetName))}  ${dim(`since ${utc(since)}`)}`,
      ]);

/** One question: what was found, what is cut already, what waits, and how to answer. */
export function questionLines(question: OpenQuestion, mine: boolean): string[] {
  const { id, asks, step, playbook, minutesLeft, digest, commands } = question;
  const label = (rows: string[][]): string[] =>
    columns(
      rows.map(([name = '', text = '']) => [dim(name.padEnd(8)), text]),
      '  ',
    );
  const cautions = (asks?.cautions ?? []).flatMap((caution) =>
    wrap(caution, 90).map((line, at) => [at === 0 ? 'caution' : '', yellow(inert(line))]),
  );
  return [
    `${yellow('?')} ${bold(inert(asks?.title ?? step))}  ${dim(playbook)}  ${urgent(minutesLeft)}${mine ? '' : dim('  not for you')}`,
    ...label([
      ...foundRows(question),
      ...cutRows(question),
      ['waits', `${step}  ${dim(asks?.action ?? 'its plan is not in the store')}`],
    ]),
    ...(asks?.changes ?? []).flatMap((change) => changeLines(change, '            ')),
    ...label([...cautions, ...askRows(question), ['plan', `${dim('sha256')} ${digest}`], ['id', id]]),
    ...commands.map((command) => `  ${dim('$')} ${asTyped(command)}`),
    '',
  ];
}

/** What waits for a person. */
export const inboxLines = (
  questions: readonly OpenQuestion[],
  isMine: (question: OpenQuestion) => boolean,
): string[] =>
  questions.length === 0
    ? [dim('nothing waits for an answer')]
    : questions.flatMap((question) => questionLines(question, isMine(question)));
