import { type Notice, type NoticeKind, type NoticeStep, occasions } from '../model/notice.ts';
import { reasons } from '../model/reason.ts';
import { inert, oneLine } from './inert.ts';

/** One part of a notice: a heading, and lines that every channel can show as they are. */
export type NoticePart = {
  readonly name: 'found' | 'cut' | 'waits' | 'not-done' | 'asks' | 'more' | 'commands';
  readonly heading: string;
  readonly lines: readonly string[];
};

/** What a notice says, in the order people need it; nothing in it is anything but text. */
export type NoticeParts = {
  /** In Cordon's own words and ids alone: fit for a subject or a lock screen. */
  readonly headline: string;
  readonly parts: readonly NoticePart[];
};

const headlines: Readonly<Record<NoticeKind, string>> = {
  'approval-asked': 'Approval needed',
  'approval-escalated': 'Approval still needed',
  'run-ended': 'Run over',
  'review-due': 'Review due',
  'containment-broken': 'Containment broken',
  'containment-answered': 'Contained again',
  'breaker-opened': 'Circuit breaker open',
  halted: 'Halted',
  'event-set-aside': 'Event set aside',
  'missed-findings': 'Findings missed',
  'not-reconciled': 'Findings not compared',
};

/** Under which heading a step stands. */
type Shelf = 'cut' | 'waits' | 'not-done';
const shelves: Readonly<Record<NoticeStep['state'], Shelf>> = {
  contained: 'cut',
  'partly-contained': 'cut',
  unverified: 'cut',
  'nothing-to-do': 'cut',
  released: 'not-done',
  'rolled-back': 'not-done',
  asked: 'waits',
  waiting: 'waits',
  told: 'not-done',
  planned: 'not-done',
  'not-contained': 'not-done',
  denied: 'not-done',
  rejected: 'not-done',
  lapsed: 'not-done',
  unconfirmed: 'not-done',
  'target-gone': 'not-done',
  halted: 'not-done',
  failed: 'not-done',
};
/** States that say no more than their heading does. */
const plainStates: readonly NoticeStep['state'][] = ['contained', 'asked', 'waiting'];

const most = { lines: 20, line: 300, description: 600 };

/** `2026-11-20 09:35 UTC`. */
const utc = (instant: string): string => `${oneLine(instant, 40).replace('T', ' ').slice(0, 16)} UTC`;

const minutesBetween = (from: string, to: string): number =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));

function stepLine({ title, state, reason, changes }: NoticeStep): string {
  const size = changes === 0 ? '' : changes === 1 ? ' (1 change)' : ` (${changes} changes)`;
  const word = plainStates.includes(state) ? '' : `, ${state}`;
  const why = reason === 'allowed' ? '' : `: ${reasons[reason]}`;
  return `${oneLine(title, 120)}${size}${word}${why}`;
}

function foundLines({ finding, target, severity }: Notice): string[] {
  const what = finding && [
    `${inert(finding.title, 200)} (${severity}, ${inert(finding.provider, 40)})`,
    `Type: ${inert(finding.type, 160)}`,
    ...(finding.description === '' ? [] : [`It says: ${inert(finding.description, most.description)}`]),
  ];
  const where = target && [
    `Target: ${inert(target.name || target.id, 160)} (${inert(target.type, 80)}), account ${inert(target.account, 80)}${
      target.region === '' ? '' : `, ${inert(target.region, 40)}`
    }`,
    ...(target.name === '' ? [] : [`Id: ${inert(target.id, most.line)}`]),
  ];
  return [...(what ?? []), ...(where ?? [])];
}

function askLines({ asks, at }: Notice): string[] {
  if (!asks) return [];
  const minutes = minutesBetween(at, asks.until);
  return [
    `Of: ${oneLine(asks.to.join(', '), most.line)}`,
    `Until: ${utc(asks.until)}, ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} after this message`,
    ...asks.cautions.map((caution) => `Caution: ${inert(caution, most.line)}`),
    `Plan: ${oneLine(asks.digest, 64)}`,
  ];
}

/** Long lists end with how many more there are. */
const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= most.lines
    ? lines
    : [...lines.slice(0, most.lines - 1), `and ${lines.length - most.lines + 1} more; cordon explain shows all`];

/** What a notice says: what was found, what is cut, what waits, of whom and until when, and the commands. */
export function noticeParts(notice: Notice): NoticeParts {
  const { severity, kind, playbook, run, outcome, detail, steps, commands } = notice;
  const on = (shelf: Shelf): string[] => steps.filter(({ state }) => shelves[state] === shelf).map(stepLine);
  const cut = on('cut');
  const told = kind === 'run-ended' && outcome ? `${headlines[kind]}: ${outcome}` : headlines[kind];
  const parts: readonly NoticePart[] = [
    { name: 'found', heading: 'Found', lines: foundLines(notice) },
    { name: 'cut', heading: 'Already cut', lines: cut.length > 0 || steps.length === 0 ? cut : ['nothing yet'] },
    { name: 'waits', heading: 'Waits', lines: on('waits') },
    { name: 'not-done', heading: 'Not done', lines: on('not-done') },
    { name: 'asks', heading: 'An answer is asked', lines: askLines(notice) },
    {
      name: 'more',
      heading: 'More',
      lines: [occasions[kind], ...(detail === '' ? [] : [inert(detail, most.description)])],
    },
    { name: 'commands', heading: 'Commands', lines: commands.map((command) => oneLine(command, most.line)) },
  ];
  const about = [playbook && `playbook ${oneLine(playbook, 60)}`, run && `run ${oneLine(run, 40)}`].filter(Boolean);
  return {
    headline: [`${severity}: ${told}`, ...about].join(', '),
    parts: parts.flatMap(({ lines, ...part }) => (lines.length > 0 ? [{ ...part, lines: shortened(lines) }] : [])),
  };
}

/** A notice as plain text, the same for every channel that has no form of its own. */
export function noticeText(notice: Notice): string {
  const { headline, parts } = noticeParts(notice);
  const blocks = parts.map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join('\n'));
  return [headline, ...blocks].join('\n\n');
}
