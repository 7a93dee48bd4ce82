import { own } from '../model/json.ts';
import type { RunState } from '../model/run.ts';
import type { Measured } from '../ports/metrics.ts';
import type { Entry, Row } from '../records/journal.ts';
import { measure } from './metrics.ts';

type Noted = { readonly at: string; readonly entry: Entry };
type Answered = { readonly at: string; readonly key: string; readonly value: unknown };

const notedIn = (rows: readonly Row[]): readonly Noted[] =>
  rows.flatMap(({ at, entries }) => entries.map((entry) => ({ at, entry })));

/** The effects that were answered and did not fail, and when. */
const answersIn = (noted: readonly Noted[]): readonly Answered[] =>
  noted.flatMap(({ at, entry }) =>
    entry.type === 'reply' && own(entry.reply, 'ok') === true
      ? [{ at, key: entry.key, value: own(entry.reply, 'value') }]
      : [],
  );

/** Milliseconds between two instants, never below 0; undefined where one is not known. */
const between = (from: string | undefined, to: string | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : Math.max(0, Date.parse(to) - Date.parse(from));

/** How long each question waited for the answer that decided it; nothing for one that nobody decided. */
const approvalTimes = (noted: readonly Noted[], answers: readonly Answered[]): readonly number[] =>
  answers.flatMap(({ at, key, value }) => {
    const id = key.endsWith('/ask') ? own(value, 'approval') : undefined;
    const votes = noted.flatMap(({ entry }) => (entry.type === 'approval' && entry.approval === id ? [entry.at] : []));
    return between(at, votes.sort().at(-1)) ?? [];
  });

/** What a run reserved in a quota, and when what failed for now was tried again: the journal keeps the instant. */
const isWait = /~(paced|\d+)$/;

const waited = (noted: readonly Noted[]): number =>
  noted.reduce(
    (sum, { at, entry }) =>
      entry.type === 'reply' && isWait.test(entry.key) ? sum + (between(at, String(entry.reply)) ?? 0) : sum,
    0,
  );

/** What changed under the run, and what the watch found open again and had this run contain. */
function driftOf({ order }: RunState, answers: readonly Answered[]): number {
  const drifted = answers.filter(({ value }) => own(value, 'result') === 'drifted').length;
  const reopened = order.kind === 'containment' && order.requester.kind === 'watch' && order.again?.same === true;
  return drifted + (reopened ? 1 : 0);
}

/** How long the parts of a containment took, by the times of its journal. */
function timesOf({ order, result }: RunState, noted: readonly Noted[]): readonly Measured[] {
  if (order.kind !== 'containment') return [];
  const { playbook, openedAt } = order;
  const answers = answersIn(noted);
  const planned = answers.find(({ key }) => key.startsWith('plan#'))?.at;
  const applied = noted.findLast(({ entry }) => entry.type === 'applied')?.at;
  const shown = answers.findLast(({ key, value }) => /\/verify-\d+$/.test(key) && own(value, 'open') === 0)?.at;
  const contained = applied !== undefined && result?.outcome === 'contained';
  const times = [
    ['TimeToPlan', between(openedAt, planned)],
    ['TimeToContain', between(openedAt, applied)],
    ['TimeToVerify', contained ? between(openedAt, shown) : undefined],
    ...approvalTimes(noted, answers).map((time) => ['TimeToApprove', time] as const),
  ] as const;
  return times.flatMap(([name, time]) => (time === undefined ? [] : [measure(name, time, { playbook })]));
}

/** What is measured of a run that is over, by what its journal holds. */
export function runMetrics(state: RunState, journal: readonly Row[]): readonly Measured[] {
  const noted = notedIn(journal);
  const { result } = state;
  const unseen = (result?.steps ?? []).filter(({ reason }) => reason === 'not-verified').length;
  const counts = [
    measure('ThrottleWait', waited(noted)),
    measure('VerifyFailed', unseen),
    measure('DriftDetected', driftOf(state, answersIn(noted))),
  ].filter(({ value }) => value > 0);
  return [measure('RunsEnded', 1, { outcome: result?.outcome ?? 'failed' }), ...timesOf(state, noted), ...counts];
}
